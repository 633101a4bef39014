"""The link of a confirmation: what would be mailed, one button, and what came of it."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from worker.asks import Ask, AskKind, AskState
from worker.core.named import shown
from worker.core.outlook import outlook
from worker.core.tokens import CONFIRM
from worker.core.wording import terms
from worker.web.forms import fields
from worker.web.links import NoSuchLink, passed
from worker.web.site import Site, site_of


async def show(request: Request) -> Response:
    """What is asked for, and the button. Looking changes nothing, however often it is done."""
    site = site_of(request)
    ask = await site.signup.to_confirm(passed(request, CONFIRM).number)
    if ask is None:
        raise NoSuchLink
    return site.pages(
        "confirm.html.j2",
        moves=ask.kind is AskKind.MOVE,
        before=ask.state is AskState.CONFIRMED,
        rules=tuple(map(shown, ask.wanted.rules)) if ask.wanted else (),
        terms=terms(ask.wanted) if ask.wanted else (),
        never=await _never(site, ask),
    )


async def confirm(request: Request) -> Response:
    """Confirmed; pressed again, it shows the same page."""
    site = site_of(request)
    number = passed(request, CONFIRM).number
    await fields(request)
    ask, who = await site.signup.to_confirm(number), await site.signup.confirm(number)
    if ask is None or who is None:
        raise NoSuchLink
    now = site.clock.now()
    return site.pages(
        "confirmed.html.j2",
        moves=ask.kind is AskKind.MOVE,
        outlook=outlook(who, now),
        preferences=site.linking.preferences(who.uid, who.epoch, now),
    )


async def _never(site: Site, ask: Ask) -> str:
    """Where whoever has that address says that he is never to be mailed."""
    who = await site.opened.subscribers.find(ask.address)
    return "" if who is None else site.linking.unsubscribe(who.uid)


ROUTES: Final = (
    Route("/c/{token}", show, methods=["GET"]),
    Route("/c/{token}", confirm, methods=["POST"]),
)
