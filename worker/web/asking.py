"""How the pages ask for something on behalf of whoever sent a form."""

from __future__ import annotations

from starlette.requests import Request

from worker.asks import AskKind, Scope
from worker.core.peer import peer
from worker.model import Preferences
from worker.signup import Wish
from worker.web.site import site_of
from worker.web.turned import Turned


async def ask(
    request: Request,
    kind: AskKind,
    address: str,
    form: int,
    wanted: Preferences | None = None,
    mover: int | None = None,
) -> None:
    """Have it acted on soon; the fields are those of a Wish.

    Raises Turned (503) where the whole site takes no more for now: nobody learns of other limits.
    """
    site = site_of(request)
    wish = Wish(kind, address, wanted, peer_of(request), form, mover)
    if await site.signup.ask(wish) is Scope.ALL:
        raise Turned(503)
    site.wake()


def peer_of(request: Request) -> str:
    """The address of who asks, or of the last one on the way to him that can be believed."""
    near = request.client.host if request.client else ""
    forwarded = request.headers.getlist("x-forwarded-for")
    return peer(near, forwarded, site_of(request).settings.web.proxies)
