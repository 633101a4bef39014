"""The list of subscribers as it should be: who joins, who changes, who is no longer named.

Nobody is ever revived here who left by himself, was removed or is suppressed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from worker.model import (
    Cursor,
    Preferences,
    Subscriber,
    SubscriberId,
    SubscriberState,
)

REVIVABLE = frozenset({SubscriberState.ACTIVE, SubscriberState.UNLISTED})
ENDED = frozenset(
    {SubscriberState.UNSUBSCRIBED, SubscriberState.REMOVED, SubscriberState.SUPPRESSED}
)


@dataclass(frozen=True, slots=True)
class Sync:
    """What it takes to follow a file; ``left_alone`` are named there but may not be revived."""

    joining: tuple[Subscriber, ...]
    changed: tuple[Subscriber, ...]
    left_alone: tuple[Subscriber, ...]


def joined(
    asked: Preferences, end: Cursor, now: datetime, uid: int, *, from_file: bool
) -> Subscriber:
    """Somebody new. He reads from here on: no backlog. His id is the store's to give."""
    return Subscriber(
        id=SubscriberId(0),
        uid=uid,
        address=asked.address,
        schedule=asked.schedule,
        timezone=asked.timezone,
        rules=asked.rules,
        created_at=now,
        paused_until=asked.paused_until,
        when_empty=asked.when_empty,
        max_papers=asked.max_papers,
        manner=asked.manner,
        cursor=end,
        from_file=from_file,
    )


def come(who: Subscriber, asked: Preferences, end: Cursor, now: datetime) -> Subscriber:
    """Who was known, and now is on the list as if he were new: no backlog, nothing held over.

    Yet he is the same, so that his old pages are his.
    """
    new = joined(asked, end, now, who.uid, from_file=False)
    return replace(new, id=who.id, version=who.version, epoch=who.epoch)


def following(who: Subscriber, asked: Preferences) -> Subscriber:
    """The same subscriber with these preferences; where he has read to stays.

    A pause is ended by its date or by hand, not by a file that is silent about it.
    """
    return replace(
        who,
        schedule=asked.schedule,
        timezone=asked.timezone,
        rules=asked.rules,
        when_empty=asked.when_empty,
        max_papers=asked.max_papers,
        manner=asked.manner,
        paused_until=asked.paused_until or who.paused_until,
    )


def left(who: Subscriber) -> Subscriber:
    """Who leaves by himself, and comes back by himself only; what is worse than that stays."""
    return who if who.state in ENDED else replace(who, state=SubscriberState.UNSUBSCRIBED)


def stands_back(before: Subscriber, after: Subscriber) -> bool:
    """Whether this change means that what waits for him is not to be mailed now."""
    paused = after.paused_until is not None and after.paused_until != before.paused_until
    return paused or after.state is not SubscriberState.ACTIVE


def sync(
    everyone: Iterable[Subscriber],
    named: Sequence[Preferences],
    end: Cursor,
    now: datetime,
    uids: Iterator[int],
) -> Sync:
    """Follow the subscribers file: it wins for those it names, within what may be revived.

    Who was there because of the file and is no longer named becomes ``unlisted``; naming him again
    brings him back where he had read to. Who is pending is nobody yet, whoever asked for him, and
    joins by being named. The very first subscribers of all read the log from its
    beginning: who takes files in first and writes the list next is not met with silence.
    """
    known = {who.address.casefold(): who for who in everyone}
    start = end if known else Cursor()
    joining, changed, left_alone = [], [], []
    for asked in named:
        who = known.pop(asked.address.casefold(), None)
        if who is None:
            joining.append(joined(asked, start, now, next(uids), from_file=True))
        elif who.state is SubscriberState.PENDING:
            changed.append(replace(come(who, asked, end, now), from_file=True))
        elif who.state not in REVIVABLE:
            left_alone.append(who)
        else:
            active = replace(following(who, asked), state=SubscriberState.ACTIVE, from_file=True)
            changed += [active] if active != who else []
    for who in known.values():
        if who.from_file and who.state is SubscriberState.ACTIVE:
            changed.append(replace(who, state=SubscriberState.UNLISTED))
    return Sync(tuple(joining), tuple(changed), tuple(left_alone))
