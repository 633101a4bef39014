"""What becomes of a delivery after an attempt. Decides only; the ledger notes it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import assert_never

from worker.deliveries import (
    Accepted,
    Bounced,
    Deferred,
    Delivery,
    DeliveryState,
    Doubtful,
    Outcome,
    Settlement,
    Unavailable,
)

FIRST_STEP = timedelta(seconds=300)  # Postfix, minimal_backoff_time; greylisting wants 5 min
LONGEST_STEP = timedelta(seconds=4000)  # Postfix, maximal_backoff_time
SPREAD = 0.2  # of a step, either way: many deliveries deferred at once do not come back at once
LIFETIME = timedelta(days=5)  # Postfix, maximal_queue_lifetime; RFC 5321, 4.5.4.1: 4-5 days
DOUBT_STEP = timedelta(minutes=15)
DOUBTS_IN_REPLIES = 1  # a message is sent again once for want of a reply (RFC 1047), then held
DOUBTS_IN_CRASHES = 10  # most of those that were cut off never reached the dot; but no storm


def settle(delivery: Delivery, outcome: Outcome, now: datetime, jitter: float) -> Settlement:
    """What the attempt just made leads to. ``delivery`` is as claimed: this attempt is counted.

    ``jitter`` is chance, from -1 to 1; ValueError outside.
    """
    if not -1 <= jitter <= 1:
        raise ValueError("jitter goes from -1 to 1")
    match outcome:
        case Accepted(reply):
            return _settlement(delivery, DeliveryState.SENT, None, now, reply)
        case Bounced(reply):
            return _settlement(delivery, DeliveryState.FAILED, None, now, reply)
        case Deferred(reply):
            return _later(delivery, _step(delivery.attempts), jitter, now, reply)
        case Unavailable(reply):
            uncounted = replace(delivery, attempts=max(delivery.attempts - 1, 0))
            return _later(uncounted, FIRST_STEP, jitter, now, reply)
        case Doubtful(reply):
            due = now + DOUBT_STEP if delivery.doubts < DOUBTS_IN_REPLIES else None
            return _doubt(delivery, due, now, reply)
        case _:
            assert_never(outcome)


def after_crash(delivery: Delivery, now: datetime) -> Settlement:
    """For a delivery found in ``sending`` at start: it may have arrived, so it is in doubt."""
    due = now if delivery.doubts < DOUBTS_IN_CRASHES else None
    return _doubt(delivery, due, now, "the program ended while this was being sent")


def _later(
    delivery: Delivery, step: timedelta, jitter: float, now: datetime, reply: str
) -> Settlement:
    """Once more, unless its lifetime is over: then its papers go into the next digest.

    What may have arrived already stays in doubt: its papers are in no other mail, ever.
    """
    if delivery.doubts:
        over = now >= delivery.planned_at + LIFETIME
        due = None if over else now + step * (1 + SPREAD * jitter)
        return _settlement(delivery, DeliveryState.UNCERTAIN, due, now, reply)
    if now >= delivery.planned_at + LIFETIME:
        expired = _settlement(delivery, DeliveryState.EXPIRED, None, now, reply)
        return replace(expired, returned=delivery.digest.picks)
    due = now + step * (1 + SPREAD * jitter)
    return _settlement(delivery, DeliveryState.DEFERRED, due, now, reply)


def _doubt(delivery: Delivery, due: datetime | None, now: datetime, reply: str) -> Settlement:
    """Uncertain; without ``due`` it is held until somebody decides."""
    doubted = replace(delivery, doubts=delivery.doubts + 1)
    return _settlement(doubted, DeliveryState.UNCERTAIN, due, now, reply)


def _step(attempts: int) -> timedelta:
    """300, 600, 1200, 2400, 4000, 4000 … seconds after the first, second … attempt."""
    doublings = min(max(attempts - 1, 0), 10)  # more would only overflow
    return min(FIRST_STEP * (1 << doublings), LONGEST_STEP)


def _settlement(
    delivery: Delivery, state: DeliveryState, due_at: datetime | None, at: datetime, reply: str
) -> Settlement:
    return Settlement(delivery.id, state, due_at, delivery.attempts, delivery.doubts, reply, at)
