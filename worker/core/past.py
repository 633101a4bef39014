"""The last weeks of the paper log, a day at a time: what rules and words are compared with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from functools import cached_property
from itertools import groupby
from typing import Final

from worker.core.catalogue import Catalogue
from worker.core.corpus import Corpus, in_papers
from worker.core.index import Index
from worker.core.rarity import Rarity
from worker.model import Paper

DAYS: Final = 30
WEEK: Final = 7
MOST: Final = 10_000
"""Papers: of a log with more in its last days there are fewer days, and always the newest one."""


class PastDay:
    """The papers first listed on one edition day, findable. Never changes; any thread may read."""

    def __init__(self, day: date, papers: Sequence[Paper]) -> None:
        self.day = day
        self.papers = tuple(papers)
        self.catalogue = Catalogue(self.papers)
        self.index = Index(self.catalogue)

    @cached_property
    def words(self) -> Mapping[str, int]:
        """The folded words of titles and abstracts, each with the papers that have it, at least."""
        return self.catalogue.counts()

    @cached_property
    def singulars(self) -> Mapping[str, int]:
        """The words in the singular, each with the papers that have it."""
        return in_papers(self.catalogue)


class Past:
    """Some newest days on which papers came, the newest first; at most those of ``DAYS`` days.

    Made anew after each daily file, it takes over the days that are as they were.
    """

    def __init__(self, papers: Sequence[Paper], before: Past | None = None) -> None:
        known = {each.day: each for each in before.days} if before else {}
        self.days: tuple[PastDay, ...] = tuple(
            known[day] if day in known and known[day].papers == some else PastDay(day, some)
            for day, some in _newest(papers)
        )

    @property
    def papers(self) -> Iterator[Paper]:
        """All of them."""
        return (paper for each in self.days for paper in each.papers)

    @cached_property
    def corpus(self) -> Corpus:
        """What each word tells among these papers."""
        return Corpus((each.singulars for each in self.days), self.size)

    @cached_property
    def catalogue(self) -> Catalogue:
        """The papers of all its days, the oldest first."""
        return Catalogue.joined([each.catalogue for each in reversed(self.days)])

    def daily(self, bits: int) -> tuple[int, ...]:
        """How many of these papers of its catalogue came on each day, the oldest first."""
        if not self.days:
            return ()
        oldest = self.days[-1].day
        counts = [0] * ((self.days[0].day - oldest).days + 1)
        for each in reversed(self.days):
            counts[(each.day - oldest).days] = (bits & each.catalogue.everything).bit_count()
            bits >>= len(each.papers)
        return tuple(counts)

    @cached_property
    def size(self) -> int:
        """How many papers there are."""
        return sum(len(each.papers) for each in self.days)

    @cached_property
    def rarity(self) -> Rarity:
        """How rare the words of rules are in them."""
        return Rarity(self.size, (each.words for each in self.days))


def _newest(papers: Sequence[Paper]) -> list[tuple[date, tuple[Paper, ...]]]:
    ordered = sorted(papers, key=lambda paper: (paper.day, paper.number), reverse=True)
    taken: list[tuple[date, tuple[Paper, ...]]] = []
    room = MOST
    for day, some in groupby(ordered, key=lambda paper: paper.day):
        its = tuple(some)[::-1]
        room -= len(its)
        if taken and (room < 0 or day <= taken[0][0] - timedelta(days=DAYS)):
            break
        taken.append((day, its))
    return taken


NO_PAST: Final = Past(())
