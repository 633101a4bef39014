"""Days are written in the language that somebody wants them in."""

from __future__ import annotations

import subprocess
import sys
from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.made import MONDAY
from worker.core.typeset import spelled, spelled_all, spelled_short, spelled_shortest
from worker.manner import Language

TUESDAY = date(2025, 9, 9)
OTHERS = [each for each in Language if each is not Language.EN]


@pytest.mark.parametrize(
    ("language", "written"),
    [
        (Language.EN, "Monday, 8 September 2025"),
        (Language.DE, "Montag, 8. September 2025"),
        (Language.FR, "lundi 8 septembre 2025"),
        (Language.JA, "2025年9月8日月曜日"),
        (Language.NB, "mandag 8. september 2025"),
        (Language.TR, "8 Eylül 2025 Pazartesi"),
    ],
)
def test_a_day_is_written_as_people_of_that_language_write_it(
    language: Language, written: str
) -> None:
    assert spelled(MONDAY, language) == written


def test_a_day_may_do_without_its_weekday_and_year() -> None:
    assert [spelled_short(MONDAY, each) for each in (Language.EN, Language.DE, Language.ZH)] == [
        "8 September", "8. September", "9月8日",
    ]  # fmt: skip
    assert [spelled_shortest(MONDAY, each) for each in (Language.EN, Language.DE)] == [
        "8 Sep", "8. September",
    ]  # fmt: skip


def test_several_days_are_listed_and_many_are_counted() -> None:
    week = [date(2025, 9, day) for day in range(1, 7)]
    new_year = [date(2025, 12, 31), date(2026, 1, 1)]
    assert spelled_all([MONDAY, TUESDAY], Language.DE) == "8. September und 9. September"
    assert spelled_all([MONDAY], Language.ES) == "8 de septiembre"
    assert spelled_all(new_year, Language.FR) == "31 décembre 2025 et 1 janvier 2026"
    assert spelled_all(week, Language.DE) == "6 Tage"
    assert spelled_all([], Language.DE) == ""


@given(day=st.dates(), language=st.sampled_from(OTHERS))
def test_every_day_can_be_written_in_every_language_and_names_itself(
    day: date, language: Language
) -> None:
    assert str(day.day) in spelled(day, language)
    assert str(day.year) in spelled(day, language)
    assert str(day.day) in spelled_short(day, language)
    for text in (spelled(day, language), spelled_short(day, language)):
        assert text.replace("\u202f", " ").isprintable()  # "2025 р."
        assert not set(text) & set("<>&@\"'")


@pytest.mark.parametrize("language", OTHERS)
def test_no_two_days_of_a_year_are_written_alike(language: Language) -> None:
    days = [date.fromordinal(MONDAY.toordinal() + n) for n in range(365)]
    written = [spelled_short(day, language) for day in days]
    assert len(set(written)) == len(days)
    assert all(one != other for one, other in pairwise(written))


def test_what_it_takes_to_write_other_languages_is_loaded_when_one_is_wanted() -> None:
    script = (
        "import sys; from datetime import date; import worker.cli.main;"
        "from worker.core.typeset import spelled; from worker.manner import Language;"
        "spelled(date(2025, 9, 8)); assert 'babel' not in sys.modules;"
        "spelled(date(2025, 9, 8), Language.DE); assert 'babel' in sys.modules"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
