"""Quotes in tables: closed, left out, left open (B24, B26, B40)."""

from __future__ import annotations

import csv

from hypothesis import given
from hypothesis import strategies as st

from tests.sources.listed import outcome, places, read, refused, titles
from tests.sources.test_csv_table import THREE, written
from tests.texts import unhurried
from worker.model import Edition, Incomplete
from worker.sources.csv_table import FORM


def test_a_quote_left_open_takes_no_other_row_with_it() -> None:
    rows = [f"Paper {n},https://arxiv.org/abs/2509.0000{n}" for n in range(1, 6)]
    rows[1] = '"' + rows[1]
    edition = read(FORM, "\n".join(["title,url", *rows, ""]))
    assert titles(edition) == ["Paper 1", "Paper 3", "Paper 4", "Paper 5"]
    assert places(edition) == ["line 3"]


def test_a_quote_left_open_is_found_though_a_later_one_closes_it() -> None:
    text = (
        "title,url\n"
        '"Open,https://arxiv.org/abs/2509.00001\n'
        '"Paper, with a comma",https://arxiv.org/abs/2509.00002\n'
    )
    edition = read(FORM, text)
    assert titles(edition) == ["Paper, with a comma"]
    assert places(edition) == ["line 2"]


def test_a_text_in_quotes_may_be_of_many_lines_also_in_the_first_column() -> None:
    text = written((("title", "url"), ("One\nTwo, three\n\nFour", "https://example.org/a")))
    assert titles(read(FORM, text)) == ["One\nTwo, three\n\nFour"]


def test_a_quote_left_open_to_the_end_is_waited_for() -> None:
    """B24."""
    unended = refused(FORM, 'title,url\nA,https://example.org/a\n"B,\nand more\n')
    assert isinstance(unended, Incomplete)
    assert unended.reasons[0].where == "line 3"


def test_quotes_that_scripts_leave_out_are_no_matter() -> None:
    text = 'title\turl\n"Why" and how\thttps://example.org/a\nThe "Best"\thttps://example.org/b\n'
    assert titles(read(FORM, text)) == ["Why and how", 'The "Best"']


def test_too_many_quotes_left_open_make_a_file_unreadable() -> None:
    text = "title,url\n" + '"A,https://arxiv.org/abs/2509.00001\n' * 2 + "B,2509.00002\n"
    assert "quote" in str(refused(FORM, text + text.partition("\n")[2] * 200))


def test_a_cell_longer_than_any_is_set_aside_and_no_setting_is_changed() -> None:
    before = csv.field_size_limit()
    edition = read(FORM, THREE + f"2025-09-09,Long,,{'x' * 200_000},\n")
    assert places(edition) == ["line 6"]
    assert csv.field_size_limit() == before


@unhurried
@given(st.integers(len(THREE.partition("\n")[0]) + 1, len(THREE) - 1))
def test_a_quote_anywhere_loses_no_row_in_silence(at: int) -> None:
    edition = outcome(FORM, THREE[:at] + '"' + THREE[at:])
    if isinstance(edition, Edition):
        assert len(edition.listings) + len(edition.rejected) >= 3
