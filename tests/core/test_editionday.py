"""The day of an edition whose file does not say its year (scenario 2)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.texts import unhurried
from worker.core.editionday import day_of, days_in, edition_day, parse_day
from worker.model import Unreadable

NAMELESS = "papers.txt"
days = st.dates(date(1990, 1, 1), date(2090, 1, 1))


def at(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)


SOME_TIME = at(date(2030, 6, 1))


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("Sep 8", (9, 8, None)),
        ("Sept 9", (9, 9, None)),
        ("SEPT. 9", (9, 9, None)),
        ("September 9th", (9, 9, None)),
        ("8 Sep", (9, 8, None)),
        ("8 May 2025", (5, 8, 2025)),
        ("Sep 8, 2025", (9, 8, 2025)),
        ("Mon, Sep 8", (9, 8, None)),
        ("Wednesday, 10 September 2025", (9, 10, 2025)),
        ("Dec 31", (12, 31, None)),
        ("2025-09-08", (9, 8, 2025)),
        ("Feb 30", (2, 30, None)),
    ],
)
def test_a_line_that_is_a_date_is_read(line: str, found: tuple[int, int, int | None]) -> None:
    assert parse_day(line) == found


@pytest.mark.parametrize(
    "line",
    [
        *("", "Sep", "8", "Sep 8 papers", "On Sep 8", "Se 8", "Septembre 8", "Sex 8", "Sepia 8"),
        *("Mon 8", "2025-13-08", "2025-00-08", "2025-9-8", "Sep 123", "Sep 8, 25", "Sep ٨"),
    ],
)
def test_any_other_line_is_no_date(line: str) -> None:
    assert parse_day(line) is None


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("2025-09-08.txt", ["2025-09-08"]),
        ("hf_2025_9_8(1).txt", ["2025-09-08"]),
        ("20250908", ["2025-09-08"]),
        ("daily-2025.09.08T10.txt", ["2025-09-08"]),
        ("2025-09-08 saved 2025-09-10 as 20250908.txt", ["2025-09-08", "2025-09-10"]),
        ("12345678 20259999 120250908 2025-09_08 2025.txt", []),
    ],
)
def test_full_dates_are_found_in_a_name(name: str, found: list[str]) -> None:
    assert [str(day) for day in days_in(name)] == found


def test_an_impossible_date_in_a_name_is_refused() -> None:
    with pytest.raises(Unreadable, match="name: 2025-02-30 is no day"):
        days_in("2025-02-30.txt")


# --- the year ---------------------------------------------------------------


def test_the_name_decides_the_year_before_anything_else() -> None:
    assert day_of(9, 8, "2019-09-08.txt", date(2025, 9, 7), SOME_TIME) == date(2019, 9, 8)


def test_of_two_dates_in_a_name_the_one_that_agrees_decides() -> None:
    name = "2025-09-08 saved 2025-09-10.txt"
    assert day_of(9, 8, name, None, SOME_TIME) == date(2025, 9, 8)


@pytest.mark.parametrize("name", ["2025-09-09.txt", "2024-09-08_2025-09-08.txt"])
def test_a_name_that_says_something_else_is_refused_with_both(name: str) -> None:
    with pytest.raises(Unreadable, match=r"line 11: the date is Sep 8, but .* says 202\d-09-0\d"):
        day_of(9, 8, name, date(2025, 9, 7), SOME_TIME, where="line 11")


@pytest.mark.parametrize(
    ("month", "day", "newest", "year"),
    [
        (1, 1, date(2025, 12, 31), 2026),
        (12, 31, date(2026, 1, 1), 2025),
        (9, 8, date(2025, 9, 9), 2025),
        (2, 29, date(2024, 3, 1), 2024),
        (2, 29, date(2023, 12, 30), 2024),
    ],
)
def test_the_newest_edition_decides_the_year(month: int, day: int, newest: date, year: int) -> None:
    assert day_of(month, day, NAMELESS, newest, SOME_TIME) == date(year, month, day)


@pytest.mark.parametrize(
    ("month", "day", "modified", "year"),
    [
        (12, 31, date(2026, 1, 1), 2025),
        (1, 1, date(2025, 12, 31), 2026),
        (1, 7, date(2025, 12, 31), 2026),
        (1, 8, date(2025, 12, 31), 2025),
        (2, 29, date(2024, 2, 28), 2024),
        (12, 31, date(9999, 12, 30), 9999),
    ],
)
def test_without_an_edition_the_modification_time_decides_the_year(
    month: int, day: int, modified: date, year: int
) -> None:
    assert day_of(month, day, NAMELESS, None, at(modified)) == date(year, month, day)


@unhurried
@given(days, st.integers(-182, 182))
@example(date(2025, 6, 1), 182)
@example(date(2025, 6, 1), -182)
def test_a_day_within_half_a_year_of_the_newest_edition_is_found_again(
    newest: date, away: int
) -> None:
    day = newest + timedelta(days=away)
    assert day_of(day.month, day.day, NAMELESS, newest, SOME_TIME) == day


@unhurried
@given(days, st.integers(-357, 7))
def test_a_day_of_the_year_up_to_a_week_after_the_modification_is_found_again(
    modified: date, away: int
) -> None:
    day = modified + timedelta(days=away)
    assert day_of(day.month, day.day, NAMELESS, None, at(modified)) == day


def test_a_year_in_the_file_is_taken_at_its_word_but_not_against_the_name() -> None:
    assert day_of(9, 8, NAMELESS, date(2025, 9, 7), SOME_TIME, year=2019) == date(2019, 9, 8)
    with pytest.raises(Unreadable, match=r"the date is Sep 8, 2019, but .* says 2025-09-08"):
        day_of(9, 8, "2025-09-08.txt", None, SOME_TIME, year=2019)


@pytest.mark.parametrize(
    ("month", "day", "newest"),
    [(2, 29, date(2025, 3, 1)), (2, 29, None), (2, 30, None), (9, 31, None), (9, 0, None)],
)
def test_a_day_that_does_not_exist_is_refused_and_never_guessed(
    month: int, day: int, newest: date | None
) -> None:
    with pytest.raises(Unreadable, match=rf"line 3: \w+ 20\d\d has no day {day}"):
        day_of(month, day, NAMELESS, newest, SOME_TIME, where="line 3")


@pytest.mark.parametrize(
    ("name", "said", "day"),
    [
        ("2026-03-14.jsonl", [date(2026, 3, 13)], date(2026, 3, 14)),
        ("13-Mar-2026_IR.md", [], date(2026, 3, 13)),
        ("13 March 2026.md", [], date(2026, 3, 13)),
        ("2026-03-09_2026-03-13.json", [date(2026, 3, 13)], date(2026, 3, 13)),
        ("2026-03-09_2026-03-13.json", [], date(2026, 3, 13)),
        (NAMELESS, [date(2026, 3, 9), date(2026, 3, 9), date(2026, 3, 12)], date(2026, 3, 9)),
        (NAMELESS, [date(2026, 3, 9), date(2026, 3, 12)], date(2026, 3, 12)),
        (NAMELESS, [date(1970, 1, 1), date(9999, 12, 31), date(2031, 1, 1)], date(2030, 6, 1)),
        (NAMELESS, [], date(2030, 6, 1)),
        ("1-Foo-2026.txt", [], date(2030, 6, 1)),
    ],
)
def test_the_day_of_an_edition_is_the_names_else_the_one_said_else_the_files(
    name: str, said: list[date], day: date
) -> None:
    assert edition_day(name, said, SOME_TIME) == day


def test_a_written_out_name_that_is_no_day_is_refused() -> None:
    with pytest.raises(Unreadable, match="February 2026 has no day 30"):
        edition_day("30-Feb-2026.md", [], SOME_TIME)
