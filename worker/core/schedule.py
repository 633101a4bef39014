"""Schedules as text: ``daily 08:00``, ``mon,thu 18:30``, ``monthly 1 09:00``, ``immediately``."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import time
from typing import assert_never

from worker.model import Refused
from worker.schedules import Immediately, Monthly, OnDays, Schedule

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
EVERY_DAY = frozenset(range(7))
WEEKDAYS = frozenset(range(5))

_DAY_OF_MONTH = re.compile(r"[1-9]|[12][0-9]|3[01]")
_TIME = re.compile(r"([0-9]|[01][0-9]|2[0-3]):([0-5][0-9])")
_ALLOWED = (
    "allowed are: immediately, daily HH:MM, weekdays HH:MM, mon,thu HH:MM, weekly fri HH:MM, "
    "monthly 1 HH:MM (day 1-31), with HH:MM from 00:00 to 23:59"
)


def parse_schedule(text: str) -> Schedule:
    """Read a schedule as people write it; Refused names what is allowed."""
    try:
        return _read(re.sub(r"\s*,\s*", ",", text.lower()).split())
    except ValueError:
        raise Refused(f"{text[:60]!r} is not a schedule: {_ALLOWED}") from None


def format_schedule(schedule: Schedule) -> str:
    """Write the one canonical text of a schedule, which ``parse_schedule`` reads back."""
    match schedule:
        case Immediately():
            return "immediately"
        case OnDays(days, at):
            return f"{_name(days)} {at:%H:%M}"
        case Monthly(day, at):
            return f"monthly {day} {at:%H:%M}"
        case _:
            assert_never(schedule)


def _read(words: Sequence[str]) -> Schedule:
    match words:
        case ["immediately"]:
            return Immediately()
        case ["daily", at]:
            return OnDays(EVERY_DAY, _time(at))
        case ["weekdays", at]:
            return OnDays(WEEKDAYS, _time(at))
        case ["monthly", day, at]:
            return Monthly(_day_of_month(day), _time(at))
        case ["weekly", days, at] | [days, at]:
            return OnDays(frozenset(map(DAYS.index, days.split(","))), _time(at))
        case _:
            raise ValueError(words)


def _day_of_month(text: str) -> int:
    if not _DAY_OF_MONTH.fullmatch(text):
        raise ValueError(text)
    return int(text)


def _time(text: str) -> time:
    found = _TIME.fullmatch(text)
    if not found:
        raise ValueError(text)
    return time(int(found[1]), int(found[2]))


def _name(days: frozenset[int]) -> str:
    if days == EVERY_DAY:
        return "daily"
    if days == WEEKDAYS:
        return "weekdays"
    return "weekly " * (len(days) == 1) + ",".join(DAYS[day] for day in sorted(days))
