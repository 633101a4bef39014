"""Somebody's own feed: the papers of his last digests, as Atom (RFC 4287) and JSON Feed 1.1 say it.

Its ids are tags (RFC 4151), so that they stay when the site moves and when the links are made new.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from worker.core.entry import page_url, search_url
from worker.deliveries import Delivery, DeliveryKind, DeliveryState
from worker.model import Paper, Pick, Subscriber

REACH: Final = timedelta(days=30)
MOST: Final = 200

SHOWN: Final = frozenset(DeliveryState) - {DeliveryState.SUPERSEDED, DeliveryState.CANCELLED}
"""The papers of the others are in a later digest, or in none."""

# What XML 1.0 forbids (section 2.2), also as a reference.
_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Home:
    """Whose feeds these are: the ``name`` of the list, its ``domain``, the address of its site."""

    name: str
    domain: str
    url: str


@dataclass(frozen=True, slots=True)
class Item:
    """One paper, once. ``updated`` is when the digest was planned, in RFC 3339."""

    id: str
    title: str
    url: str
    summary: str
    authors: tuple[str, ...]
    rules: tuple[str, ...]
    updated: str


@dataclass(frozen=True, slots=True)
class Feed:
    """All that both forms say. ``at`` is its newest change."""

    id: str
    title: str
    author: str
    home: str
    at: datetime
    items: tuple[Item, ...]

    @property
    def updated(self) -> str:
        """As RFC 3339 has it."""
        return _stamp(self.at)


def feed(who: Subscriber, deliveries: Iterable[Delivery], home: Home) -> Feed:
    """His feed, of his deliveries: the newest digest first, each in the order of its papers."""
    digests = [
        each for each in deliveries if each.kind is DeliveryKind.DIGEST and each.state in SHOWN
    ]
    digests.sort(key=lambda each: (each.planned_at, each.id), reverse=True)
    items: dict[str, Item] = {}
    for item in _items(digests, home):
        items.setdefault(item.id, item)
    return Feed(
        id=_tag(home, who.created_at.astimezone(UTC).date().isoformat(), f"feed-{who.uid}"),
        title=legal(f"{home.name}: your papers"),
        author=legal(home.name),
        home=home.url,
        at=digests[0].planned_at if digests else who.created_at,
        items=tuple(items.values())[:MOST],
    )


def as_json(shown: Feed, own: str) -> str:
    """The feed as JSON Feed 1.1; ``own`` is its own address."""
    return json.dumps(
        {
            "version": "https://jsonfeed.org/version/1.1",
            "title": shown.title,
            "home_page_url": shown.home,
            "feed_url": own,
            "language": "en",
            "authors": [{"name": shown.author, "url": shown.home}],
            "items": [_plain(item) for item in shown.items],
        },
        ensure_ascii=False,
    )


def legal(text: str) -> str:
    """The text without what no XML may hold; cleaned texts have none of it anyhow."""
    return _ILLEGAL.sub("", text)


def _items(digests: Iterable[Delivery], home: Home) -> Iterator[Item]:
    for each in digests:
        papers = {paper.which: paper for paper in each.papers}
        for pick in each.digest.picks:
            yield _item(pick, papers[pick.which], each.planned_at, home)


def _item(pick: Pick, paper: Paper, at: datetime, home: Home) -> Item:
    return Item(
        id=_tag(home, paper.day.isoformat(), f"paper-{paper.number}"),
        title=legal(paper.title),
        url=page_url(paper) or search_url(paper.title),
        summary=legal(paper.abstract),
        authors=tuple(map(legal, paper.authors)),
        rules=tuple(legal(rule.name) for rule in pick.rules),
        updated=_stamp(at),
    )


def _plain(item: Item) -> dict[str, object]:
    return {
        "id": item.id,
        "url": item.url,
        "title": item.title,
        "content_text": item.summary,
        "date_published": item.updated,
        "authors": [{"name": name} for name in item.authors],
        "tags": list(item.rules),
    }


def _tag(home: Home, day: str, what: str) -> str:
    return f"tag:{home.domain},{day}:{what}"


def _stamp(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
