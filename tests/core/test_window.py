"""The kept papers, day by day and findable, and those of the last 30 days."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from tests.core.stocks import LAST, SPREAD, STOCK
from tests.made import MONDAY, intake, paper
from worker.core.query import parse
from worker.core.stock import DAYS, lately
from worker.core.window import Day, Window

TUESDAY = MONDAY + timedelta(days=1)


def test_the_days_have_their_papers_and_what_their_files_listed_the_newest_first() -> None:
    papers = [paper(1), paper(2), paper(3, day=TUESDAY)]
    intakes = [intake(1, 2, 2), intake(2, 1, 3, seen=4, day=TUESDAY), intake(3, 0, 3, seen=2)]
    assert Window(papers, intakes).days == (
        Day(TUESDAY, (papers[2],), files=1, listed=5, new=1, seen=4),
        Day(MONDAY, (papers[0], papers[1]), files=2, listed=4, new=2, seen=2),
    )


def test_a_file_that_was_read_once_more_listed_nothing_that_was_not_counted_before() -> None:
    again = replace(intake(2, 0, 1, seen=1), again=True)
    (day,) = Window([paper(1)], [intake(1, 1, 1), again]).days
    assert (day.files, day.listed, day.new, day.seen) == (2, 1, 1, 0)


def test_of_days_before_the_oldest_paper_that_is_kept_nothing_is_shown() -> None:
    window = Window([paper(9, day=TUESDAY)], [intake(1, 8, 8), intake(2, 1, 9, day=TUESDAY)])
    assert [day.day for day in window.days] == [TUESDAY]
    assert Window([], [intake(1, 8, 8)]).days == ()


def test_a_day_is_found_if_anything_came_on_it() -> None:
    window = Window([paper(1)], [intake(1, 1, 1), intake(2, 0, 1, seen=1, day=TUESDAY)])
    found = window.on(TUESDAY)
    assert found
    assert (found.papers, found.seen) == ((), 1)
    assert window.on(date(2025, 9, 10)) is None


def test_papers_are_searched_the_newest_day_first_whenever_it_came() -> None:
    papers = [paper(1, "graph", day=TUESDAY), paper(2, "graph"), paper(3, "none", day=TUESDAY)]
    papers.append(paper(4, "graphs", day=TUESDAY))
    found = Window(papers, ()).search(parse("graph"))
    assert [one.number for one in found] == [4, 1, 2]


def test_what_one_asker_asked_is_forgotten_with_him() -> None:
    window = Window([paper(1, "graph")], ())
    first = window.index()
    first.match(parse("graph"))
    assert first._known
    assert not window.index()._known


def test_the_stock_ends_with_the_newest_edition_day_and_goes_back_thirty_days() -> None:
    assert (STOCK.last, STOCK.first, STOCK.days) == (LAST, LAST - timedelta(days=29), DAYS)
    assert STOCK.size == 60
    assert STOCK.papers == SPREAD[:6:-1]


def test_a_day_on_which_nothing_new_came_is_one_of_the_days_too() -> None:
    stock = lately(Window([paper(1)], [intake(1, 1, 1), intake(2, 0, 1, 1, TUESDAY)]))
    assert (stock.first, stock.last, stock.days, stock.size) == (MONDAY, TUESDAY, 2, 1)


def test_a_log_that_does_not_reach_back_so_far_has_fewer_days_and_an_empty_one_none() -> None:
    assert lately(Window([paper(1)], ())).days == 1
    empty = lately(Window((), ()))
    assert (empty.days, empty.size, empty.weeks, empty.papers) == (0, 0, (), ())
    assert empty.first == empty.last


def test_the_weeks_end_with_the_newest_day_and_the_oldest_of_them_is_short() -> None:
    firsts = [LAST - timedelta(days=days) for days in (29, 27, 20, 13, 6)]
    assert [week.first for week in STOCK.weeks] == firsts
    assert [week.days for week in STOCK.weeks] == [2, 7, 7, 7, 7]


@given(st.lists(st.dates(date(2025, 8, 1), date(2025, 9, 30))), st.integers(1, 40))
def test_each_paper_of_the_stock_is_in_the_week_of_its_day(days: list[date], most: int) -> None:
    papers = [paper(number, day=day) for number, day in enumerate(days, 1)]
    stock = lately(Window(papers, ()), most)
    last = max(days, default=None)
    assert set(stock.papers) == {
        one for one in papers if last and one.day > last - timedelta(days=most)
    }
    assert sum(week.days for week in stock.weeks) == stock.days
    for week in stock.weeks:
        end = week.first + timedelta(days=week.days)
        those = {one for one in stock.papers if week.first <= one.day < end}
        assert set(stock.window.newest(week.bits)) == those
