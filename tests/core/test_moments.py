"""Instants and spans as people read and write them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.made import at
from worker.core.moments import moment, read_span, span
from worker.model import Refused

NOW = at("2025-09-08 20:00")


@pytest.mark.parametrize(
    ("instant", "shown"),
    [
        ("2025-09-08 06:05", "06:05 UTC"),
        ("2025-09-09 02:00", "02:00 UTC"),  # the coming night
        ("2025-09-07 22:00", "Sun 07 Sep 22:00 UTC"),
        ("2025-09-09 09:00", "Tue 09 Sep 09:00 UTC"),
        ("2024-09-08 06:05", "2024-09-08 06:05 UTC"),
        ("2199-12-01 06:05", "2199-12-01 06:05 UTC"),
    ],
)
def test_an_instant_is_as_short_as_it_is_clear(instant: str, shown: str) -> None:
    assert moment(at(instant), NOW) == shown


@pytest.mark.parametrize(
    ("length", "shown"),
    [
        (timedelta(seconds=-5), "0 min"),
        (timedelta(seconds=59), "0 min"),
        (timedelta(minutes=119), "119 min"),
        (timedelta(hours=2), "2 h"),
        (timedelta(hours=47, minutes=59), "47 h"),
        (timedelta(hours=48), "2 d"),
    ],
)
def test_a_span_is_told_in_the_largest_unit_of_which_there_are_two(
    length: timedelta, shown: str
) -> None:
    assert span(length) == shown


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("26h", timedelta(hours=26)),
        (" 3 D ", timedelta(days=3)),
        ("90min", timedelta(minutes=90)),
        ("0h", timedelta()),
    ],
)
def test_a_span_is_read_as_it_is_told(text: str, length: timedelta) -> None:
    assert read_span(text) == length


@pytest.mark.parametrize("text", ["", "26", "h", "-1h", "1.5h", "26 hours", "99999h"])
def test_what_is_no_span_is_refused(text: str) -> None:
    with pytest.raises(Refused, match="no span of time"):
        read_span(text)
