"""Schedules as a sentence says them: ``every Friday at 16:00``."""

from __future__ import annotations

from typing import assert_never

from worker.core.schedule import EVERY_DAY, WEEKDAYS
from worker.core.typeset import WEEKDAY_NAMES
from worker.schedules import Immediately, Monthly, OnDays, Schedule

_EVERY_MONTH = 28
"""The last day that no month is without."""


def in_words(schedule: Schedule) -> str:
    """The schedule, as it goes on from ``your digests come …``."""
    match schedule:
        case Immediately():
            return "as soon as there are new papers"
        case OnDays(days, at):
            return f"{_on(days)} at {at:%H:%M}"
        case Monthly(day, at):
            shorter = ", or its last day," if day > _EVERY_MONTH else ""
            return f"on the {ordinal(day)} of each month{shorter} at {at:%H:%M}"
        case _:
            assert_never(schedule)


def ordinal(number: int) -> str:
    """As in ``1st``, ``12th``, ``23rd``."""
    ending = "th" if 10 < number % 100 < 14 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


def _on(days: frozenset[int]) -> str:
    if days == EVERY_DAY:
        return "every day"
    if days == WEEKDAYS:
        return "Monday to Friday"
    *names, last = (WEEKDAY_NAMES[day] for day in sorted(days))
    return f"every {', '.join(names)} and {last}" if names else f"every {last}"
