"""When a daily file is fetched, and which days of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

from hypothesis import given
from hypothesis import strategies as st

from worker.core.catchup import FARTHEST, given_up, known, near, requests, slot
from worker.core.fetching import (
    LONGEST_BAN,
    LONGEST_WAIT,
    Failed,
    Fetch,
    Fetched,
    Progress,
    Request,
    Unchanged,
    answered,
    begun,
    done,
    file_name,
    one_day,
)
from worker.schedules import OnDays

DAILY = OnDays(frozenset(range(7)), time(6, 0))
BY_DAY = Fetch("hf", "https://example.org/?date={day}", "json", DAILY, "UTC")
FEED = Fetch("feed", "https://example.org/rss", "xml", DAILY, "Europe/Vienna")
SEP_8 = date(2025, 9, 8)


def at(day: int, hour: int = 7) -> datetime:
    return datetime(2025, 9, day, hour, tzinfo=UTC)


def days(progress: Progress, now: datetime) -> list[int]:
    return [request.day.day for request in requests(BY_DAY, progress, now) if request.day]


def test_a_fetch_is_due_once_a_day_at_its_wall_time() -> None:
    assert slot(FEED, Progress(), at(8, 3)) is None
    assert slot(FEED, Progress(), at(8, 4)) == SEP_8
    assert slot(FEED, Progress(last_slot=SEP_8), at(8, 23)) is None
    assert slot(FEED, Progress(last_slot=SEP_8), at(11, 3)) == date(2025, 9, 10)


def test_the_first_time_only_today_is_asked_for() -> None:
    assert days(Progress(), at(8)) == [8]


def test_missed_days_are_caught_up_and_the_newest_is_asked_for_again() -> None:
    assert days(Progress(newest=SEP_8), at(11)) == [8, 9, 10, 11]
    assert days(Progress(newest=date(2025, 1, 1)), at(30)) == list(range(30 - FARTHEST, 31))


def test_days_that_failed_are_asked_for_again_as_long_as_they_are_near() -> None:
    gaps = (date(2025, 7, 1), SEP_8)
    assert days(Progress(newest=date(2025, 9, 11), missing=gaps), at(11)) == [8, 11]


def test_a_clock_put_back_asks_for_today_and_for_nothing_to_come() -> None:
    assert days(Progress(newest=date(2025, 9, 20), missing=(date(2025, 9, 19),)), at(8)) == [8]


def test_only_the_newest_day_is_asked_for_under_a_condition() -> None:
    progress = Progress(newest=SEP_8, etag='"x"', last_modified="then")
    first, second = requests(BY_DAY, progress, at(9))
    assert first == Request("https://example.org/?date=2025-09-08", SEP_8, '"x"', "then")
    assert (
        second
        == one_day(BY_DAY, date(2025, 9, 9))
        == replace(Request("https://example.org/?date=2025-09-09"), day=date(2025, 9, 9))
    )
    assert requests(FEED, progress, at(9)) == (Request(FEED.url, None, '"x"', "then"),)


def test_an_answer_is_remembered_under_the_newest_day_only() -> None:
    progress = Progress(newest=date(2025, 9, 9), missing=(SEP_8,), etag="new")
    late = answered(progress, one_day(BY_DAY, SEP_8), Fetched(b"x", "old"), at(9))
    assert (late.newest, late.etag, late.missing) == (date(2025, 9, 9), "new", ())
    newer = answered(late, one_day(BY_DAY, date(2025, 9, 10)), Fetched(b"x", "e", "m"), at(10))
    assert (newer.newest, newer.etag, newer.last_modified) == (date(2025, 9, 10), "e", "m")
    assert newer.fetched_at == at(10)
    feed = answered(Progress(), Request(FEED.url), Fetched(b"x", "e"), at(10))
    assert (feed.newest, feed.etag) == (None, "e")


def test_what_had_not_changed_is_fetched_too() -> None:
    before = Progress(newest=SEP_8, missing=(SEP_8,), etag="e")
    after = answered(before, one_day(BY_DAY, SEP_8), Unchanged(), at(9))
    assert after == replace(before, missing=(), fetched_at=at(9))


def test_a_day_that_fails_is_missing_once_and_tried_again_after_a_while() -> None:
    progress = Progress(missing=(SEP_8,))
    failed = answered(progress, one_day(BY_DAY, SEP_8), Failed("500"), at(9))
    assert (failed.missing, failed.why) == ((SEP_8,), "500")
    later = done(failed, date(2025, 9, 9), failed=True)
    assert (later.failures, later.last_slot) == (1, None)
    assert slot(BY_DAY, later, at(9) + timedelta(minutes=4)) is None
    assert slot(BY_DAY, later, at(9) + timedelta(minutes=5)) == date(2025, 9, 9)


def test_a_round_without_a_failure_serves_its_slot_and_forgets_the_failures_before() -> None:
    before = Progress(failures=3, retry_at=at(9), fetched_at=at(9), why="500")
    after = done(before, date(2025, 9, 9), failed=False)
    assert after == Progress(last_slot=date(2025, 9, 9), fetched_at=at(9))


def test_a_round_that_began_and_never_ended_is_not_begun_again_at_once() -> None:
    noted = begun(Progress(), at(8))
    assert slot(BY_DAY, noted, at(8) + timedelta(minutes=4)) is None
    assert slot(BY_DAY, noted, at(8) + timedelta(minutes=5)) == SEP_8


def test_of_another_address_nothing_is_known() -> None:
    progress = Progress(url=BY_DAY.url, last_slot=SEP_8, etag="e")
    assert known(BY_DAY, progress, at(9)) == progress
    assert known(FEED, progress, at(9)) == Progress(url=FEED.url)


def test_what_a_clock_noted_that_was_years_ahead_stops_nothing() -> None:
    far = date(2036, 1, 1)
    noted = Progress(BY_DAY.url, far, far, etag="e", retry_at=datetime(2036, 1, 1, tzinfo=UTC))
    assert known(BY_DAY, noted, at(9)) == Progress(BY_DAY.url, etag="e")


def test_days_too_far_back_are_given_up_and_said_to_be() -> None:
    progress = Progress(newest=date(2025, 8, 30), missing=(date(2025, 8, 20), SEP_8))
    lost = (date(2025, 8, 20), date(2025, 8, 31), date(2025, 9, 1))
    assert given_up(BY_DAY, progress, at(16)) == lost
    assert near(BY_DAY, progress, at(16)).missing == (SEP_8,)
    assert given_up(BY_DAY, Progress(), at(16)) == given_up(FEED, progress, at(16)) == ()


@given(st.integers(0, 10_000), st.timedeltas())
def test_the_wait_doubles_up_to_hours_and_a_server_is_obeyed_for_a_day_at_most(
    failures: int, asked: timedelta
) -> None:
    failed = answered(Progress(failures=failures), Request(FEED.url), Failed("no", asked), at(9))
    assert failed.retry_at
    waits = failed.retry_at - at(9)
    assert waits == max(
        min(timedelta(minutes=5) * 2 ** min(failures, 20), LONGEST_WAIT), min(asked, LONGEST_BAN)
    )


def test_a_file_is_called_by_its_fetch_and_day() -> None:
    assert file_name(BY_DAY, one_day(BY_DAY, SEP_8)) == "hf-2025-09-08.json"
    assert file_name(FEED, Request(FEED.url)) == "feed.xml"
