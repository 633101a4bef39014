"""Where what is on a plot."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.made import MONDAY
from worker.core.chart import (
    ABOVE,
    BELOW,
    LEAST,
    STEPS,
    Mark,
    Peak,
    Stretch,
    parts,
    scale,
    shares,
    short,
    stacked,
)
from worker.core.overview import Series

TALL = 100


def days(count: int, first: date = MONDAY) -> tuple[date, ...]:
    return tuple(first + timedelta(days=each) for each in range(count))


@pytest.mark.parametrize(
    ("most", "ticks"),
    [
        (0, ()),
        (1, (1,)),
        (2, (1, 2)),
        (3, (1, 2, 3)),
        (4, (2, 4)),
        (7, (5, 10)),
        (15, (5, 10, 15)),
        (16, (10, 20)),
        (376, (200, 400)),
        (1000, (500, 1000)),
    ],
)
def test_lines_are_at_round_numbers(most: int, ticks: tuple[int, ...]) -> None:
    assert scale(most) == ticks


@given(st.integers(1, 10**12))
def test_the_highest_line_is_above_all_and_not_far(most: int) -> None:
    ticks = scale(most)
    assert 1 <= len(ticks) <= STEPS
    assert ticks[-1] >= most
    assert ticks[-1] < most + ticks[0]
    assert {later - earlier for earlier, later in pairwise((0, *ticks))} == {ticks[0]}


def test_a_bar_stands_on_zero_and_its_parts_on_each_other() -> None:
    stack = stacked(days(2), [Series("sent", (100, 50)), Series("failed", (100, 0))], TALL)
    first, second = stack.columns
    assert (stack.zero, stack.height) == (ABOVE + TALL, ABOVE + TALL + BELOW)
    assert [(each.kind, each.top, each.height) for each in first.pieces] == [
        ("sent", ABOVE + 50, 50),
        ("failed", ABOVE, 50),
    ]
    assert [(each.kind, each.top, each.height) for each in second.pieces] == [
        ("sent", ABOVE + 75, 25)
    ]
    assert stack.scale == (Mark(ABOVE + 50, "100"), Mark(ABOVE, "200"))


def test_bars_fill_the_width_evenly() -> None:
    stack = stacked(days(4), [Series("sent", (1, 1, 1, 1))], TALL)
    assert (stack.place, stack.bar) == (25, 18.5)
    assert [each.left for each in stack.columns] == [3.25, 28.25, 53.25, 78.25]
    assert [each.middle for each in stack.columns] == [12.5, 37.5, 62.5, 87.5]


def test_whatever_is_there_can_be_seen() -> None:
    stack = stacked(days(1), [Series("sent", (99_999,)), Series("failed", (1,))], TALL)
    (column,) = stack.columns
    assert column.pieces[1].height == LEAST
    assert column.pieces[1].top == ABOVE - LEAST


def test_a_day_with_nothing_has_no_bar_and_says_so() -> None:
    stack = stacked(days(2), [Series("sent", (0, 1200)), Series("failed", (0, 2))], TALL)
    nothing, something = stack.columns
    assert (nothing.pieces, nothing.total) == ((), 0)
    assert nothing.words == "Mon 8 Sep: nothing"
    assert something.words == "Tue 9 Sep: 1,200 sent, 2 failed"


def test_the_newest_of_the_highest_bars_has_its_number_on_it() -> None:
    stack = stacked(days(3), [Series("sent", (2000, 2000, 1))], TALL)
    assert stack.peak == Peak(50, ABOVE - 6, "2,000")


def test_of_nothing_at_all_there_is_no_line_and_no_number() -> None:
    stack = stacked(days(30), [Series("sent", (0,) * 30)], TALL)
    assert (stack.scale, stack.peak) == ((), None)
    assert not any(each.pieces for each in stack.columns)


def test_mondays_are_named_every_other_one_where_there_are_many() -> None:
    month = stacked(days(30, MONDAY + timedelta(days=1)), [Series("sent", (1,) * 30)], TALL)
    assert [each.words for each in month.weeks] == ["15 Sep", "22 Sep", "29 Sep", "6 Oct"]
    assert month.weeks[0].at == month.columns[6].middle
    longer = stacked(days(60), [Series("sent", (1,) * 60)], TALL)
    assert [each.words for each in longer.weeks][:2] == ["8 Sep", "22 Sep"]


@given(st.lists(st.lists(st.integers(0, 10**6), min_size=3, max_size=3), min_size=1, max_size=40))
def test_nothing_leaves_the_plot(counts: list[list[int]]) -> None:
    named = [Series(f"k{at}", tuple(each[at] for each in counts)) for at in range(3)]
    stack = stacked(days(len(counts)), named, TALL)
    for column in stack.columns:
        assert column.left >= 0
        assert column.left + stack.bar <= 100.01
        for piece in column.pieces:
            assert piece.top >= ABOVE - 3 * LEAST
            assert piece.top + piece.height <= stack.zero + 0.2


def test_shares_are_of_the_greatest() -> None:
    assert shares([4, 1, 0, 3]) == (100, 25, 0, 75)
    assert shares([10**6, 1]) == (100, 0.5)
    assert shares([0, 0]) == (0, 0)
    assert shares([]) == ()


def test_parts_lie_side_by_side_and_what_is_none_has_no_place() -> None:
    assert parts([("a", 1), ("b", 0), ("c", 3)]) == (Stretch("a", 0, 25), Stretch("c", 25, 75))
    assert parts([("a", 0)]) == ()


def test_days_are_short() -> None:
    assert short(date(2025, 11, 3)) == "3 Nov"
