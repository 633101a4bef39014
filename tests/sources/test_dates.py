"""The dates that daily files carry (B33)."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.sources.dates import day_in

SEP_8 = date(2025, 9, 8)


@pytest.mark.parametrize(
    "raw",
    [
        *("2025-09-08", "2025-9-8", "2025/09/08", "20250908", "20250908T101500Z", " 2025-09-08 "),
        *("2025-09-08T23:59:59.000Z", "2025-09-08T01:00:00+14:00", "2025-09-08 23:00"),
        *("Mon, 08 Sep 2025 00:00:00 -0400", "8 Sep 2025", "September 8, 2025"),
        *(1_757_289_600, 1_757_289_600.5, 1_757_289_600_000),
    ],
)
def test_a_date_is_a_day_however_it_is_written(raw: object) -> None:
    assert day_in(raw) == SEP_8


def test_a_month_alone_is_its_first_day() -> None:
    assert day_in("2025-09") == date(2025, 9, 1)


@pytest.mark.parametrize(
    "raw",
    [
        *("", "0000-00-00", "2026-02-30", "2025-13-01", "Sep 8", "yesterday", "2025", "20251399"),
        *(None, True, [], {}, 0, -1, 2025, 20250908, float("nan"), float("inf"), 10**30),
        *("Mon, 08 Sep 99999999999 00:00:00 +0000", "Thu, 01 Jan 1970 00:00:00 +999999"),
    ],
)
def test_what_is_no_date_is_no_day(raw: object) -> None:
    assert day_in(raw) is None


@given(st.text(max_size=60) | st.floats() | st.integers())
def test_nothing_raises(raw: object) -> None:
    found = day_in(raw)
    assert found is None or found.year
