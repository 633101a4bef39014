"""Papers a day as bars."""

from __future__ import annotations

from worker.core.bars import HIGHEST, LOWEST, bars


def test_the_busiest_day_is_as_high_as_it_gets_and_none_is_nothing() -> None:
    drawn = bars((0, 1, 20, 40))
    assert drawn.heights == (0, LOWEST, HIGHEST // 2, HIGHEST)
    assert (drawn.text, drawn.total) == (" ▁▄█", 61)


def test_a_single_paper_is_no_peak() -> None:
    assert bars((1, 0)).heights == (4, 0)
    assert bars((1, 2, 3, 4)).text == "▂▄▆█"


def test_where_there_was_nothing_there_is_no_bar() -> None:
    assert bars(()) == bars(())
    assert (bars((0, 0)).text, bars((0, 0)).total, bars((0, 0)).heights) == ("", 0, (0, 0))
