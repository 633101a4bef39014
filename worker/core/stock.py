"""The papers of the last 30 days, which rules are tried on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from worker.core.exemplars import among, made_up
from worker.core.index import Index
from worker.core.terms import Like
from worker.core.window import Window
from worker.model import Paper

DAYS = 30


@dataclass(frozen=True, slots=True)
class Week:
    """Seven days; of the oldest week maybe only the last of them. Its papers as bits."""

    first: date
    days: int
    bits: int


@dataclass(frozen=True, slots=True)
class Stock:
    """The papers of ``days`` days that end with the newest edition day, as bits of the window.

    ``weeks`` are those days, the oldest first, and end with the same day. Without any papers
    ``days`` is 0, and the day is any. ``kept`` are exemplars that the window has no more.
    """

    window: Window
    last: date
    days: int
    bits: int
    weeks: tuple[Week, ...]
    kept: Mapping[Like, Paper] = field(default_factory=dict)

    def index(self, likes: Iterable[Like]) -> Index:
        """An index of the window's papers for rules with these exemplars."""
        return self.window.index(likes, self.kept)

    def absent(self, likes: Iterable[Like]) -> tuple[Like, ...]:
        """Those whose exemplar is not known here, as far as an id names it."""
        asked = tuple(likes)
        known = {**made_up(asked), **self.kept, **among(asked, self.window.papers)}
        return tuple(like for like in asked if like not in known)

    @property
    def first(self) -> date:
        """The oldest of the days."""
        return self.last - timedelta(days=max(0, self.days - 1))

    @property
    def size(self) -> int:
        """How many papers."""
        return self.bits.bit_count()

    @property
    def papers(self) -> tuple[Paper, ...]:
        """Newest first."""
        return tuple(self.window.newest(self.bits))


def lately(window: Window, most: int = DAYS) -> Stock:
    """The papers of so many days, or of as many as the window has."""
    if not window.days:
        return Stock(window, date.min, 0, 0, ())
    last, oldest = window.days[0].day, window.days[-1].day
    days = min(most, (last - oldest).days + 1)
    weeks = tuple(_weeks(window, last, days))
    bits = window.since(last - timedelta(days=days - 1))
    return Stock(window, last, days, bits, weeks[::-1])


def _weeks(window: Window, last: date, days: int) -> Iterator[Week]:
    """The newest first."""
    later = 0
    for back in range(0, days, 7):
        length = min(7, days - back)
        first = last - timedelta(days=back + length - 1)
        since = window.since(first)
        yield Week(first, length, since & ~later)
        later = since
