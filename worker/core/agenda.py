"""What is due next among all subscribers, and whether something is due and was not planned."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from worker.core.due import due, instant, next_slot, zone
from worker.core.plan import slot_for
from worker.model import Cursor, Subscriber, SubscriberId, SubscriberState
from worker.schedules import Immediately, Schedule

Times = tuple[Schedule, str, date | None, date | None]
"""All that a slot depends on; many subscribers share one, so each is worked out once."""


@dataclass(frozen=True, slots=True)
class Agenda:
    """``next_due`` is None if only a daily file makes a digest due. ``late_since`` is the oldest
    instant at which one was due that is not planned yet.
    """

    active: int = 0
    next_due: datetime | None = None
    late_since: datetime | None = None


def agenda(
    everyone: Iterable[Subscriber],
    outstanding: Collection[SubscriberId],
    end: Cursor,
    newest: datetime | None,
    now: datetime,
) -> Agenda:
    """``newest`` is when the last file came. Who has a digest ``outstanding`` is never late: the
    next one may have to wait for it.
    """
    active = [who for who in everyone if who.state is SubscriberState.ACTIVE]
    nexts = {_next(times, now) for times in map(_times, active)} - {None}
    free = (who for who in active if who.id not in outstanding)
    lates = [_due_at(who, newest, now) for who in free if slot_for(who, end, now)]
    return Agenda(
        len(active),
        min(filter(None, nexts), default=None),
        min(filter(None, lates), default=None),
    )


def _times(who: Subscriber) -> Times:
    return who.schedule, who.timezone, who.last_slot, who.paused_until


def _next(times: Times, now: datetime) -> datetime | None:
    schedule, name, last_slot, paused_until = times
    local = zone(name)
    if paused_until is not None and paused_until > now.astimezone(local).date():
        last_slot = max(filter(None, (last_slot, paused_until - timedelta(days=1))))
    return next_slot(schedule, local, last_slot, now)


def _due_at(who: Subscriber, newest: datetime | None, now: datetime) -> datetime | None:
    """The instant of the slot that is due for him; None if he came after it."""
    local = zone(who.timezone)
    if isinstance(who.schedule, Immediately):
        return newest
    day = due(who.schedule, local, who.last_slot, now)
    at = instant(who.schedule.at, day, local) if day else None
    before_him = at and who.last_slot is None and at < who.created_at
    return None if before_him else at
