"""What a stranger's form leads to: an ask, and a page that is the same whoever he is."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from worker.asks import AskKind, Scope
from worker.core.form import Faults, read
from worker.model import Preferences
from worker.signup import Wish
from worker.web.asker import peer_of
from worker.web.forms import fields
from worker.web.formtoken import checked
from worker.web.front import front
from worker.web.site import Site, site_of
from worker.web.turned import Turned
from worker.web.wishing import PURPOSE, usual


async def subscribe(request: Request) -> Response:
    """Note what is asked for. Who is known here, and who is over a limit, gets the same page."""
    site = site_of(request)
    sent = await fields(request)
    asked = read(sent, usual=usual(site))
    if isinstance(asked, Faults):
        return await front(site, sent, asked.by_field, 422)
    number = checked(site, sent, PURPOSE)
    if number is not None:
        await noted(site, _wish(asked, peer_of(request), number))
    return site.pages("asked.html.j2", what="subscription")


async def noted(site: Site, wish: Wish) -> None:
    """Have it acted on soon. Raises Turned where the whole site takes no more for now."""
    if await site.signup.ask(wish) is Scope.ALL:
        raise Turned(503)
    site.wake()


def _wish(asked: Preferences, peer: str, number: int) -> Wish:
    return Wish(AskKind.SUBSCRIBE, asked.address, asked, peer, number)


ROUTES: Final = (Route("/subscribe", subscribe, methods=["POST"]),)
