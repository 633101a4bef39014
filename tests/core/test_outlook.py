"""What comes when."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time

import pytest

from tests.made import MONDAY, NOON, subscriber
from worker.core.due import parse_schedule
from worker.core.outlook import fate, is_weekly, outlook, weekly
from worker.deliveries import DeliveryState
from worker.manner import Language, Manner
from worker.schedules import OnDays


def test_it_is_said_how_often_and_when_next() -> None:
    who = subscriber(schedule="weekly fri 16:00", last_slot=MONDAY)
    assert outlook(who, NOON) == (
        "A digest comes every Friday at 16:00 (Europe/Vienna). "
        "The next one: Friday, 12 September 2025, 16:00."
    )


def test_days_are_in_the_language_of_the_page_whatever_that_of_his_mails_is() -> None:
    german = Manner(Language.DE)
    who = replace(subscriber(schedule="weekly fri 16:00", last_slot=MONDAY), manner=german)
    assert outlook(who, NOON).endswith("The next one: Friday, 12 September 2025, 16:00.")


def test_a_slot_that_is_reached_is_due_now() -> None:
    who = subscriber(schedule="daily 08:00")
    assert outlook(who, NOON).endswith("(Europe/Vienna). The next one is due now.")


def test_immediately_is_no_time() -> None:
    who = subscriber(schedule="immediately")
    assert outlook(who, NOON) == "A digest comes as soon as there are new papers."


def test_a_pause_is_said_until_it_is_over() -> None:
    who = subscriber(paused_until=date(2025, 10, 1))
    assert outlook(who, NOON).startswith(
        "You are paused: no digest comes before Wednesday, 1 October 2025."
    )
    assert outlook(subscriber(paused_until=MONDAY), NOON).startswith("A digest comes every day")


@pytest.mark.parametrize(
    ("schedule", "at"),
    [("daily 7:30", time(7, 30)), ("monthly 3 9:00", time(9)), ("immediately", time(8))],
)
def test_weekly_instead_is_on_todays_weekday_at_the_same_time(schedule: str, at: time) -> None:
    assert weekly(parse_schedule(schedule), MONDAY) == OnDays(frozenset({0}), at)


def test_who_is_weekly_already_keeps_his_day() -> None:
    fridays = parse_schedule("weekly fri 16:00")
    assert weekly(fridays, MONDAY) == fridays
    assert is_weekly(fridays)
    assert not is_weekly(parse_schedule("mon,fri 16:00"))
    assert not is_weekly(parse_schedule("monthly 1 16:00"))


def test_what_became_of_a_digest_is_said_of_each_state() -> None:
    assert len({fate(state) for state in DeliveryState}) == len(DeliveryState)
