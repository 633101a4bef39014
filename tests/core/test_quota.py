"""How many messages may go, and when the next one may."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.made import NOON
from worker.core.quota import DAY, HOUR, MINUTE, WARM_UP_DAYS, Limits, minute, next_at, warm_up

SECOND = timedelta(seconds=1)
FIRST = date(2025, 9, 8)


def test_without_a_limit_the_next_one_may_go_now() -> None:
    assert next_at(Limits(), {NOON - MINUTE: 10**9}, NOON) == NOON


def test_as_long_as_there_is_room_the_next_one_may_go_now() -> None:
    assert next_at(Limits(per_hour=3), {NOON: 2}, NOON + SECOND) == NOON + SECOND
    assert next_at(Limits(per_hour=3), {}, NOON) == NOON


def test_a_full_hour_waits_until_enough_of_it_is_old() -> None:
    sent = {NOON: 2, NOON + 10 * MINUTE: 1}
    now = NOON + 20 * MINUTE
    assert next_at(Limits(per_hour=3), sent, now) == NOON + HOUR + MINUTE
    assert next_at(Limits(per_hour=1), sent, now) == NOON + 10 * MINUTE + HOUR + MINUTE


def test_what_went_in_the_last_second_of_a_minute_is_not_old_before_its_hour_is_over() -> None:
    sent = {NOON: 1}  # at 12:00:59, say
    assert next_at(Limits(per_hour=1), sent, NOON + HOUR) == NOON + HOUR + MINUTE


def test_the_narrower_of_two_limits_decides() -> None:
    sent = {NOON: 1}
    later = NOON + 2 * HOUR
    assert next_at(Limits(per_hour=1, per_day=2), sent, later) == later
    assert next_at(Limits(per_hour=1, per_day=1), sent, later) == NOON + DAY + MINUTE


def test_what_went_by_a_clock_that_was_years_ahead_keeps_nothing_back() -> None:
    """F53. One set back by less is waited for: what went did go just now."""
    assert next_at(Limits(per_hour=1), {NOON + 365 * DAY: 9}, NOON) == NOON
    assert next_at(Limits(per_day=1), {NOON + 2 * HOUR: 1}, NOON) == NOON + DAY + 2 * HOUR + MINUTE


@pytest.mark.parametrize(
    ("day", "most"), [(-3, 50), (0, 50), (1, 100), (2, 200), (13, 409_600), (14, 0), (400, 0)]
)
def test_a_new_sender_may_send_twice_as_much_each_day_and_then_all(day: int, most: int) -> None:
    assert warm_up(FIRST, FIRST + timedelta(days=day)) == most
    assert WARM_UP_DAYS == 14


def test_a_minute_begins_at_its_full_minute() -> None:
    assert minute(NOON + timedelta(seconds=59, microseconds=999_999)) == NOON


instants = st.lists(  # close to whole minutes, hours and days, where it is decided
    st.builds(
        lambda days, hours, seconds: NOON + days * DAY + hours * HOUR + seconds * SECOND,
        st.integers(0, 1),
        st.integers(0, 3),
        st.integers(-61, 61),
    ),
    max_size=40,
)


@given(instants, st.integers(1, 5), st.integers(1, 12))
def test_who_sends_when_he_may_never_sends_too_much_in_any_hour_or_day(
    wishes: list[datetime], per_hour: int, per_day: int
) -> None:
    limits, gone, by_minute = Limits(per_hour, per_day), list[datetime](), Counter[datetime]()
    for wish in sorted(wishes):
        goes = next_at(limits, by_minute, max([wish, *gone[-1:]]))
        gone.append(goes)
        by_minute[minute(goes)] += 1
    for most, span in ((per_hour, HOUR), (per_day, DAY)):
        windows = zip(gone, gone[most:], strict=False)
        assert all(later - earlier >= span for earlier, later in windows)


@given(instants, st.integers(1, 5), st.integers(1, 12))
def test_the_instant_given_is_one_at_which_it_may_go(
    sent: list[datetime], per_hour: int, per_day: int
) -> None:
    limits = Limits(per_hour, per_day)
    by_minute = Counter(map(minute, sent))
    goes = next_at(limits, by_minute, NOON + 30 * HOUR)
    assert goes >= NOON + 30 * HOUR
    assert next_at(limits, by_minute, goes) == goes


@given(instants, st.integers(1, 5))
def test_nobody_waits_longer_than_he_must(sent: list[datetime], per_hour: int) -> None:
    """By a minute at most: until then the hour before is full, as far as minutes can tell."""
    by_minute = Counter(map(minute, sent))
    now = NOON + 30 * HOUR
    goes = next_at(Limits(per_hour=per_hour), by_minute, now)
    if goes > now:
        before = goes - SECOND
        assert sum(n for at, n in by_minute.items() if at + MINUTE + HOUR > before) >= per_hour
