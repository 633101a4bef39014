"""Days and schedules, as people say them."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.core.said import day_said, schedule_said
from worker.core.schedule import format_schedule, parse_schedule
from worker.model import Refused

TUESDAY = date(2026, 9, 8)
BEFORE = parse_schedule("daily 07:30")


@pytest.mark.parametrize(
    ("said", "day"),
    [
        ("2026-10-01", date(2026, 10, 1)),
        ("2026-10-1", date(2026, 10, 1)),
        ("1 october", date(2026, 10, 1)),
        ("october 1st", date(2026, 10, 1)),
        ("2nd oct 2027", date(2027, 10, 2)),
        ("7 september", date(2027, 9, 7)),
        ("friday", date(2026, 9, 11)),
        ("tue", date(2026, 9, 15)),
        ("10 days", date(2026, 9, 18)),
        ("2 weeks", date(2026, 9, 22)),
        ("a week", date(2026, 9, 15)),
        ("one month", date(2026, 10, 8)),
        ("5 months", date(2027, 2, 8)),
    ],
)
def test_a_day_is_what_people_mean_by_it(said: str, day: date) -> None:
    assert day_said(said.split(), TUESDAY) == day


def test_a_month_from_its_last_day_is_the_last_day_of_the_next() -> None:
    assert day_said(["1", "month"], date(2026, 1, 31)) == date(2026, 2, 28)


@pytest.mark.parametrize(
    "said",
    [
        "", "fr", "2026-13-01", "30 february", "1 oct oct", "two weeks", "9999 months 3", "oct nov",
        "9999 weeks 1 1", "1 oct 20266", "many weeks", "the future is bright", "1 1",
    ],
)  # fmt: skip
def test_what_is_no_day_is_none(said: str) -> None:
    assert day_said(said.split(), TUESDAY) is None


def test_a_day_behind_all_calendars_is_none() -> None:
    assert day_said(["9999", "months"], date(9990, 1, 1)) is None
    assert day_said(["9999", "weeks"], date(9999, 12, 1)) is None


@pytest.mark.parametrize(
    ("said", "schedule"),
    [
        ("daily", "daily 07:30"),
        ("daily 9:00", "daily 09:00"),
        ("daily at 9", "daily 09:00"),
        ("weekdays 6pm", "weekdays 18:00"),
        ("daily 12am", "daily 00:00"),
        ("daily 12.30pm", "daily 12:30"),
        ("weekly", "weekly tue 07:30"),
        ("weekly fri", "weekly fri 07:30"),
        ("weekly on friday at 16:15", "weekly fri 16:15"),
        ("weekly mon and thursday 18:00", "mon,thu 18:00"),
        ("monthly", "monthly 8 07:30"),
        ("monthly 31", "monthly 31 07:30"),
        ("monthly 1 9:00", "monthly 1 09:00"),
        ("monthly 9:00", "monthly 8 09:00"),
        ("immediately", "immediately"),
    ],
)
def test_a_schedule_keeps_what_is_not_said(said: str, schedule: str) -> None:
    found = schedule_said(said.split(), BEFORE, TUESDAY)
    assert found is not None
    assert format_schedule(found) == schedule


def test_who_read_immediately_gets_the_usual_time() -> None:
    found = schedule_said(["daily"], parse_schedule("immediately"), TUESDAY)
    assert found == parse_schedule("daily 08:00")


@pytest.mark.parametrize(
    "said",
    [
        "daily 25:00",
        "daily 13pm",
        "daily fri",
        "monthly 32",
        "monthly fri",
        "immediately 8",
        "weekly 8 9",
    ],
)
def test_what_can_only_be_meant_as_a_schedule_is_refused_with_what_is_allowed(said: str) -> None:
    with pytest.raises(Refused, match="allowed are"):
        schedule_said(said.split(), BEFORE, TUESDAY)


def test_a_sentence_that_begins_like_a_schedule_is_none() -> None:
    assert schedule_said(["daily", "papers", "are", "great"], BEFORE, TUESDAY) is None


@given(st.lists(st.text(st.characters(codec="utf-8"), min_size=1), max_size=5), st.dates())
def test_no_words_and_no_day_raise_anything_else(words: list[str], today: date) -> None:
    day_said(words, today)
    try:
        schedule_said(["monthly", *words], BEFORE, today)
    except Refused:
        pass
