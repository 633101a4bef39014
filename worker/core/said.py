"""What people say in a mail: ``please``, ``1 October``, ``2 weeks``, ``weekly friday``.

Days and schedules are None for words that are nothing of the kind; nobody guesses.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Sequence
from contextlib import suppress
from datetime import date, time, timedelta
from typing import Final

from worker.core.schedule import DAYS, parse_schedule
from worker.schedules import Immediately, Schedule

KINDS: Final = frozenset({"immediately", "daily", "weekdays", "weekly", "monthly"})
"""What a schedule begins with."""

USUAL_TIME: Final = time(8)

_MONTHS = tuple(name.lower() for name in (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
))  # fmt: skip
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_ISO = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})")
_DOTTED = re.compile(r"([0-9]{1,2})\.([0-9]{1,2})\.([0-9]{4})")  # with dots, the day stands first
_NUMBER = re.compile(r"([0-9]{1,4})(?:st|nd|rd|th)?")
_UNIT = re.compile(r"(day|week|month)s?")
_TIME = re.compile(r"([0-9]{1,2})(?:[:.]([0-9]{2}))?(am|pm)?")
_FILLED = frozenset({"on", "at", "and", "every", "the"})
_GREETING = re.compile(
    r"(?i:hi|hello|hey|hallo|dear|good (?:morning|day|evening))(?: \S{1,20}){0,4}[,.!]?"
)
_PLEASE = re.compile(r"\A(?i:please|kindly)[ ,]+")
_QUOTES = "\"'`“”„‘’"


def bare(line: str) -> str:
    """The line without what cannot be seen, without please, out of the quotes it was copied in."""
    seen = "".join(each if each.isprintable() else " " for each in line).strip()
    quoted = len(seen) > 2 and seen[0] in _QUOTES and seen[-1] in _QUOTES
    return _PLEASE.sub("", seen[1:-1].strip() if quoted else seen, count=1)


def greets(line: str) -> bool:
    """Whether it is how letters begin."""
    return _GREETING.fullmatch(line) is not None


def day_said(words: Sequence[str], today: date) -> date | None:
    """The day meant by these words in small letters, seen from ``today``."""
    with suppress(ValueError, OverflowError):  # the 30th of February; a day behind all calendars
        match words:
            case [word] if found := _ISO.fullmatch(word):
                return date(*map(int, found.groups()))
            case [word] if found := _DOTTED.fullmatch(word):
                return date(int(found[3]), int(found[2]), int(found[1]))
            case [word] if (weekday := _named(word, _WEEKDAYS)) is not None:
                return today + timedelta(days=(weekday - today.weekday() - 1) % 7 + 1)
            case [many, unit] if found := _UNIT.fullmatch(unit):
                return _after(today, 1 if many in ("a", "one") else int(many), found[1])
            case [first, second, *year] if len(year) <= 1:
                return _of_month(first, second, year, today)
    return None


def schedule_said(words: Sequence[str], before: Schedule, today: date) -> Schedule | None:
    """The schedule meant; what is left unsaid is as before, or as it is ``today``.

    Raises Refused for words that can only be meant as a schedule, and are none.
    """
    kind, *rest = (word for word in words if word not in _FILLED)
    days = [DAYS[day] for word in rest if (day := _named(word, _WEEKDAYS)) is not None]
    numbers = [word for word in rest if _TIME.fullmatch(word)]
    if len(days) + len(numbers) < len(rest):
        return None
    if kind == "monthly":
        on = _taken(numbers) or str(today.day)
    else:
        on = ",".join(days) or DAYS[today.weekday()] * (kind == "weekly")
        days = []
    usual = [] if kind == "immediately" else [f"{_time_of(before):%H:%M}"]
    said = [kind, on, *days, *(map(_clock, numbers) if numbers else usual)]
    return parse_schedule(" ".join(filter(None, said)))


def _taken(numbers: list[str]) -> str:
    """The day of a month, which stands first and is a bare number, taken out of the others."""
    return numbers.pop(0) if numbers and numbers[0].isdigit() else ""


def _clock(word: str) -> str:
    """A time of day as schedules have it, also one that no clock shows."""
    ((hours, after, half),) = _TIME.findall(word)
    hour, minutes = int(hours), after or "00"
    if half:
        hour = hour % 12 + 12 * (half == "pm") if 1 <= hour <= 12 else 99
    return f"{hour:02}:{minutes}"


def _time_of(schedule: Schedule) -> time:
    return USUAL_TIME if isinstance(schedule, Immediately) else schedule.at


def _named(word: str, names: Sequence[str]) -> int | None:
    """Which of the names it is, or a beginning of, of three letters at least."""
    if len(word) < 3:
        return None
    return next((at for at, name in enumerate(names) if name.startswith(word)), None)


def _after(today: date, many: int, unit: str) -> date:
    if unit != "month":
        return today + timedelta(days=many * (7 if unit == "week" else 1))
    year, month = divmod(today.year * 12 + today.month - 1 + many, 12)
    return date(year, month + 1, min(today.day, calendar.monthrange(year, month + 1)[1]))


def _of_month(first: str, second: str, year: Sequence[str], today: date) -> date | None:
    """``1 October``, ``October 1st``, with or without its year: then the next one there is."""
    day, name = (first, second) if _NUMBER.fullmatch(first) else (second, first)
    month, number = _named(name, _MONTHS), _NUMBER.fullmatch(day)
    if month is None or number is None:
        return None
    if year:
        return date(int(year[0]), month + 1, int(number[1]))
    this = date(today.year, month + 1, int(number[1]))
    return this if this > today else this.replace(year=today.year + 1)
