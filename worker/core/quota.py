"""How many messages may go to a server or a domain, and when the next one may: decisions only.

Hours and days are the last sixty minutes and the last 1,440 of them, whatever the clock says, as
providers count.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import accumulate
from typing import Final

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
MINUTE: Final = timedelta(minutes=1)

WARM_UP: Final = 50
"""Messages on the first day of a new sender; twice as many on each day after it."""

WARM_UP_DAYS: Final = 14
"""After which there is no such limit: the day after the last would allow 800,000."""


@dataclass(frozen=True, slots=True)
class Limits:
    """The most that may go; 0 is no limit."""

    per_hour: int = 0
    per_day: int = 0


LIMITLESS: Final = Limits()


def next_at(limits: Limits, sent: Mapping[datetime, int], now: datetime) -> datetime:
    """When one more message may go: ``now``, or the minute in which enough of them are old.

    ``sent`` are the messages so far, by the minute they went in. What lies farther ahead of us
    than the span itself went by a clock that was wrong, and does not count.
    """
    return max(
        _next(limits.per_hour, HOUR, sent, now),
        _next(limits.per_day, DAY, sent, now),
    )


def warm_up(first: date, today: date) -> int:
    """The most of a day while mail servers do not know the sender yet; 0 once they do."""
    days = (today - first).days
    return WARM_UP << max(days, 0) if days < WARM_UP_DAYS else 0


def minute(instant: datetime) -> datetime:
    """The minute that holds the instant."""
    return instant.replace(second=0, microsecond=0)


def _next(limit: int, span: timedelta, sent: Mapping[datetime, int], now: datetime) -> datetime:
    recent = sorted(at for at in sent if now - MINUTE - span < at <= now + span)
    over = sum(sent[at] for at in recent) - limit
    if not limit or over < 0:
        return now
    gone = accumulate(sent[at] for at in recent)
    freed = next(at for at, so_far in zip(recent, gone, strict=True) if so_far > over)
    return freed + span + MINUTE  # the whole of that minute is old by then
