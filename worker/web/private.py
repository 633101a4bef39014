"""Who may see his own pages, and what is done with him while others change him, too."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response

from worker.core.masked import masked
from worker.model import Subscriber, SubscriberState
from worker.web.links import NoSuchLink, owner
from worker.web.site import site_of

Answer = Callable[[Request, Subscriber], Awaitable[Response]]
Endpoint = Callable[[Request], Awaitable[Response]]
Change = Callable[[Subscriber], Subscriber | None]


class Left(Exception):
    """Whose link it is has left by himself."""

    def __init__(self, who: Subscriber) -> None:
        super().__init__()
        self.who = who


def subscribed(answer: Answer) -> Endpoint:
    """Answers who is mailed; to who left, says so, whatever he asked for."""

    async def endpoint(request: Request) -> Response:
        try:
            return await answer(request, _mailed(await owner(request)))
        except Left as left:
            return unsubscribed_page(request, left.who)

    return endpoint


def once_subscribed(answer: Answer) -> Endpoint:
    """Answers who is mailed, and who left."""

    async def endpoint(request: Request) -> Response:
        return await answer(request, _once_mailed(await owner(request)))

    return endpoint


async def changed_by(request: Request, who: Subscriber, change: Change) -> Subscriber:
    """Him, changed, whoever else changes him meanwhile; as he is if ``change`` gives None.

    Only while he is mailed and has no newer links. Raises Left and NoSuchLink.
    """

    def allowed(him: Subscriber) -> Subscriber | None:
        holds = him.state is SubscriberState.ACTIVE and him.epoch == who.epoch
        return change(him) if holds else None

    return _mailed(await site_of(request).signup.change(who.uid, allowed))


def _mailed(who: Subscriber | None) -> Subscriber:
    """Him, if he is mailed. Raises Left and NoSuchLink."""
    once = _once_mailed(who)
    if once.state is SubscriberState.UNSUBSCRIBED:
        raise Left(once)
    return once


def _once_mailed(who: Subscriber | None) -> Subscriber:
    """Him, if he is mailed, or was until he left. Raises NoSuchLink: of others nothing is said."""
    if who is None or who.state not in (SubscriberState.ACTIVE, SubscriberState.UNSUBSCRIBED):
        raise NoSuchLink
    return who


def unsubscribed_page(
    request: Request, who: Subscriber, *, fresh: bool = False, status: int = 200, sure: str = ""
) -> Response:
    """That he gets no mail, and how to come back. ``sure`` is what is missing to erase him."""
    return site_of(request).pages(
        "unsubscribed.html.j2",
        status,
        token=request.path_params["token"],
        address=masked(who.address),
        fresh=fresh,
        faults={"sure": sure} if sure else {},
    )


def done(request: Request, title: str, *lines: str, after: tuple[str, ...] = ()) -> Response:
    """That something is done, and the way back to his page."""
    token = request.path_params["token"]
    return site_of(request).pages(
        "done.html.j2", title=title, lines=lines, after=after, token=token
    )
