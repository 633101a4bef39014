"""A digest in the browser: whole, whatever a mail had no room for, and what was over the cap."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from worker.core.links import Linking
from worker.core.roll import REVIVABLE
from worker.core.tokens import DIGEST
from worker.core.trim import WHOLE, Trim
from worker.core.view import Entry, view
from worker.deliveries import Delivery, DeliveryKind
from worker.model import Subscriber
from worker.web.links import NoSuchLink, reader
from worker.web.seats import seated
from worker.web.site import Site, site_of

WHOLE_REST: Final = 200
"""Of what was over the cap: so many with their abstracts, the others by title only."""

BARE: Final = Trim(abstract=0)


@dataclass(frozen=True, slots=True)
class Ways:
    """Where he can go from here."""

    preferences: str
    unsubscribe: str
    atom: str
    json: str


async def show(request: Request) -> Response:
    """The digest; none of one who left, or was erased."""
    delivery, who = await reader(request, DIGEST)
    if delivery.kind is not DeliveryKind.DIGEST or who.state not in REVIVABLE:
        raise NoSuchLink
    site = site_of(request)
    over = await _over_his_cap(site, delivery)
    return await seated(site, partial(_page, site, who, delivery, over))


ROUTES: Final = (Route("/d/{token:whatever}", show),)


async def _over_his_cap(site: Site, delivery: Delivery) -> Delivery:
    """As if that were a digest: the papers as they were then."""
    rest = delivery.digest.rest
    kept = await site.opened.ledger.papers(pick.which for pick in rest)
    there = tuple(pick for pick in rest if pick.which in kept)
    papers = tuple(kept[pick.which] for pick in there)
    return replace(delivery, digest=replace(delivery.digest, picks=there, notes=()), papers=papers)


def _page(site: Site, who: Subscriber, delivery: Delivery, over: Delivery) -> Response:
    links = _ways(site, who)
    return site.pages("digest.html.j2", digest=view(delivery), rest=_entries(over), links=links)


def _entries(over: Delivery) -> list[Entry]:
    """The beginning whole, so that a page has an end also for who has thousands over his cap."""
    picks = over.digest.picks
    parts = ((picks[:WHOLE_REST], WHOLE), (picks[WHOLE_REST:], BARE))
    return [
        entry
        for some, trim in parts
        for section in view(replace(over, digest=replace(over.digest, picks=some)), trim).sections
        for entry in section.entries
    ]


def _ways(site: Site, who: Subscriber) -> Ways:
    """A fresh link to his preferences, and what never ends."""
    linking = Linking(site.pages.about.base, site.opened.composer.keys)
    feed = linking.feed(who.uid, who.epoch)
    return Ways(
        preferences=linking.preferences(who.uid, who.epoch, site.clock.now()),
        unsubscribe=linking.unsubscribe(who.uid),
        atom=f"{feed}.atom",
        json=f"{feed}.json",
    )
