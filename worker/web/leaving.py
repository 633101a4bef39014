"""The page to unsubscribe: one button, nothing asked, and the one click of RFC 8058.

Its link never ends, and can do nothing else. Both the button and the mail program send
``List-Unsubscribe=One-Click``; whoever sends anything else only looks.
"""

from __future__ import annotations

import logging
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from worker.core.masked import masked
from worker.core.roll import REVIVABLE
from worker.model import Subscriber, SubscriberState
from worker.web.forms import fields
from worker.web.links import NoSuchLink, leaver
from worker.web.site import site_of

log = logging.getLogger(__name__)

FIELD: Final = "List-Unsubscribe"
ONE_CLICK: Final = "One-Click"

_MAILED: Final = REVIVABLE | {SubscriberState.PENDING}


async def answer(request: Request) -> Response:
    """Show the page, or do what its button says."""
    who = await leaver(request)
    if request.method != "POST":
        return _page(request, who)
    if (await fields(request)).get(FIELD) != ONE_CLICK:
        return _page(request, who, 400)
    return _page(request, await _gone(request, who))


ROUTES: Final = (Route("/u/{token}", answer, methods=["GET", "POST"]),)


async def _gone(request: Request, who: Subscriber) -> Subscriber:
    """Him as he is when he has left. Raises NoSuchLink if he is forgotten meanwhile."""
    after = await site_of(request).signup.leave(who.uid)
    if after is None:
        raise NoSuchLink
    fresh = who.state in _MAILED
    log.info("left on the site", extra={"subscriber": who.id, "fresh": fresh})
    return after


def _page(request: Request, who: Subscriber, status: int = 200) -> Response:
    """For who is mailed, or only asked to confirm, the button; else that nothing is mailed."""
    pages = site_of(request).pages
    if who.state in _MAILED:
        pending = who.state is SubscriberState.PENDING
        address = masked(who.address)
        return pages("unsubscribe.html.j2", status, pending=pending, address=address)
    never = who.state is SubscriberState.SUPPRESSED
    return pages("gone.html.j2", status, never=never)
