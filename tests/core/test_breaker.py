"""When a server or a domain is left alone, and for how long."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.made import NOON
from worker.core.breaker import DOMAIN_LONGEST, LONGEST, PROBE, is_open, opened
from worker.deliveries import Brake, Breaker

MINUTE = timedelta(minutes=1)


def waits(brake: Brake, failures: int, *, ours: bool = False) -> list[timedelta]:
    """How long it is open after the first, second … failure."""
    found, breaker, now = [], None, NOON
    for _ in range(failures):
        breaker = opened(breaker, brake, "mx.example.org", now, "no", ours=ours)
        assert breaker.until is not None
        found.append(breaker.until - now)
        now = breaker.until
    return found


def test_a_server_is_left_alone_for_a_minute_and_then_for_twice_as_long_each_time() -> None:
    assert waits(Brake.SERVER, 6) == [n * MINUTE for n in (1, 2, 4, 8, 15, 15)]
    assert waits(Brake.SERVER, 5000)[-1] == LONGEST


def test_a_domain_is_left_alone_for_longer() -> None:
    assert waits(Brake.DOMAIN, 6) == [n * MINUTE for n in (5, 10, 20, 40, 60, 60)]
    assert waits(Brake.DOMAIN, 5000)[-1] == DOMAIN_LONGEST


@pytest.mark.parametrize("brake", [Brake.SERVER, Brake.DOMAIN])
def test_what_only_the_operator_can_mend_is_tried_every_quarter_of_an_hour(brake: Brake) -> None:
    """F33."""
    assert waits(brake, 4, ours=True) == [PROBE] * 4 == [15 * MINUTE] * 4


def test_it_remembers_since_when_how_often_and_the_last_words() -> None:
    first = opened(None, Brake.SERVER, "mx", NOON, "refused", ours=False)
    later = opened(first, Brake.SERVER, "mx", NOON + 5 * MINUTE, "535 no", ours=True)
    assert first == Breaker(Brake.SERVER, "mx", NOON, NOON + MINUTE, 1, "refused")
    assert later == Breaker(Brake.SERVER, "mx", NOON, NOON + 20 * MINUTE, 2, "535 no", ours=True)


@given(st.timedeltas(timedelta(-9), timedelta(9)).map(lambda after: NOON + after))
def test_it_is_open_until_its_time_is_up_or_for_good_if_it_has_none(now: datetime) -> None:
    breaker = opened(None, Brake.SERVER, "mx", NOON, "no", ours=False)
    assert is_open(breaker, now) is (MINUTE - DOMAIN_LONGEST <= now - NOON < MINUTE)
    assert is_open(replace(breaker, until=None), now)


def test_what_a_clock_that_was_ahead_has_opened_is_not_open_until_then() -> None:
    """F53."""
    breaker = opened(None, Brake.DOMAIN, "x.org", NOON + timedelta(days=365), "no", ours=False)
    assert not is_open(breaker, NOON)
    assert is_open(breaker, NOON + timedelta(days=365))
