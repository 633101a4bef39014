"""The day of an edition, from what its file and the file's name say."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime
from typing import Final

from worker.model import Rejected, Unreadable

_HALF_A_YEAR: Final = 182  # days; twice that and the day itself is a year
_CLOCK_SKEW: Final = 7  # days that a file may lie ahead of its own modification time
_OLDEST: Final = date(1991, 1, 1)  # of any announcement; an epoch's zero is none
_MONTHS: Final = (
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
)
_YEAR = r"(?:19|20)[0-9]{2}"
_WEEKDAY = r"(?:(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?\.?,? )?"
_MONTH = r"(?P<month>[a-z]{3,9})\.?"
_DAY = r"(?P<day>[0-9]{1,2})(?:st|nd|rd|th)?"
_LINES = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"{_WEEKDAY}{_MONTH} {_DAY}(?:,? (?P<year>{_YEAR}))?",
        rf"{_WEEKDAY}{_DAY} {_MONTH}(?:,? (?P<year>{_YEAR}))?",
        rf"(?P<year>{_YEAR})-(?P<month>[0-9]{{2}})-(?P<day>[0-9]{{2}})",
    )
)
_DAY_FIRST = re.compile(
    rf"(?<![0-9])([0-9]{{1,2}})[-_. ]([A-Za-z]{{3,9}})[-_. ]({_YEAR})(?![0-9])"  # 13-Mar-2026
)
_IN_NAME = re.compile(
    rf"(?<![0-9])({_YEAR})(?:([-_.])([0-9]{{1,2}})\2([0-9]{{1,2}})|([0-9]{{2}})([0-9]{{2}}))(?![0-9])"
)


def parse_day(text: str) -> tuple[int, int, int | None] | None:
    """Month, day and year of a line that is a date and nothing else (``Sept 9``, ``8 Sep 2025``).

    None if it is no such line. The day may be impossible: ``day_of`` says so.
    """
    matches = (pattern.fullmatch(text) for pattern in _LINES)
    match = next((match for match in matches if match), None)
    month = _month(match["month"]) if match else None
    if match is None or month is None:
        return None
    return month, int(match["day"]), int(match["year"]) if match["year"] else None


def days_in(name: str) -> tuple[date, ...]:
    """The full dates in a file's name: ``2025-09-08``, ``2025_9_8``, ``20250908``, ``8-Sep-2025``.

    Eight digits that are no date are a number; a written-out date that is none is Unreadable.
    """
    days = []
    for year, mark, month, day, month_run, day_run in _IN_NAME.findall(name):
        try:
            days.append(date(int(year), int(month or month_run), int(day or day_run)))
        except ValueError:
            if mark:
                written = mark.join((year, month, day))
                raise Unreadable(Rejected("name", f"{written} is no day")) from None
    for day, name_of_month, year in _DAY_FIRST.findall(name):
        if month := _month(name_of_month):
            days.append(_existing(int(year), month, int(day), "name"))
    return tuple(dict.fromkeys(days))


def edition_day(name: str, said: Iterable[date], modified: datetime) -> date:
    """The day of an edition whose listings or head say full dates, or none at all.

    That is the one in the file's name, since somebody wrote it there on purpose; else the one said
    most often, and of several the newest; else the day the file was last modified. A day said that
    lies more than a week ahead of that is a mistake and says nothing.
    Raises Unreadable if the name holds a date that is none.
    """
    latest = _days_on(modified.date(), _CLOCK_SKEW)
    often = Counter(day for day in said if _OLDEST <= day <= latest)
    named = days_in(name)
    among = [day for day in named if day in often] or named or often
    return max(among, key=lambda day: (often[day], day), default=modified.date())


def day_of(
    month: int,
    day: int,
    name: str,
    newest: date | None,
    modified: datetime,
    *,
    year: int | None = None,
    where: str = "date",
) -> date:
    """The day meant by ``month`` and ``day`` (and ``year``, if the file says it).

    The year is that in the file's name; else the one that brings the day within half a year of the
    newest edition known; else the last one that is not more than a week after ``modified``.
    Raises Unreadable, naming ``where``, if the name says another day or there is no such day.
    """
    named = days_in(name)
    agreeing = [d for d in named if (d.month, d.day) == (month, day) and year in (None, d.year)]
    shown = f"{_MONTHS[month - 1][:3].capitalize()} {day}" + (f", {year}" if year else "")
    if len(agreeing) == 1:
        return agreeing[0]
    if named:
        said = " and ".join(map(str, named))
        raise Unreadable(Rejected(where, f"the date is {shown}, but the file's name says {said}"))
    return _existing(year or _year(month, day, newest, modified), month, day, where)


def _year(month: int, day: int, newest: date | None, modified: datetime) -> int:
    """The year of the last such day that is not after the anchor."""
    anchor, days = (newest, _HALF_A_YEAR) if newest else (modified.date(), _CLOCK_SKEW)
    last = _days_on(anchor, days)
    return last.year - ((month, day) > (last.month, last.day))


def _days_on(day: date, days: int) -> date:
    return date.fromordinal(min(day.toordinal() + days, date.max.toordinal()))


def _existing(year: int, month: int, day: int, where: str) -> date:
    try:
        return date(year, month, day)
    except ValueError:
        why = f"{_MONTHS[month - 1].capitalize()} {year} has no day {day}"
        raise Unreadable(Rejected(where, why)) from None


def _month(text: str) -> int | None:
    """1 to 12, for a number or at least three letters of the name."""
    if text.isdigit():
        return int(text) if 1 <= int(text) <= len(_MONTHS) else None
    word = text.lower()
    return next((n for n, full in enumerate(_MONTHS, 1) if full.startswith(word)), None)
