"""Who he is by what he agreed to: once he confirmed, and once he left.

Nobody is revived but by a confirmation of what is asked for now.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime
from typing import Final

from worker.asks import Ask, AskKind
from worker.core.due import due, zone
from worker.core.mailed import MAY_GET
from worker.core.roll import come, left
from worker.deliveries import DeliveryKind
from worker.model import Cursor, Preferences, Subscriber, SubscriberState
from worker.schedules import Immediately

NEVER: Final = "said so where a confirmation was asked for"
"""The note on the suppression list of one who never came."""


def may_come(who: Subscriber) -> bool:
    """Whether he is none of ours, and may become so by confirming it."""
    return who.state in MAY_GET[DeliveryKind.CONFIRM]


def confirmed(ask: Ask, who: Subscriber | None, end: Cursor, now: datetime) -> Subscriber | None:
    """Who confirms an ask that waits for it, as he is to be; ``who`` is he who moves, or else has
    the address. None if he is not to be: he left or was suppressed meanwhile.

    He reads from the log's ``end`` on. Who is active already stays as he is.
    """
    if who is None or now >= ask.expires:
        return None
    if ask.kind is AskKind.MOVE:
        return _moved(ask, who)
    if ask.wanted is None or who.id != ask.subscriber:
        return None
    if who.state is SubscriberState.ACTIVE:
        return who
    return _come(ask.wanted, who, end, now) if may_come(who) else None


def still(ask: Ask, who: Subscriber | None, his: Iterable[Ask]) -> Subscriber | None:
    """Who confirmed it, if it still holds: he is active, and of all that is ``his``, of what he
    confirmed, it is the last; else he may have left and come again, or be at another address.
    """
    last = max(his, key=lambda each: each.confirmed_at or each.at, default=None)
    if who is None or who.state is not SubscriberState.ACTIVE or last is None:
        return None
    return who if last.number == ask.number else None


def leaving(who: Subscriber) -> Subscriber:
    """Who leaves on the site. Whom the operator removed, or who never came, stays so."""
    here = who.state in (SubscriberState.ACTIVE, SubscriberState.UNLISTED)
    return left(who) if here else who


def _come(wanted: Preferences, who: Subscriber, end: Cursor, now: datetime) -> Subscriber:
    """The slot of today that passed before he came is not his: there is nothing to mail him yet."""
    his = come(who, wanted, end, now)
    return replace(his, address=who.address, last_slot=_passed(wanted, now))


def _passed(wanted: Preferences, now: datetime) -> date | None:
    if isinstance(wanted.schedule, Immediately):
        return None
    return due(wanted.schedule, zone(wanted.timezone), None, now)


def _moved(ask: Ask, mover: Subscriber) -> Subscriber | None:
    if mover.uid != ask.mover or mover.state is not SubscriberState.ACTIVE:
        return None
    if mover.from_file:  # named there since: the file would have him at the old address again
        return None
    return replace(mover, address=ask.address, epoch=mover.epoch + 1)
