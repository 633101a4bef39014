"""What an attempt leads to: a pure function from outcome to state, and when to try again.

RELIABILITY, section 3.4, as far as it is about the one delivery; what is about the address is in
``core.strikes``, what is about a server or a domain in ``core.breaker``. Decides only; the ledger
notes it.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import assert_never

from worker.asks import CONFIRM_WITHIN
from worker.core import strikes
from worker.deliveries import (
    Delivery,
    DeliveryKind,
    DeliveryState,
    Settlement,
    Strike,
)
from worker.outcomes import (
    Accepted,
    Bounced,
    Cause,
    Deferred,
    Doubtful,
    InDoubt,
    Outcome,
    Unavailable,
)

FIRST_STEP = timedelta(seconds=300)  # Postfix, minimal_backoff_time; greylisting wants 5 min
LONGEST_STEP = timedelta(seconds=4000)  # Postfix, maximal_backoff_time
SPREAD = 0.2  # of a step, either way: many deliveries deferred at once do not come back at once
LIFETIME = timedelta(days=5)  # Postfix, maximal_queue_lifetime; RFC 5321, 4.5.4.1: 4-5 days
DOUBT_STEP = timedelta(minutes=15)
DOUBTS_IN_REPLIES = 1  # a message is sent again once for want of a reply (RFC 1047), then held
DOUBTS_IN_CRASHES = 10  # most of those that were cut off never reached the dot; but no storm

_HIS = frozenset({Cause.LATER, Cause.FULL})  # temporary noes that are about the mailbox
_UNREACHED = _HIS | {Cause.ADDRESS, Cause.UNSAID, Cause.RATE, Cause.DOWN}


def settle(
    delivery: Delivery,
    outcome: Outcome,
    now: datetime,
    jitter: float,
    in_doubt: InDoubt = InDoubt.RESEND,
) -> Settlement:
    """What the attempt just made leads to. ``delivery`` is as claimed: this attempt is counted.

    ``jitter`` is chance, from -1 to 1; ValueError outside.
    """
    if not -1 <= jitter <= 1:
        raise ValueError("jitter goes from -1 to 1")
    settled = _settled(delivery, outcome, now, jitter, in_doubt)
    return replace(settled, server=outcome.server)


def _settled(
    delivery: Delivery, outcome: Outcome, now: datetime, jitter: float, in_doubt: InDoubt
) -> Settlement:
    match outcome:
        case Accepted(reply):
            return _settlement(delivery, DeliveryState.SENT, None, now, reply)
        case Bounced(reply, Cause.SIZE) if not delivery.small:
            smaller = _settlement(delivery, _waiting(delivery), now, now, reply)
            return replace(smaller, small=True)
        case Bounced(reply, cause):
            return _refused(delivery, cause, now, reply)
        case Deferred(reply, cause):
            step = _step(delivery.attempts) * (1 + SPREAD * jitter)
            return _later(delivery, step, cause, now, reply)
        case Unavailable(reply, midway=True):  # it may be this very message that they fall over
            step = _step(delivery.attempts) * (1 + SPREAD * jitter)
            return _later(delivery, step, None, now, reply)
        case Unavailable(reply):
            uncounted = replace(delivery, attempts=max(delivery.attempts - 1, 0))
            return _later(uncounted, FIRST_STEP * (1 + SPREAD * jitter), None, now, reply)
        case Doubtful(reply):
            again = in_doubt is InDoubt.RESEND and delivery.doubts < DOUBTS_IN_REPLIES
            return _doubt(delivery, now + DOUBT_STEP if again else None, now, reply)
        case _:
            assert_never(outcome)


def after_crash(
    delivery: Delivery, now: datetime, in_doubt: InDoubt = InDoubt.RESEND
) -> Settlement:
    """For a delivery found in ``sending`` at start: it may have arrived, so it is in doubt."""
    again = in_doubt is InDoubt.RESEND and delivery.doubts < DOUBTS_IN_CRASHES
    reply = "the program ended while this was being sent"
    return _doubt(delivery, now if again else None, now, reply)


def is_dead(delivery: Delivery, now: datetime) -> bool:
    """Whether it is no use by then: what it confirms is waited for no longer."""
    return delivery.kind is DeliveryKind.CONFIRM and now >= delivery.since + CONFIRM_WITHIN


def comes_back(delivery: Delivery, cause: Cause) -> bool:
    """Whether the papers of a digest that failed go into the next one.

    They do where it was about the mailbox: nothing is wrong with them, and it may yet be reached.
    What was refused for itself would only be refused again; what is in doubt may have arrived.
    """
    return cause in _UNREACHED and delivery.kind is DeliveryKind.DIGEST and not delivery.doubts


def _refused(delivery: Delivery, cause: Cause, now: datetime, reply: str) -> Settlement:
    """Failed. What may have arrived in an earlier attempt goes into no other mail."""
    failed = _settlement(delivery, DeliveryState.FAILED, None, now, reply)
    back = delivery.digest.owed if comes_back(delivery, cause) else ()
    return replace(failed, returned=back, strike=strikes.strike(cause, now, "smtp", reply))


def _later(
    delivery: Delivery, step: timedelta, cause: Cause | None, now: datetime, reply: str
) -> Settlement:
    """Once more, unless its lifetime is over: then its papers go into the next digest.

    One that would come too late to be of use is given up now.
    What may have arrived already stays in doubt: its papers are in no other mail, ever.
    """
    over = now >= delivery.since + LIFETIME or is_dead(delivery, now + step)
    if not over or delivery.doubts:
        due = None if over else now + step
        later = _settlement(delivery, _waiting(delivery), due, now, reply)
        full = strikes.strike(cause, now, "smtp", reply) if cause is Cause.FULL else None
        return replace(later, strike=full)
    expired = _settlement(delivery, DeliveryState.EXPIRED, None, now, reply)
    strike = Strike(now, strikes.EXPIRED, "expired", reply) if cause in _HIS else None
    return replace(expired, returned=delivery.digest.owed, strike=strike)


def _waiting(delivery: Delivery) -> DeliveryState:
    return DeliveryState.UNCERTAIN if delivery.doubts else DeliveryState.DEFERRED


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
    return Settlement(
        delivery.id,
        state,
        due_at,
        delivery.attempts,
        delivery.doubts,
        reply,
        at,
        small=delivery.small,
    )
