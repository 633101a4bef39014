"""What comes when, in the sentences of a page; and the calmer rhythm that is one click away."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Final

from worker.core.due import due, zone
from worker.core.said import USUAL_TIME
from worker.core.situation import is_paused, next_digest
from worker.core.typeset import spelled
from worker.core.wording import rhythm
from worker.deliveries import DeliveryState
from worker.manner import USUAL
from worker.model import Subscriber
from worker.schedules import Immediately, OnDays, Schedule


def outlook(who: Subscriber, now: datetime) -> str:
    """How it is with him now, and when his next digest comes; in English, as all pages are."""
    if who.paused_until and is_paused(who, now):
        until = spelled(who.paused_until)
        return f"You are paused: no digest comes before {until}. What matches meanwhile is kept."
    comes = rhythm(who.schedule, who.timezone)
    if isinstance(who.schedule, Immediately):
        return comes
    if due(who.schedule, zone(who.timezone), who.last_slot, now) is not None:
        return f"{comes} The next one is due now."
    return f"{comes} The next one: {next_digest(replace(who, manner=USUAL), now)}."


def is_weekly(schedule: Schedule) -> bool:
    """Whether it is one day of the week."""
    return isinstance(schedule, OnDays) and len(schedule.days) == 1


def weekly(schedule: Schedule, today: date) -> OnDays:
    """Once a week instead: on the weekday that it is today, at the time of day so far."""
    if isinstance(schedule, OnDays) and is_weekly(schedule):
        return schedule
    at = USUAL_TIME if isinstance(schedule, Immediately) else schedule.at
    return OnDays(frozenset({today.weekday()}), at)


def fate(state: DeliveryState) -> str:
    """What became of a digest, in a word or two."""
    return _FATES[state]


_FATES: Final = {
    DeliveryState.PLANNED: "waits to be sent",
    DeliveryState.SENDING: "is being sent",
    DeliveryState.SENT: "sent",
    DeliveryState.DEFERRED: "waits for your mail server",
    DeliveryState.FAILED: "could not be delivered",
    DeliveryState.UNCERTAIN: "may have arrived",
    DeliveryState.SUPERSEDED: "went on in a later one",
    DeliveryState.EXPIRED: "could not be delivered in time",
    DeliveryState.CANCELLED: "cancelled",
}
