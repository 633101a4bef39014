"""One slot for each local day, whatever the clocks do (F50-F53)."""

from __future__ import annotations

import calendar
from bisect import bisect_left
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import accumulate, pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from worker.core.due import (
    due,
    instant,
    next_slot,
    parse_schedule,
    zone,
    zone_names,
)
from worker.schedules import Immediately, Monthly, OnDays, Schedule

DAY, HOUR, MINUTE, SECOND = (
    timedelta(days=1),
    timedelta(hours=1),
    timedelta(minutes=1),
    timedelta(seconds=1),
)
HALF_HOURS = [time(half // 2, 30 * (half % 2)) for half in range(48)]
THIRTEEN = [
    "UTC", "America/New_York", "Europe/Berlin", "America/Los_Angeles", "Australia/Sydney",
    "Africa/Cairo", "America/Santiago", "Asia/Beirut", "America/Havana", "Africa/Casablanca",
    "Australia/Lord_Howe", "Asia/Kathmandu", "Pacific/Chatham",
]  # fmt: skip
# Zones that left out a whole day, repeated one, or change at midnight, as well as ordinary ones.
ODD = ["Pacific/Apia", "Pacific/Kwajalein", "America/Juneau", "Africa/Monrovia", "Asia/Gaza"]


def utc(*fields: int) -> datetime:
    return datetime(*fields, tzinfo=UTC)  # type: ignore[misc,arg-type]  # year, month, day, …


def daily(at: time) -> OnDays:
    return OnDays(frozenset(range(7)), at)


TIMES = st.times().map(lambda at: at.replace(second=0, microsecond=0))
TIMED = st.one_of(
    st.builds(OnDays, st.frozensets(st.integers(0, 6), min_size=1), TIMES),
    st.builds(Monthly, st.integers(1, 31), TIMES),
)


# --- the instant of a slot --------------------------------------------------


@pytest.mark.parametrize(
    ("name", "day", "at", "expected"),
    [
        ("Europe/Berlin", date(2025, 7, 1), time(8), utc(2025, 7, 1, 6)),
        ("Europe/Berlin", date(2025, 3, 30), time(2, 30), utc(2025, 3, 30, 1)),  # the gap's end
        ("Europe/Berlin", date(2025, 10, 26), time(2, 30), utc(2025, 10, 26, 0, 30)),  # the first
        ("America/Santiago", date(2025, 9, 7), time(0), utc(2025, 9, 7, 4)),  # no midnight
        ("Australia/Lord_Howe", date(2025, 10, 5), time(2, 15), utc(2025, 10, 4, 15, 30)),
        ("Australia/Lord_Howe", date(2025, 4, 6), time(1, 45), utc(2025, 4, 5, 14, 45)),
        ("Europe/Dublin", date(2025, 3, 30), time(1, 30), utc(2025, 3, 30, 1)),
    ],
)
def test_a_time_that_is_not_is_when_the_gap_ends_and_of_two_the_first(
    name: str, day: date, at: time, expected: datetime
) -> None:
    assert instant(at, day, zone(name)) == expected


def changes(where: ZoneInfo, first: int, last: int) -> Iterator[date]:
    """The UTC days of these years in which the zone's offset changes."""
    days = [utc(first, 1, 1) + DAY * n for n in range(366 * (last - first + 1))]
    offsets = [day.astimezone(where).utcoffset() for day in days]
    for day, (before, after) in zip(days, pairwise(offsets), strict=False):
        if before != after:
            yield day.date()


def assert_instants(where: ZoneInfo, around: date) -> None:
    """Compare with a walk, minute by minute: the first at which the wall clock is there."""
    start = datetime.combine(around - 2 * DAY, time(), UTC)
    minutes = [start + MINUTE * n for n in range(5 * 1440)]
    walls = [minute.astimezone(where).replace(tzinfo=None) for minute in minutes]
    furthest = list(accumulate(walls, max))
    for day in (around - DAY, around, around + DAY):
        for at in HALF_HOURS:
            first = minutes[bisect_left(furthest, datetime.combine(day, at))]
            assert instant(at, day, where) == first, (where, day, at)


def test_around_the_clock_changes_of_2025_and_2026_every_zone_agrees_with_its_wall_clock() -> None:
    walked = set()
    for name in zone_names():
        where = zone(name)
        for day in changes(where, 2025, 2026):
            around = [
                (utc(day.year, day.month, day.day) + HOUR * n).astimezone(where) for n in (0, 24)
            ]
            alike = (day, *(moment.utcoffset() for moment in around))
            if alike not in walked:
                walked.add(alike)
                assert_instants(where, day)
    assert len(walked) > 40


# --- what is due ------------------------------------------------------------


def ticks(where: ZoneInfo) -> list[datetime]:
    """Two years, each half hour round the clock changes and now and then in between."""
    found = {utc(2025, 1, 1, 12) + DAY * n for n in range(730)}
    for day in changes(where, 2025, 2026):
        around = datetime.combine(day, time(), UTC)
        found |= {around + HOUR * half / 2 for half in range(-24, 84)}
    return sorted(found)


def served(schedule: Schedule, where: ZoneInfo, last: date, moments: list[datetime]) -> list[date]:
    """Live through these moments, serving whatever is due."""
    slots = [last]
    for now in moments:
        day = due(schedule, where, slots[-1], now)
        if day is not None:
            slots.append(day)
    return slots[1:]


@pytest.mark.parametrize("name", THIRTEEN)
def test_each_local_day_of_two_years_has_exactly_one_slot(name: str) -> None:
    where, moments = zone(name), ticks(zone(name))
    for at in HALF_HOURS:
        slots = served(daily(at), where, date(2024, 12, 31), moments)
        assert slots == [slots[0] + DAY * n for n in range(len(slots))]
        assert slots[0] <= date(2025, 1, 2)
        assert slots[-1] >= date(2026, 12, 29)


@pytest.mark.nightly
def test_each_local_day_of_two_years_has_exactly_one_slot_in_every_zone() -> None:
    for name in zone_names():
        test_each_local_day_of_two_years_has_exactly_one_slot(name)


def test_a_day_that_a_zone_left_out_has_no_slot_and_the_days_beside_it_have_theirs() -> None:
    apia = zone("Pacific/Apia")  # there was no 30 December 2011
    moments = [utc(2011, 12, 28) + HOUR * n for n in range(5 * 24)]
    slots = served(daily(time(8)), apia, date(2011, 12, 27), moments)
    assert [slot.day for slot in slots if slot.month == 12] == [28, 29, 31]
    kwajalein = zone("Pacific/Kwajalein")  # nor a 21 August 1993
    moments = [utc(1993, 8, 19) + HOUR * n for n in range(5 * 24)]
    slots = served(daily(time(23, 30)), kwajalein, date(1993, 8, 18), moments)
    assert [slot.day for slot in slots] == [19, 20, 22, 23]


def test_a_slot_in_minutes_left_out_before_midnight_comes_with_the_next_day() -> None:
    # Toronto put its clocks forward at 23:30 on 30 March 1919, to 00:30.
    toronto, schedule = zone("America/Toronto"), daily(time(23, 45))
    change = utc(1919, 3, 31, 4, 30)
    assert due(schedule, toronto, date(1919, 3, 29), change - SECOND) is None
    assert due(schedule, toronto, date(1919, 3, 29), change) == date(1919, 3, 30)
    assert due(schedule, toronto, None, change) == date(1919, 3, 30)
    assert next_slot(schedule, toronto, None, change - SECOND) == change


def test_a_slot_reached_before_a_clock_is_put_back_past_midnight_stays_reached() -> None:
    st_johns, schedule = zone("America/St_Johns"), daily(time(0, 0))
    change = utc(2010, 11, 7, 2, 31)  # 00:01 on the 7th becomes 23:01 on the 6th
    assert due(schedule, st_johns, date(2010, 11, 6), change - MINUTE) == date(2010, 11, 7)
    assert due(schedule, st_johns, date(2010, 11, 6), change) == date(2010, 11, 7)
    assert due(schedule, st_johns, date(2010, 11, 7), change + HOUR) is None


BERLIN = ZoneInfo("Europe/Berlin")
MORNING = daily(time(8))
NOW = utc(2025, 9, 10, 6, 30)  # Wednesday, 08:30 in Berlin


@pytest.mark.parametrize("days", [1, 2, 7, 400])
def test_after_any_downtime_there_is_one_slot_the_newest(days: int) -> None:
    last = date(2025, 9, 10) - DAY * days
    assert due(MORNING, BERLIN, last, NOW) == date(2025, 9, 10)
    assert due(MORNING, BERLIN, date(2025, 9, 10), NOW) is None


def test_a_clock_put_back_makes_nothing_due() -> None:
    assert due(MORNING, BERLIN, date(2025, 9, 10), NOW - 2 * HOUR) is None
    assert due(MORNING, BERLIN, date(2025, 9, 10), NOW - 30 * DAY) is None


def test_nothing_is_due_before_the_wall_time() -> None:
    at_eight = utc(2025, 9, 10, 6)
    assert due(MORNING, BERLIN, date(2025, 9, 9), at_eight - SECOND) is None
    assert due(MORNING, BERLIN, date(2025, 9, 9), at_eight) == date(2025, 9, 10)


def test_a_newcomer_gets_todays_slot_and_none_from_before_he_came() -> None:
    assert due(MORNING, BERLIN, None, NOW) == date(2025, 9, 10)
    assert due(MORNING, BERLIN, None, NOW - HOUR) is None
    assert due(parse_schedule("weekly tue 08:00"), BERLIN, None, NOW) is None
    assert due(OnDays(frozenset(), time(8)), BERLIN, None, NOW) is None


def test_a_changed_schedule_repeats_nothing_and_leaves_nothing_out() -> None:
    weekly, friday = parse_schedule("weekly fri 08:00"), date(2025, 9, 5)
    assert due(weekly, BERLIN, date(2025, 9, 9), NOW) is None  # served daily until yesterday
    assert due(weekly, BERLIN, date(2025, 9, 9), NOW + 2 * DAY) == date(2025, 9, 12)
    assert due(MORNING, BERLIN, friday, NOW) == date(2025, 9, 10)  # weekly until now
    later = parse_schedule("daily 20:00")
    assert due(later, BERLIN, date(2025, 9, 10), NOW + 13 * HOUR) is None  # had his today
    assert due(parse_schedule("monthly 1 08:00"), BERLIN, date(2025, 9, 9), NOW) is None


def test_immediately_is_due_whenever_it_is_asked() -> None:
    late = utc(2025, 9, 10, 22, 30)  # already the 11th in Berlin
    assert due(Immediately(), BERLIN, date(2025, 9, 11), late) == date(2025, 9, 11)
    assert next_slot(Immediately(), BERLIN, None, late) is None


def test_the_31st_is_the_last_day_of_a_shorter_month() -> None:
    moments = [utc(2024, 1, 1, 12) + DAY * n for n in range(366)]
    slots = served(Monthly(31, time(8)), BERLIN, date(2023, 12, 31), moments)
    assert [(slot.month, slot.day) for slot in slots] == [
        (month, calendar.monthrange(2024, month)[1]) for month in range(1, 13)
    ]


def falls_on(schedule: Schedule, day: date) -> bool:
    if isinstance(schedule, OnDays):
        return day.weekday() in schedule.days
    assert isinstance(schedule, Monthly)
    return day.day == min(schedule.day, calendar.monthrange(day.year, day.month)[1])


STEPS = st.lists(
    st.one_of(
        st.integers(-180, 180).map(lambda n: MINUTE * n),
        st.integers(0, 60).map(lambda n: HOUR * n),
        st.integers(0, 40).map(lambda n: DAY * n),
    ),
    max_size=25,
)


@settings(deadline=None)
@given(
    schedule=TIMED,
    name=st.sampled_from(THIRTEEN + ODD),
    start=st.datetimes(datetime(1990, 1, 1), datetime(2040, 1, 1)),  # noqa: DTZ001  # made UTC below
    steps=STEPS,
)
@example(Monthly(30, time(8)), "Pacific/Apia", datetime(2011, 11, 30), [40 * DAY])  # noqa: DTZ001  # likewise
def test_whatever_the_clock_does_the_newest_slot_is_served_and_never_twice(
    schedule: OnDays | Monthly, name: str, start: datetime, steps: list[timedelta]
) -> None:
    where = zone(name)
    last = start.date() - DAY
    now = start.replace(tzinfo=UTC)
    for step in [timedelta(), *steps]:
        now += step
        today = now.astimezone(where).date()
        days = [last + DAY * n for n in range(1, (today - last).days + 2)]
        reached = [
            day
            for day in days
            if falls_on(schedule, day)
            and instant(schedule.at, day, where) <= now
            and instant(time(), day, where).astimezone(where).date() == day
        ]
        expected = reached[-1] if reached else None
        assert due(schedule, where, last, now) == expected
        last = expected or last


@settings(deadline=None)
@given(
    schedule=TIMED,
    name=st.sampled_from(THIRTEEN + ODD),
    now=st.datetimes(datetime(1990, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001  # made UTC by timezones
    ago=st.one_of(st.none(), st.integers(-40, 70)),
)
def test_the_next_slot_is_when_something_becomes_due(
    schedule: OnDays | Monthly, name: str, now: datetime, ago: int | None
) -> None:
    where = zone(name)
    last = None if ago is None else now.date() - DAY * ago
    following = next_slot(schedule, where, last, now)
    assert following is not None
    assert following >= now
    assert due(schedule, where, last, following) is not None
    if following > now:
        assert due(schedule, where, last, following - SECOND) is None
        assert due(schedule, where, last, now) is None
