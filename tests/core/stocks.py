"""Papers of some days, to try rules on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

from tests.core.oracle import seed_papers
from worker.core.stock import Stock, lately
from worker.core.window import Window
from worker.model import Paper, PaperNumber, Rule

LAST = date(2025, 9, 30)


def spread_out() -> tuple[Paper, ...]:
    """The seed papers, two of them on each of 34 days; so the oldest seven are too old."""
    return tuple(
        replace(paper, day=LAST - timedelta(days=(66 - i) // 2))
        for i, paper in enumerate(seed_papers())
    )


SPREAD = spread_out()
STOCK = lately(Window(SPREAD, ()))
LATE = frozenset(paper for paper in SPREAD if paper.day > LAST - timedelta(days=30))


def stock_of(*titles: str, day: date = LAST) -> Stock:
    """Papers of one day with these titles and nothing else."""
    papers = [
        Paper(PaperNumber(number), day, (f"title:{number}",), title, "")
        for number, title in enumerate(titles, 1)
    ]
    return lately(Window(papers, ()))


def rules(*queries: str) -> Sequence[Rule]:
    """Rules named by their queries, or as in ``NAME=QUERY``."""
    return [Rule(query, query) for query in queries]
