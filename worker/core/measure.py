"""What of a paper is a number, and from where to where a rule wants it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final, assert_never

from worker.model import Paper


class Measure(StrEnum):
    """A number of a paper. A day is one too: its ordinal, counted from the first of the year 1."""

    UPVOTES = "upvotes"
    COMMENTS = "comments"
    STARS = "stars"
    DAY = "day"


DAYS: Final = (date(1900, 1, 1).toordinal(), date(2099, 12, 31).toordinal())
NUMBERS: Final = (0, 10**9)
"""The least and the greatest that a rule can name."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """The papers with this number from ``least`` to ``most``, both included; None is no bound.

    One of the two is given. A paper of which nobody counted this is within no bounds.
    """

    measure: Measure
    least: int | None = None
    most: int | None = None

    def hold(self, paper: Paper) -> bool:
        """Whether the paper's number is within them."""
        number = measured(paper, self.measure)
        if number is None:
            return False
        return not (
            (self.least is not None and number < self.least)
            or (self.most is not None and number > self.most)
        )

    def __str__(self) -> str:
        """As a rule: ``upvotes:>=20``, ``upvotes:20``, ``day:2025-09-08..2025-09-12``."""
        least, most = (shown(self.measure, end) for end in (self.least, self.most))
        if self.least is None or self.most is None:
            return f"{self.measure}:" + (f"<={most}" if self.least is None else f">={least}")
        return f"{self.measure}:{least}" + (f"..{most}" if self.least < self.most else "")


def measured(paper: Paper, measure: Measure) -> int | None:
    """The paper's number; None if its source does not count that."""
    match measure:
        case Measure.UPVOTES:
            return paper.counts.upvotes
        case Measure.COMMENTS:
            return paper.counts.comments
        case Measure.STARS:
            return paper.counts.stars
        case Measure.DAY:
            return paper.day.toordinal()
        case _:
            assert_never(measure)


def shown(measure: Measure, number: int | None) -> str:
    """The number as it is written: ``3``, ``2025-09-08``; ``not counted`` if there is none."""
    if number is None:
        return "not counted"
    return date.fromordinal(number).isoformat() if measure is Measure.DAY else str(number)
