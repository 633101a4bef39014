"""What is due next among all subscribers, and what is late."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from tests.made import MONDAY, NOON, START, at, subscriber
from worker.core.agenda import Agenda, agenda
from worker.model import Cursor, PaperNumber, Subscriber, SubscriberId, SubscriberState

END = Cursor(PaperNumber(9), 1)
CAME = at("2025-09-08 07:30")
SERVED = date(2025, 9, 7)


def asked(*everyone: Subscriber, outstanding: int = 0) -> Agenda:
    return agenda(everyone, {SubscriberId(outstanding)}, END, CAME, NOON)


def test_without_anybody_nothing_is_due() -> None:
    gone = replace(subscriber(), state=SubscriberState.SUPPRESSED)
    assert asked(gone) == Agenda(0, None, None)


def test_the_next_slot_of_all_is_the_next_to_be_due() -> None:
    daily = subscriber(schedule="daily 18:00", last_slot=SERVED)
    weekly = subscriber(schedule="weekly fri 16:00", last_slot=SERVED)
    assert asked(weekly, daily) == Agenda(2, at("2025-09-08 16:00"), None)


def test_a_pause_puts_the_next_slot_off() -> None:
    paused = subscriber(last_slot=SERVED, paused_until=date(2025, 9, 12))
    assert asked(paused).next_due == at("2025-09-12 06:00")
    over = subscriber(last_slot=MONDAY, paused_until=MONDAY)
    assert asked(over).next_due == at("2025-09-09 06:00")


@pytest.mark.parametrize("schedule", ["daily 08:00", "weekdays 08:00", "monthly 8 08:00"])
def test_a_slot_that_was_due_and_is_not_planned_is_late_since_its_instant(schedule: str) -> None:
    late = subscriber(schedule=schedule, last_slot=SERVED)
    assert asked(late) == Agenda(1, NOON, at("2025-09-08 06:00"))
    assert asked(replace(late, last_slot=MONDAY)).late_since is None


def test_who_came_after_the_slot_of_the_day_has_nothing_late() -> None:
    new = replace(subscriber(), created_at=at("2025-09-08 06:01"))
    assert asked(new).late_since is None
    assert asked(replace(new, created_at=at("2025-09-08 06:00"))).late_since is not None


def test_who_has_a_digest_on_its_way_is_not_late() -> None:
    assert asked(subscriber(last_slot=SERVED), outstanding=1).late_since is None


def test_who_reads_immediately_is_late_since_the_file_came() -> None:
    unread = subscriber(schedule="immediately", cursor=START)
    assert asked(unread) == Agenda(1, None, CAME)
    assert asked(replace(unread, cursor=END)).late_since is None
