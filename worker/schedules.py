"""When somebody is mailed, as types."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time


@dataclass(frozen=True, slots=True)
class Immediately:
    """As soon as a daily file arrives."""


@dataclass(frozen=True, slots=True)
class OnDays:
    """On these weekdays (0 is Monday), at this wall time."""

    days: frozenset[int]
    at: time


@dataclass(frozen=True, slots=True)
class Monthly:
    """On this day of each month, or its last day where the month is shorter."""

    day: int
    at: time


Schedule = Immediately | OnDays | Monthly
