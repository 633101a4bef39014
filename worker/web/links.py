"""Whose page it is: what the token in an address stands for, or the one page for all that is none.

No store is asked before the token is found genuine.
"""

from __future__ import annotations

from starlette.requests import Request

from worker.core.tokens import DIGEST, PREFERENCES, UNSUBSCRIBE, Pass, read_pass, read_token
from worker.deliveries import Delivery, DeliveryId
from worker.model import Subscriber
from worker.web.site import site_of
from worker.web.turned import Turned


class NoSuchLink(Turned):
    """The address leads nowhere, or nowhere any more: its token is wrong, over, of another purpose,
    or its owner is no more. All of these look the same.
    """

    def __init__(self) -> None:
        super().__init__(404)


def passed(request: Request, purpose: str) -> Pass:
    """What the path's ``token`` stands for. Raises NoSuchLink."""
    site = site_of(request)
    text = str(request.path_params["token"])
    found = read_pass(site.opened.composer.keys.by_id, purpose, text, site.clock.now())
    if found is None:
        raise NoSuchLink
    return found


async def leaver(request: Request) -> Subscriber:
    """Whose link to unsubscribe it is, in whatever state he is. Raises NoSuchLink."""
    site = site_of(request)
    text = str(request.path_params["token"])
    uid = read_token(site.opened.composer.keys.by_id, UNSUBSCRIBE, text)
    who = None if uid is None else await site.opened.returns.subscriber(uid)
    if who is None:
        raise NoSuchLink
    return who


async def owner(request: Request, purpose: str = PREFERENCES) -> Subscriber:
    """Whose page it is, of his present epoch, in whatever state he is. Raises NoSuchLink."""
    what = passed(request, purpose)
    who = await site_of(request).opened.returns.subscriber(what.number)
    if who is None or who.epoch % 256 != what.epoch:
        raise NoSuchLink
    return who


async def reader(request: Request) -> tuple[Delivery, Subscriber]:
    """Which digest it is of, and whose. Raises NoSuchLink."""
    site, what = site_of(request), passed(request, DIGEST)
    delivery = await site.opened.returns.delivery(DeliveryId(what.number))
    who = await site.opened.returns.subscriber(delivery.uid) if delivery else None
    if delivery is None or who is None or who.epoch % 256 != what.epoch:
        raise NoSuchLink
    return delivery, who
