"""Where papers stand among those of their day by upvotes, as their source counts them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from worker.model import Paper, PaperNumber


@dataclass(frozen=True, slots=True)
class Standing:
    """A paper's place, from 1 on, among so many ``of`` its day that have upvotes."""

    place: int
    of: int


def standings(papers: Sequence[Paper], beside: Iterable[Paper] = ()) -> list[Standing | None]:
    """Of each of the papers; None for one without upvotes. Of equal ones the earlier comes first.

    ``beside`` are others first listed on the same days; they count, but nobody asks for theirs.
    """
    found: dict[PaperNumber, Standing] = {}
    for day in _by_day((*beside, *papers)).values():
        ordered = sorted(day, key=lambda paper: (-_upvotes(paper), paper.number))
        found |= {paper.number: Standing(i, len(day)) for i, paper in enumerate(ordered, 1)}
    return [found.get(paper.number) for paper in papers]


def of_same_days(papers: Sequence[Paper], all_: Iterable[Paper]) -> tuple[Paper, ...]:
    """Of all papers the others first listed on a day of these: what they stand among."""
    days, numbers = {paper.day for paper in papers}, {paper.number for paper in papers}
    return tuple(each for each in all_ if each.day in days and each.number not in numbers)


def _by_day(papers: Iterable[Paper]) -> dict[date, list[Paper]]:
    """Those with upvotes; of a paper given twice the last state counts."""
    days: defaultdict[date, list[Paper]] = defaultdict(list)
    for paper in {paper.number: paper for paper in papers}.values():
        if _upvotes(paper) > 0:
            days[paper.day].append(paper)
    return days


def _upvotes(paper: Paper) -> int:
    return paper.counts.upvotes or 0
