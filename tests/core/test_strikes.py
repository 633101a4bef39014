"""When an address counts as dead."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.made import NOON
from worker.core.strikes import APART, ENOUGH, FORGOTTEN, of_bounce, strike, suppresses
from worker.deliveries import (
    Strike,
)
from worker.outcomes import (
    Cause,
)

CODED, UNCODED, HALF = (
    strike(cause, NOON, "smtp", "550") for cause in (Cause.ADDRESS, Cause.UNSAID, Cause.FULL)
)
DAY, HOUR, SECOND = timedelta(days=1), timedelta(hours=1), timedelta(seconds=1)


def at(after: timedelta, one: Strike | None) -> Strike:
    assert one is not None
    return replace(one, at=NOON + after)


def dead(*strikes: Strike, now: timedelta | None = None) -> bool:
    newest = max(one.at for one in strikes)
    return suppresses(strikes, newest if now is None else NOON + now)


def test_two_noes_with_a_code_a_day_apart_are_enough() -> None:
    assert dead(at(0 * DAY, CODED), at(DAY, CODED))
    assert not dead(at(0 * DAY, CODED), at(DAY - SECOND, CODED))
    assert not dead(at(0 * DAY, CODED))


def test_three_noes_without_a_code_are_enough() -> None:
    assert dead(*(at(n * DAY, UNCODED) for n in range(3)))
    assert not dead(*(at(n * DAY, UNCODED) for n in range(2)))


def test_a_no_with_a_code_and_one_without_are_not_enough() -> None:
    assert not dead(at(0 * DAY, CODED), at(DAY, UNCODED))
    assert dead(at(0 * DAY, CODED), at(DAY, UNCODED), at(2 * DAY, UNCODED))


def test_a_full_mailbox_counts_half_and_once_a_day() -> None:
    assert dead(*(at(n * DAY, HALF) for n in range(4)))
    assert not dead(*(at(n * DAY, HALF) for n in range(3)))
    assert not dead(*(at(n * HOUR, HALF) for n in range(3 * 24)))


def test_a_hundred_noes_of_one_day_are_one() -> None:
    assert not dead(*(at(n * timedelta(minutes=14), CODED) for n in range(100)))


def test_two_noes_in_one_night_are_one_whatever_came_a_day_before() -> None:
    """The no of 23 h and that of 25 h are two hours apart, and so one."""
    assert not dead(at(0 * DAY, UNCODED), at(23 * HOUR, CODED), at(25 * HOUR, CODED))


def test_the_worst_of_a_day_counts() -> None:
    assert dead(at(0 * DAY, HALF), at(HOUR, CODED), at(25 * HOUR, CODED))


def test_what_is_old_is_forgotten() -> None:
    first, last = at(0 * DAY, CODED), at(FORGOTTEN, CODED)
    assert dead(first, last)
    assert not dead(first, last, now=FORGOTTEN + SECOND)


def test_no_strikes_are_no_trouble() -> None:
    assert not suppresses([], NOON)


@pytest.mark.parametrize("cause", list(Cause))
def test_only_what_is_about_the_mailbox_is_a_strike(cause: Cause) -> None:
    costs = cause in {Cause.ADDRESS, Cause.UNSAID, Cause.FULL}
    assert (strike(cause, NOON, "smtp", "550 no") is not None) is costs
    back = of_bounce(cause, NOON, "550 no")
    assert (back is not None) is (costs or cause is Cause.LATER)
    assert back is None or (back.via, back.reply, back.at) == ("dsn", "550 no", NOON)


def test_a_bounce_of_a_server_that_waited_in_vain_is_one_strike() -> None:
    assert dead(
        at(0 * DAY, of_bounce(Cause.LATER, NOON, "")), at(DAY, of_bounce(Cause.LATER, NOON, ""))
    )


hours = st.integers(0, 24 * 14)
some = st.lists(
    st.builds(
        lambda after, points: Strike(NOON + after * HOUR, points, "smtp", ""),
        hours,
        st.sampled_from([3, 4, 6]),
    ),
    max_size=9,
)
LATE = NOON + 15 * DAY


def by_hand(strikes: list[Strike]) -> bool:
    """Whether any of them, all a day apart, come to as much as it takes."""
    return any(
        sum(one.points for one in chosen) >= ENOUGH
        and all(abs(one.at - other.at) >= APART for one, other in combinations(chosen, 2))
        for size in range(len(strikes) + 1)
        for chosen in combinations(strikes, size)
    )


@given(some)
def test_those_that_count_are_a_day_apart_from_each_other(strikes: list[Strike]) -> None:
    assert suppresses(strikes, LATE) is by_hand(strikes)


@given(some, st.randoms())
def test_the_order_does_not_matter(strikes: list[Strike], random: object) -> None:
    shuffled = list(strikes)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert suppresses(shuffled, LATE) is suppresses(strikes, LATE)


@given(some, some)
def test_one_more_no_never_makes_an_address_live_again(
    strikes: list[Strike], more: list[Strike]
) -> None:
    assert suppresses([*strikes, *more], LATE) >= suppresses(strikes, LATE)


@given(some, st.datetimes(datetime(2025, 9, 8), datetime(2026, 2, 1)))  # noqa: DTZ001
def test_nothing_of_long_ago_counts(strikes: list[Strike], when: datetime) -> None:
    now = when.replace(tzinfo=NOON.tzinfo)
    recent = [one for one in strikes if one.at >= now - FORGOTTEN]
    assert suppresses(strikes, now) is suppresses(recent, now)
