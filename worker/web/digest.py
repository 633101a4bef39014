"""A digest in the browser: whole, whatever a mail had no room for, and what was over the cap."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from worker.core.paging import Portion, portion
from worker.core.roll import REVIVABLE
from worker.core.view import Entry, view
from worker.deliveries import Delivery, DeliveryKind
from worker.model import Subscriber
from worker.web.links import NoSuchLink, reader
from worker.web.paged import page_of
from worker.web.seats import seated_reader
from worker.web.site import Site, site_of

PER_PAGE: Final = 100
"""Of what was over the cap: who matches everything has thousands of them."""


@dataclass(frozen=True, slots=True)
class Ways:
    """Where he can go from here."""

    preferences: str
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


async def show(request: Request) -> Response:
    """The digest; none of one who left, or was erased."""
    delivery, who = await reader(request)
    if delivery.kind is not DeliveryKind.DIGEST or who.state not in REVIVABLE:
        raise NoSuchLink
    site, total = site_of(request), len(delivery.digest.rest)
    here = portion(total, PER_PAGE, page_of(request))
    beyond = await _beyond(site, delivery, here)
    over = Over(total, here.page, here.pages)
    return await seated_reader(site, partial(_page, site, who, delivery, beyond, over))


ROUTES: Final = (Route("/d/{token}", show),)


async def _beyond(site: Site, delivery: Delivery, here: Portion) -> Delivery:
    """That page of what was over the cap, as if it were a digest; the papers as they were then."""
    rest = delivery.digest.rest[here.begin : here.end]
    kept = await site.opened.ledger.papers(pick.which for pick in rest)
    there = tuple(pick for pick in rest if pick.which in kept)
    papers = tuple(kept[pick.which] for pick in there)
    return replace(delivery, digest=replace(delivery.digest, picks=there, notes=()), papers=papers)


def _page(
    site: Site, who: Subscriber, delivery: Delivery, beyond: Delivery, over: Over
) -> Response:
    if over.page > 1:
        delivery = replace(delivery, digest=replace(delivery.digest, picks=()), papers=())
    entries = [entry for section in view(beyond).sections for entry in section.entries]
    return site.pages(
        "digest.html.j2",
        digest=view(delivery),
        over=replace(over, entries=tuple(entries)),
        links=_ways(site, who, delivery.planned_at),
    )


def _ways(site: Site, who: Subscriber, at: datetime) -> Ways:
    """The link to his preferences that the mail of that time had, and what never ends.

    No fresh one: else whoever was forwarded a digest once could change it for ever.
    """
    linking = site.linking
    feed = linking.feed(who.uid, who.epoch)
    return Ways(
        preferences=linking.preferences(who.uid, who.epoch, at),
        unsubscribe=linking.unsubscribe(who.uid),
        atom=f"{feed}.atom",
        json=f"{feed}.json",
    )
