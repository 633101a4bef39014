"""The page to unsubscribe: one button, nothing asked, and the one click of RFC 8058.

Its link never ends, and can do nothing else. Both the button and the mail program send
``List-Unsubscribe=One-Click``; whoever sends anything else only looks.
"""

from __future__ import annotations

import logging
import os
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from worker.core.roll import REVIVABLE, left
from worker.deliveries import Reason
from worker.model import Refused, Subscriber, SubscriberState
from worker.web.forms import fields
from worker.web.links import leaver
from worker.web.site import Site, site_of

log = logging.getLogger(__name__)

FIELD: Final = "List-Unsubscribe"
ONE_CLICK: Final = "One-Click"
TRIES: Final = 10


async def answer(request: Request) -> Response:
    """Show the page, or do what its button says."""
    who = await leaver(request)
    if request.method != "POST":
        return _page(request, who)
    if (await fields(request)).get(FIELD) != ONE_CLICK:
        return _page(request, who, 400)
    return site_of(request).pages("gone.html.j2", never=_is_never(await _gone(request, who)))


ROUTES: Final = (Route("/u/{token:whatever}", answer, methods=["GET", "POST"]),)


def _page(request: Request, who: Subscriber, status: int = 200) -> Response:
    pages = site_of(request).pages
    if who.state in REVIVABLE:
        return pages("unsubscribe.html.j2", status, pending=False)
    if who.state is SubscriberState.PENDING:
        return pages("unsubscribe.html.j2", status, pending=True)
    return pages("gone.html.j2", status, never=_is_never(who))


def _is_never(who: Subscriber) -> bool:
    return who.state is SubscriberState.SUPPRESSED


async def _gone(request: Request, who: Subscriber) -> Subscriber:
    """Him as he is when he has left. Raises Refused if others change him all the time."""
    for _ in range(TRIES):
        await _leave(site_of(request), who)
        who = await leaver(request)
        if who.state not in (*REVIVABLE, SubscriberState.PENDING):
            return who
    raise Refused("a subscriber is changed by others all the time; try again", os.EX_TEMPFAIL)


async def _leave(site: Site, who: Subscriber) -> None:
    """Who is pending is never mailed again; who is mailed leaves; who left, has."""
    stores = site.opened
    if who.state is SubscriberState.PENDING:
        fresh = await stores.suppressions.suppress(
            who.address, Reason.COMPLAINT, site.clock.now(), "never mail me"
        )
    else:
        fresh = who.state in REVIVABLE and bool(await stores.subscribers.change(left(who)))
    log.info("left on the site", extra={"subscriber": who.id, "fresh": fresh})
