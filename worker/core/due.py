"""Which slot of a schedule is due: pure, for every IANA zone.

A slot is named by its local date, so however the clocks change there is one for each local day.
Its instant is the first at which the wall clock shows at least the scheduled time: a time that
does not exist means the end of the gap, one that exists twice means the first. A day that the
zone left out altogether (Pacific/Apia, 30 December 2011) has no slot.
"""

from __future__ import annotations

import difflib
import zoneinfo
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import cache, lru_cache
from zoneinfo import ZoneInfo

from worker.core.schedule import format_schedule, parse_schedule
from worker.model import Refused
from worker.schedules import Immediately, Monthly, OnDays, Schedule

__all__ = ["due", "format_schedule", "instant", "next_slot", "parse_schedule", "zone", "zone_names"]

SECOND = timedelta(seconds=1)
# Days to look for a slot: two months and more, as the zone may have left out one of its days.
FARTHEST = 94


@cache
def zone_names() -> tuple[str, ...]:
    """Every IANA zone, sorted; not this machine's own ``localtime``, nor the ``Factory`` dummy."""
    return tuple(sorted(zoneinfo.available_timezones() - {"localtime", "Factory"}))


@cache  # what raises is not kept, so it never holds more than the list
def zone(name: str) -> ZoneInfo:
    """Give the zone of that name. A name not on the list is Refused, never tried as a path."""
    if name in zone_names():
        return ZoneInfo(name)
    near = _nearest(name[:64].strip().replace(" ", "_").lower())
    hint = f"did you mean {near}?" if near else "write an IANA name such as Europe/Berlin"
    raise Refused(f"unknown time zone {name[:64]!r}: {hint}")


@lru_cache(maxsize=256)  # one slip is often made in a whole file
def _nearest(name: str) -> str | None:
    whole = {known.lower(): known for known in zone_names()}
    cities = {lower.rpartition("/")[2]: known for lower, known in whole.items()}
    for names in (whole, cities):
        for near in difflib.get_close_matches(name, names, n=1, cutoff=0.75):
            return names[near]
    return None


def instant(at: time, day: date, zone: ZoneInfo) -> datetime:
    """Give the first instant, in UTC, at which that day's wall clock shows ``at`` or later."""
    wall = datetime.combine(day, at, zone)  # fold=0: the first of two
    moment = wall.astimezone(UTC)
    if moment.astimezone(zone) == wall:  # one zone on both sides: wall clocks are compared
        return moment
    early = wall.replace(fold=1).astimezone(UTC)  # in a gap: read with the offset from after it
    seconds = range((moment - early) // SECOND)
    return early + SECOND * bisect_left(
        seconds, True, key=lambda n: (early + SECOND * n).astimezone(zone) >= wall
    )


def due(schedule: Schedule, zone: ZoneInfo, last_slot: date | None, now: datetime) -> date | None:
    """Name the newest slot that is reached by ``now`` and is after ``last_slot``, else None.

    Never served, only a slot whose instant is on today's local date counts: earlier ones were
    before he came. Immediately is always due: whether there is anything to send is not ours.
    """
    today = now.astimezone(zone).date()
    if isinstance(schedule, Immediately):
        return today
    newest = today.toordinal() + 1  # reached, where a clock put back past midnight repeats today
    oldest = newest - FARTHEST
    if last_slot is not None:
        oldest = max(oldest, last_slot.toordinal() + 1)
    for day, moment in _slots(schedule, zone, range(newest, oldest - 1, -1)):
        if moment <= now:
            counts = last_slot is not None or moment.astimezone(zone).date() >= today
            return day if counts else None
    return None


def next_slot(
    schedule: Schedule, zone: ZoneInfo, last_slot: date | None, now: datetime
) -> datetime | None:
    """Give the first instant from ``now`` on at which ``due`` names a slot: ``now``, if it does.

    None for Immediately, which waits for a daily file and not for a time.
    """
    if isinstance(schedule, Immediately):
        return None
    if due(schedule, zone, last_slot, now) is not None:
        return now
    first = now.astimezone(zone).date().toordinal()
    if last_slot is not None:
        first = max(first, last_slot.toordinal() + 1)
    slots = _slots(schedule, zone, range(first, first + FARTHEST))
    return next((moment for _, moment in slots if moment > now), None)


def _slots(
    schedule: OnDays | Monthly, zone: ZoneInfo, days: Iterable[int]
) -> Iterator[tuple[date, datetime]]:
    """Of these days (ordinals), give those that have a slot, each with its instant."""
    for day in map(date.fromordinal, days):
        if _falls_on(schedule, day):
            moment = instant(schedule.at, day, zone)
            if moment.astimezone(zone).date() == day or _exists(day, zone):
                yield day, moment


def _falls_on(schedule: OnDays | Monthly, day: date) -> bool:
    if isinstance(schedule, OnDays):
        return day.weekday() in schedule.days
    if day.day >= schedule.day:
        return day.day == schedule.day
    return (day + timedelta(days=1)).day == 1


def _exists(day: date, zone: ZoneInfo) -> bool:
    return instant(time.min, day, zone).astimezone(zone).date() == day
