"""What becomes of an ask: who joins, and who is mailed what.

Nobody is revived by it, and whoever is never mailed is not mailed for this either.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import assert_never

from worker.asks import Ask, AskKind, Notice
from worker.core import welcoming
from worker.core.consent import may_come
from worker.core.due import zone
from worker.core.roll import joined
from worker.deliveries import DeliveryKind
from worker.digests import Slot
from worker.model import Cursor, Preferences, Subscriber, SubscriberState

NameMessage = Callable[[Subscriber, Slot], str]
"""The Message-ID of what somebody gets for a slot."""


@dataclass(frozen=True, slots=True)
class Asking:
    """An ask, and all that is decided by: whoever has the address, whoever wants to move there,
    whether it is never to be mailed; a random ``uid`` for who joins, and the time.
    """

    ask: Ask
    his: Subscriber | None
    mover: Subscriber | None
    suppressed: bool
    uid: int
    now: datetime
    name: NameMessage


@dataclass(frozen=True, slots=True)
class Welcome:
    """Who joins, and the mails. None of either where nothing comes of the ask."""

    joining: Subscriber | None = None
    notices: tuple[Notice, ...] = ()


NOTHING = Welcome()


def welcome(asking: Asking) -> Welcome:
    """What is done about an ask that nobody acted on yet."""
    ask = asking.ask
    if asking.suppressed or asking.now >= ask.expires:
        return NOTHING
    match ask.kind:
        case AskKind.SUBSCRIBE:
            return _subscribing(asking, ask.wanted)
        case AskKind.LINK:
            return _noticed(asking, welcoming.LINK)
        case AskKind.MOVE:
            return _moving(asking)
        case _:
            assert_never(ask.kind)


def _subscribing(asking: Asking, wanted: Preferences | None) -> Welcome:
    if asking.his is not None and asking.his.state is SubscriberState.ACTIVE:
        return _noticed(asking, welcoming.ALREADY)
    return NOTHING if wanted is None else _invited(asking, wanted)


def _moving(asking: Asking) -> Welcome:
    """Word to the old address, and a confirmation at the new one."""
    mover = asking.mover
    if mover is None or mover.state is not SubscriberState.ACTIVE:
        return NOTHING
    if asking.his is not None and asking.his.state is SubscriberState.ACTIVE:
        return _noticed(asking, welcoming.ALREADY)
    if mover.from_file:  # the file would have him at the old address again
        return Welcome(notices=(_notice(asking, mover, welcoming.KEPT_IN_FILE),))
    as_he_reads = Preferences(asking.ask.address, mover.schedule, mover.timezone, ())
    invited = _invited(asking, as_he_reads)
    if invited == NOTHING:
        return NOTHING
    word = _notice(asking, mover, welcoming.moving(asking.ask))
    return replace(invited, notices=(*invited.notices, word))


def _invited(asking: Asking, wanted: Preferences) -> Welcome:
    """The mail that confirms it, to whoever has the address or is to be; nobody if he may not."""
    if asking.his is not None:
        may = may_come(asking.his)
        return Welcome(notices=(_confirmation(asking, asking.his),)) if may else NOTHING
    newcomer = joined(wanted, Cursor(), asking.now, asking.uid, from_file=False)
    joining = replace(newcomer, state=SubscriberState.PENDING)
    return Welcome(joining, (_confirmation(asking, joining),))


def _noticed(asking: Asking, lines: tuple[str, ...]) -> Welcome:
    """Word to who is active at that address; nothing to anybody else."""
    who = asking.his
    if who is None or who.state is not SubscriberState.ACTIVE:
        return NOTHING
    return Welcome(notices=(_notice(asking, who, lines),))


def _confirmation(asking: Asking, who: Subscriber) -> Notice:
    """Of the time when it was asked for: its link holds as long as the ask, and so does it."""
    ask = asking.ask
    return _mail(asking, who, DeliveryKind.CONFIRM, welcoming.confirmation(ask), ask.at)


def _notice(asking: Asking, who: Subscriber, lines: tuple[str, ...]) -> Notice:
    return _mail(asking, who, DeliveryKind.NOTICE, lines, asking.now)


def _mail(
    asking: Asking, who: Subscriber, kind: DeliveryKind, lines: tuple[str, ...], at: datetime
) -> Notice:
    """Named by the ask: acted on twice, it is mailed once."""
    number = asking.ask.number
    slot = Slot(f"{kind.value}-{number:016x}", at.astimezone(zone(who.timezone)).date())
    confirms = number if kind is DeliveryKind.CONFIRM else None
    return Notice(who.id, kind, slot, lines, asking.name(who, slot), at, confirms)
