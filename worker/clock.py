"""What time it is: the machine's clock, or an instant that somebody named."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """This instant, in UTC."""
        return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class FixedClock:
    """A clock that stands still: one tick as of an instant that somebody named."""

    instant: datetime

    def now(self) -> datetime:
        """The named instant, in UTC."""
        return self.instant
