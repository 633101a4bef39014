"""What comes when, in the sentences of a page; and the calmer rhythm that is one click away."""

from __future__ import annotations

from datetime import date, datetime

from worker.core.inwords import in_words
from worker.core.said import USUAL_TIME
from worker.core.situation import is_paused, next_digest
from worker.core.typeset import spelled
from worker.model import Immediately, OnDays, Schedule, Subscriber


def outlook(who: Subscriber, now: datetime) -> str:
    """How it is with him now, and when his next digest comes."""
    if who.paused_until and is_paused(who, now):
        until = spelled(who.paused_until)
        return f"You are paused: no digest comes before {until}. What matches meanwhile is kept."
    if isinstance(who.schedule, Immediately):
        return f"A digest comes {in_words(who.schedule)}."
    rhythm = f"A digest comes {in_words(who.schedule)} ({who.timezone})."
    return f"{rhythm} The next one: {next_digest(who, now)}."


def is_weekly(schedule: Schedule) -> bool:
    """Whether it is one day of the week."""
    return isinstance(schedule, OnDays) and len(schedule.days) == 1


def weekly(schedule: Schedule, today: date) -> OnDays:
    """Once a week instead: on the weekday that it is today, at the time of day so far."""
    if isinstance(schedule, OnDays) and is_weekly(schedule):
        return schedule
    at = USUAL_TIME if isinstance(schedule, Immediately) else schedule.at
    return OnDays(frozenset({today.weekday()}), at)
