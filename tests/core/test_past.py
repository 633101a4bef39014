"""The last weeks of the log, a day at a time."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from tests.made import paper
from worker.core import past
from worker.core.index import Index
from worker.core.past import NO_PAST, Past
from worker.core.query import parse

MONDAY = date(2025, 9, 8)
PAPERS = (
    paper(1, "Graph networks", day=MONDAY),
    paper(2, "Diffusion", "of graphs", day=MONDAY),
    paper(3, "Graph transformers", day=MONDAY + timedelta(days=1)),
)


def test_the_newest_day_comes_first_and_its_papers_are_found_as_listed() -> None:
    made = Past(PAPERS)
    assert [each.day for each in made.days] == [MONDAY + timedelta(days=1), MONDAY]
    assert [paper.number for paper in made.days[1].papers] == [1, 2]
    assert [each.index.match(parse("graph")) for each in made.days] == [0b1, 0b11]
    assert made.size == 3
    assert (NO_PAST.days, NO_PAST.size) == ((), 0)


def test_words_are_counted_by_papers() -> None:
    words = Past(PAPERS).days[1].words
    assert words["diffusion"] == 1


def test_what_is_older_than_thirty_days_is_past_no_more() -> None:
    old = paper(4, "Old", day=MONDAY - timedelta(days=29))
    assert [each.day for each in Past((*PAPERS, old)).days] == [MONDAY + timedelta(days=1), MONDAY]
    young = paper(4, "Young", day=MONDAY - timedelta(days=28))
    assert len(Past((*PAPERS, young)).days) == 3


def test_of_too_many_papers_there_are_fewer_days(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(past, "MOST", 2)
    assert [len(each.papers) for each in Past(PAPERS).days] == [1]
    assert [len(each.papers) for each in Past(PAPERS[:2]).days] == [2]
    monkeypatch.setattr(past, "MOST", 1)
    assert [len(each.papers) for each in Past(PAPERS[:2]).days] == [2], "always the newest"


def test_days_that_are_as_they_were_are_taken_over() -> None:
    before = Past(PAPERS)
    better = replace(PAPERS[2], abstract="More is known", version=2)
    after = Past((*PAPERS[:2], better), before)
    assert after.days[1] is before.days[1]
    assert after.days[0] is not before.days[0]


def test_all_its_papers_are_found_at_once_and_counted_by_day() -> None:
    friday = replace(paper(4, "A graph", day=MONDAY + timedelta(days=4)))
    made = Past((*PAPERS, friday))
    found = Index(made.catalogue).match(parse("graph"))
    assert [one.number for one in made.catalogue.listed] == [1, 2, 3, 4]
    assert made.daily(found) == (2, 1, 0, 0, 1)
    assert made.daily(0) == (0,) * 5
    assert NO_PAST.daily(0) == ()
