"""A digest in the browser: whole, whatever a mail had no room for or its reader does not want in
it; behind it what was over the cap, and what NOTs left out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from worker.core.entry import Entry
from worker.core.leftout import LeftOut, left_out
from worker.core.paging import Portion, portion
from worker.core.roll import REVIVABLE
from worker.core.view import View, view
from worker.deliveries import Delivery, DeliveryKind
from worker.manner import Abstracts
from worker.model import Paper, PaperVersion, Pick, Subscriber
from worker.web.links import NoSuchLink, reader
from worker.web.paged import page_of
from worker.web.seats import seated_reader
from worker.web.site import Site, site_of

PER_PAGE: Final = 100
"""Of what was over the cap, or left out: who matches everything has thousands of them."""


@dataclass(frozen=True, slots=True)
class Ways:
    """Where he can go from here."""

    preferences: str
    why: str
    unsubscribe: str
    atom: str
    json: str


@dataclass(frozen=True, slots=True)
class Over:
    """One page of what was over his cap: ``total`` papers in all. The digest is on the first."""

    total: int
    page: int
    pages: int
    entries: tuple[Entry, ...] = ()


@dataclass(frozen=True, slots=True)
class Removed:
    """One page of what NOTs left out: ``total`` papers in all, ``listed`` of them on pages."""

    total: int
    listed: int
    page: int
    pages: int
    papers: tuple[LeftOut, ...] = ()


@dataclass(frozen=True, slots=True)
class Asked:
    """Which page of both is asked for. The digest itself is where both are the first."""

    over: Portion
    removed: Portion

    @property
    def is_first(self) -> bool:
        return self.over.page == 1 and self.removed.page == 1


@dataclass(frozen=True, slots=True)
class Behind:
    """What of both is on this page, and their papers as they were then."""

    asked: Asked
    rest: Sequence[Pick]
    removed: Sequence[Pick]
    kept: Mapping[PaperVersion, Paper]


async def show(request: Request) -> Response:
    """The digest, and what is behind it."""
    delivery, who = await digest_of(request)
    site = site_of(request)
    behind = await _behind(site, delivery, _asked(request, delivery))
    return await seated_reader(site, partial(_page, site, who, delivery, behind))


ROUTES: Final = (Route("/d/{token}", show),)


async def digest_of(request: Request) -> tuple[Delivery, Subscriber]:
    """The digest, and whose; none of one who left, or was erased. Raises NoSuchLink."""
    delivery, who = await reader(request)
    if delivery.kind is not DeliveryKind.DIGEST or who.state not in REVIVABLE:
        raise NoSuchLink
    return delivery, who


def _asked(request: Request, delivery: Delivery) -> Asked:
    digest = delivery.digest
    return Asked(
        portion(len(digest.rest), PER_PAGE, page_of(request)),
        portion(len(digest.removed), PER_PAGE, page_of(request, "removed")),
    )


async def _behind(site: Site, delivery: Delivery, asked: Asked) -> Behind:
    """On a later page of the one there is nothing of the other."""
    digest, over, out = delivery.digest, asked.over, asked.removed
    rest = digest.rest[over.begin : over.end] if out.page == 1 else ()
    removed = digest.removed[out.begin : out.end] if over.page == 1 else ()
    kept = await site.opened.ledger.papers(pick.which for pick in (*rest, *removed))
    return Behind(asked, rest, removed, kept)


def _page(site: Site, who: Subscriber, delivery: Delivery, behind: Behind) -> Response:
    asked, kept = behind.asked, behind.kept
    shown = _whole(delivery) if asked.is_first else _whole(_only(delivery, (), {}))
    return site.pages(
        "digest.html.j2",
        digest=shown,
        is_first=asked.is_first,
        anchors={section.rule: f"rule-{n}" for n, section in enumerate(shown.sections, start=1)},
        over=Over(
            len(delivery.digest.rest),
            asked.over.page,
            asked.over.pages,
            _entries(_whole(_only(delivery, behind.rest, kept))),
        ),
        removed=Removed(
            delivery.digest.receipt.removed,
            len(delivery.digest.removed),
            asked.removed.page,
            asked.removed.pages,
            tuple(
                left_out(each, kept[each.which]) for each in behind.removed if each.which in kept
            ),
        ),
        links=_ways(site, who, delivery),
    )


def _entries(shown: View) -> tuple[Entry, ...]:
    return tuple(entry for section in shown.sections for entry in section.entries)


def _whole(delivery: Delivery) -> View:
    """With abstracts in full, however he wants them in his mail."""
    return view(replace(delivery, manner=replace(delivery.manner, abstracts=Abstracts.FULL)))


def _only(
    delivery: Delivery, picks: Sequence[Pick], kept: Mapping[PaperVersion, Paper]
) -> Delivery:
    """As if the digest were these alone, the papers as they were then."""
    there = tuple(pick for pick in picks if pick.which in kept)
    bare = replace(delivery.digest, picks=there, notes=(), mentions=(), trends=(), week=None)
    return replace(delivery, digest=bare, papers=tuple(kept[pick.which] for pick in there))


def _ways(site: Site, who: Subscriber, delivery: Delivery) -> Ways:
    """The link to his preferences that the mail of that time had, what never ends, and where to
    ask for as long as this page holds.

    No fresh one to his preferences: else whoever was forwarded a digest once could change it for
    ever.
    """
    linking = site.linking
    feed = linking.feed(who.uid, who.epoch)
    at = delivery.planned_at
    return Ways(
        preferences=linking.preferences(who.uid, who.epoch, at),
        why=f"{linking.digest(delivery.id, who.epoch, at)}/why",
        unsubscribe=linking.unsubscribe(who.uid),
        atom=f"{feed}.atom",
        json=f"{feed}.json",
    )
