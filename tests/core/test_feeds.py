"""Somebody's own feed: which papers, once each, and under which ids."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.made import NOON, delivery, paper, pick, subscriber
from worker.core.feeds import MOST, Feed, Home, as_json, feed, legal
from worker.deliveries import Delivery, DeliveryId, DeliveryKind, DeliveryState

HOME = Home("Paper Round", "papers.example.org", "https://papers.example.org/")
WHO = subscriber("flow")


def digest(
    id_: int,
    *numbers: int,
    days: int = 0,
    state: DeliveryState = DeliveryState.SENT,
    kind: DeliveryKind = DeliveryKind.DIGEST,
) -> Delivery:
    """A digest of these papers, planned so many days after the first."""
    made = delivery(*(pick(number, "flow") for number in numbers), state=state)
    at = NOON + timedelta(days=days)
    return replace(made, id=DeliveryId(id_), planned_at=at, kind=kind)


def numbers(shown: Feed) -> list[int]:
    return [int(item.id.rpartition("-")[2]) for item in shown.items]


def test_the_newest_digest_comes_first_each_in_its_order() -> None:
    shown = feed(WHO, [digest(1, 2, 1), digest(2, 4, 3, days=1)], HOME)
    assert numbers(shown) == [4, 3, 2, 1]
    assert [item.updated for item in shown.items][1:3] == [
        "2025-09-09T12:00:00Z",
        "2025-09-08T12:00:00Z",
    ]
    assert shown.updated == "2025-09-09T12:00:00Z"


def test_a_paper_is_there_once_where_it_came_last() -> None:
    shown = feed(WHO, [digest(1, 1, 2, 3), digest(2, 2, 4, days=1)], HOME)
    assert numbers(shown) == [2, 4, 1, 3]


@pytest.mark.parametrize("state", [DeliveryState.SUPERSEDED, DeliveryState.CANCELLED])
def test_what_was_never_to_arrive_is_not_there(state: DeliveryState) -> None:
    assert numbers(feed(WHO, [digest(1, 1), digest(2, 2, state=state)], HOME)) == [1]


@pytest.mark.parametrize("kind", sorted(set(DeliveryKind) - {DeliveryKind.DIGEST}))
def test_only_digests_are_there(kind: DeliveryKind) -> None:
    assert not feed(WHO, [digest(1, 1, kind=kind)], HOME).items


def test_no_more_are_there_than_anybody_reads() -> None:
    shown = feed(WHO, [digest(1, *range(1, MOST + 50))], HOME)
    assert numbers(shown) == list(range(1, MOST + 1))


def test_a_feed_without_papers_is_as_old_as_the_subscription() -> None:
    shown = feed(WHO, [], HOME)
    assert (shown.items, shown.at) == ((), WHO.created_at)


def test_ids_stay_when_links_the_site_and_the_address_change() -> None:
    moved = replace(WHO, address="else@example.org", epoch=7, version=9)
    elsewhere = replace(HOME, url="https://elsewhere.example/")
    one, other = feed(WHO, [digest(1, 1)], HOME), feed(moved, [digest(9, 1, days=3)], elsewhere)
    assert one.id == other.id == "tag:papers.example.org,2025-09-08:feed-1001"
    assert one.items[0].id == other.items[0].id == "tag:papers.example.org,2025-09-08:paper-1"


def test_a_paper_without_a_page_of_its_own_leads_to_where_it_is_found() -> None:
    own = replace(paper(1), url="https://arxiv.org/abs/2509.00001")
    made = replace(digest(1, 1, 2), papers=(own, paper(2, "On sheep")))
    urls = [item.url for item in feed(WHO, [made], HOME).items]
    assert urls == [own.url, "https://arxiv.org/search/?searchtype=title&query=On+sheep"]


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", "/papers/1", ""])
def test_a_page_that_is_not_on_the_web_is_none(url: str) -> None:
    made = replace(digest(1, 1), papers=(replace(paper(1, "On flow"), url=url),))
    (item,) = feed(WHO, [made], HOME).items
    assert item.url == "https://arxiv.org/search/?searchtype=title&query=On+flow"


def test_as_json_it_says_what_the_version_asks_for() -> None:
    whole = replace(paper(1, "On flow", "It flows."), authors=("A. Reed", "B. Brook"))
    shown = feed(WHO, [replace(digest(1, 1), papers=(whole,))], HOME)
    said = json.loads(as_json(shown, "https://papers.example.org/f/x.json"))
    assert said["version"] == "https://jsonfeed.org/version/1.1"
    assert said["feed_url"] == "https://papers.example.org/f/x.json"
    assert said["home_page_url"] == HOME.url
    assert said["items"] == [
        {
            "id": "tag:papers.example.org,2025-09-08:paper-1",
            "url": "https://arxiv.org/search/?searchtype=title&query=On+flow",
            "title": "On flow",
            "content_text": "It flows.",
            "date_published": "2025-09-08T12:00:00Z",
            "authors": [{"name": "A. Reed"}, {"name": "B. Brook"}],
            "tags": ["flow"],
        }
    ]


@given(st.text(st.characters(exclude_categories=[]), max_size=40))
def test_what_is_left_of_any_text_can_stand_in_xml(text: str) -> None:
    kept = legal(text)
    escaped = kept.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    read = ElementTree.fromstring(f"<a>{escaped}</a>").text or ""  # noqa: S314 - our own
    assert read == kept.replace("\r\n", "\n").replace("\r", "\n")
    assert legal(kept) == kept


def test_a_text_that_is_in_order_stays_as_it_is() -> None:
    assert legal("tab\tline\nQuantum 🦊 é \u2028") == "tab\tline\nQuantum 🦊 é \u2028"
    assert legal("\x00\x0b\x1b\ud800\ufffe\uffff") == ""


def test_instants_are_told_in_utc() -> None:
    at = datetime(2025, 9, 8, 23, 30, 15, 999, tzinfo=UTC)
    made = replace(digest(1, 1), planned_at=at)
    assert feed(WHO, [made], HOME).items[0].updated == "2025-09-08T23:30:15Z"
