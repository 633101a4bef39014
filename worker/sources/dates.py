"""The day that a date in a daily file means, in the ways that people and programs write one."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime
from typing import Final

from worker.core.editionday import parse_day

_NUMBERS = re.compile(r"([0-9]{4})[-/.]([0-9]{1,2})(?:[-/.]([0-9]{1,2}))?(?![0-9])")
_RUN = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})(?:T[0-9]{4,6}Z?)?")
_FIRST_SECOND: Final = 100_000_000  # in 1973: a smaller number is a year, or a number
_LAST_SECOND: Final = 4_102_444_800  # of 2099; more than that are milliseconds


def day_in(raw: object) -> date | None:
    """The day of an ISO 8601 or RFC 5322 date, a date in words with its year, or a Unix time.

    As written, in the zone that it was written in. A month alone is its first day. None for
    anything else, also for a day that there is not.
    """
    if isinstance(raw, bool):
        return None
    if isinstance(raw, int | float):
        return _unix(raw)
    text = raw.strip()[:100] if isinstance(raw, str) else ""
    if found := _NUMBERS.match(text) or _RUN.fullmatch(text):
        return _day(int(found[1]), int(found[2]), int(found[3] or 1))
    if (worded := parse_day(text)) and worded[2]:
        return _day(worded[2], worded[0], worded[1])
    return _rfc5322(text)


def _unix(seconds: float) -> date | None:
    if not _FIRST_SECOND < seconds < _LAST_SECOND * 1000:
        return None
    return datetime.fromtimestamp(seconds / (1000 if seconds > _LAST_SECOND else 1), UTC).date()


def _rfc5322(text: str) -> date | None:
    try:
        return parsedate_to_datetime(text).date()
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
