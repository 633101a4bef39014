"""Schedules and zones as people write them (B78, B79)."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from worker.core.due import format_schedule, parse_schedule, zone
from worker.model import Refused
from worker.schedules import Immediately, Monthly, OnDays, Schedule

# --- text -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "canonical"),
    [
        ("immediately", "immediately"),
        ("  IMMEDIATELY ", "immediately"),
        ("Daily  07:05", "daily 07:05"),
        ("daily 7:05", "daily 07:05"),
        ("weekdays 00:00", "weekdays 00:00"),
        ("thu , Mon 23:59", "mon,thu 23:59"),
        ("weekly fri 16:00", "weekly fri 16:00"),
        ("fri 16:00", "weekly fri 16:00"),
        ("weekly sat,sun 16:00", "sat,sun 16:00"),
        ("mon,tue,wed,thu,fri 08:00", "weekdays 08:00"),
        ("mon,tue,wed,thu,fri,sat,sun 08:00", "daily 08:00"),
        ("monthly 31 08:00", "monthly 31 08:00"),
    ],
)
def test_a_schedule_is_read_leniently_and_written_in_one_way(written: str, canonical: str) -> None:
    assert format_schedule(parse_schedule(written)) == canonical


TIMES = st.times().map(lambda at: at.replace(second=0, microsecond=0))
TIMED = st.one_of(
    st.builds(OnDays, st.frozensets(st.integers(0, 6), min_size=1), TIMES),
    st.builds(Monthly, st.integers(1, 31), TIMES),
)


@settings(deadline=None)
@given(st.one_of(st.just(Immediately()), TIMED))
def test_every_schedule_is_read_back_as_it_was_written(schedule: Schedule) -> None:
    assert parse_schedule(format_schedule(schedule)) == schedule


@pytest.mark.parametrize(
    "written",
    [
        "", " ", "daily", "08:00", "daily 24:00", "daily 7:5", "daily -1:00", "daily 08:60",
        "daily 08:00:00", "daily 0800", "daily ٠٨:00", "daily 08:00 UTC", "feb 30", "feb 30 08:00",
        "weekly feb 30", "monthly 0 08:00", "monthly 32 08:00", "monthly -1 08:00",
        "monthly ١ 08:00", "monthly 08:00", "mon,,thu 08:00", "mon, 08:00", "weekly 08:00",
        "someday 08:00", "weekly daily 08:00", "daily 08:00\nBcc: v@example.org",
    ],
)  # fmt: skip
def test_a_schedule_that_cannot_be_is_refused_with_what_can(written: str) -> None:
    with pytest.raises(Refused, match="weekly fri HH:MM") as refused:
        parse_schedule(written)
    assert "\n" not in str(refused.value)


@settings(deadline=None)
@given(st.text())
def test_no_text_is_more_than_refused(written: str) -> None:
    with contextlib.suppress(Refused):
        assert parse_schedule(written) == parse_schedule(f" {written.upper()} ")


# --- zones ------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    ["", "Mars/X", "../../etc/passwd", "/etc/localtime", "localtime", "GMT+25", "\0", "x" * 9999],
)
def test_a_zone_that_is_not_on_the_list_is_refused(name: str) -> None:
    with pytest.raises(Refused, match="unknown time zone") as refused:
        zone(name)
    assert len(str(refused.value)) < 400


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("Europe/Belrin", "Europe/Berlin"),
        ("europe/berlin", "Europe/Berlin"),
        ("America/New York", "America/New_York"),
        ("tokyo", "Asia/Tokyo"),
    ],
)
def test_a_zone_nearly_right_is_suggested(name: str, near: str) -> None:
    with pytest.raises(Refused, match=f"did you mean {near}"):
        zone(name)


def test_a_zone_is_made_once() -> None:
    assert zone("Europe/Berlin") is zone("Europe/Berlin")
