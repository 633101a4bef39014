"""The papers at hand for pages: all that the log keeps, findable, and day by day."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import groupby
from typing import Final

from worker.core.catalogue import Catalogue
from worker.core.corpus import Corpus, in_papers
from worker.core.exemplars import among, likes_of, made_up
from worker.core.index import Index
from worker.core.likeness import NO_LIKENESS, Likeness
from worker.core.nearby import Nearby
from worker.core.receipt import new_and_seen
from worker.core.terms import Like, Query
from worker.model import Intake, Paper

NONE: Final[Mapping[Like, Paper]] = {}


@dataclass(frozen=True, slots=True)
class Day:
    """One edition day: its papers in the order of the log, and what its files listed.

    ``listed == new + seen``, of so many ``files``.
    """

    day: date
    papers: tuple[Paper, ...]
    files: int
    listed: int
    new: int
    seen: int


class Window:
    """Every paper that the log still keeps. Never changes; any thread may read it."""

    def __init__(self, papers: Sequence[Paper], intakes: Sequence[Intake]) -> None:
        self.papers = tuple(sorted(papers, key=lambda paper: (paper.day, paper.number)))
        """Oldest first: the bits of every match are in this order."""
        self.days = tuple(_days(self.papers, intakes))
        """Newest first."""
        self.catalogue = Catalogue(self.papers)

    def on(self, day: date) -> Day | None:
        """That day, if anything that came on it is still kept."""
        return next((each for each in self.days if each.day == day), None)

    def index(self, likes: Iterable[Like] = (), kept: Mapping[Like, Paper] = NONE) -> Index:
        """An index of these papers for one asker: what it remembers is forgotten with it.

        It takes the exemplars of these ``likes`` from here, or of those ``kept`` elsewhere.
        """
        return Index(self.catalogue, self.likeness(likes, kept))

    def likeness(self, likes: Iterable[Like], kept: Mapping[Like, Paper] = NONE) -> Likeness:
        """Compares papers with these exemplars."""
        asked = tuple(likes)
        if not asked:
            return NO_LIKENESS
        return Likeness(self.corpus, {**made_up(asked), **kept, **among(asked, self.papers)})

    def search(self, query: Query) -> tuple[Paper, ...]:
        """The papers that the query matches, newest first."""
        return tuple(self.newest(self.index(likes_of(query)).match(query)))

    def newest(self, bits: int) -> Iterator[Paper]:
        """These papers, newest first."""
        while bits:
            highest = bits.bit_length() - 1
            yield self.papers[highest]
            bits ^= 1 << highest

    def since(self, day: date) -> int:
        """The papers of that day and later, as bits."""
        before = bisect_left(self.papers, day, key=lambda paper: paper.day)
        return self.catalogue.everything >> before << before

    @cached_property
    def corpus(self) -> Corpus:
        """What each word tells among these papers."""
        return Corpus((in_papers(self.catalogue),), len(self.papers))

    @cached_property
    def nearby(self) -> Nearby:
        """The words of titles and abstracts, by what is nearly one of them."""
        return Nearby(self.catalogue.counts())


def _days(papers: Sequence[Paper], intakes: Sequence[Intake]) -> Iterator[Day]:
    """From the oldest paper on: of files whose papers have all left, there is nothing to show."""
    found = {day: tuple(some) for day, some in groupby(papers, key=lambda paper: paper.day)}
    oldest = min(found, default=date.max)
    came = {intake.day for intake in intakes if intake.day >= oldest}
    for day in sorted(found.keys() | came, reverse=True):
        yield _day(day, found.get(day, ()), [intake for intake in intakes if intake.day == day])


def _day(day: date, papers: tuple[Paper, ...], intakes: Sequence[Intake]) -> Day:
    new, seen = new_and_seen(intakes)
    return Day(day, papers, len(intakes), new + seen, new, seen)
