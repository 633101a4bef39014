"""Why a delivery has not gone out yet, and when it is tried next: for whoever looks at the queue.

It says what the ledger's ``claim`` and the breakers will do, and decides none of it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final, assert_never

from worker.core.breaker import is_open
from worker.core.moments import moment
from worker.deliveries import Brake, Breaker, Delivery, DeliveryState

MOST_DOMAINS: Final = 5
"""Told one by one; who wants to see the others looks into the queue itself."""


class Why(StrEnum):
    """What a delivery waits for; first what waits for the operator."""

    DECISION = "decision"  # in doubt, and held until somebody decides
    HELD = "held"  # by the operator, this one
    QUEUE = "queue"  # by the operator, all of them
    SERVER = "server"  # our mail server is left alone for now
    DOMAIN = "domain"  # so is his
    RETRY = "retry"  # its next try
    DOUBT = "doubt"  # to be sent once more
    DUE = "due"  # only its turn
    SENDING = "sending"


_WITHOUT_TRY: Final = {
    Why.DECISION: "none: in doubt",
    Why.HELD: "none: held",
    Why.QUEUE: "none: queue held",
    Why.SENDING: "being sent",
}


@dataclass(frozen=True, slots=True)
class Wait:
    """``until`` is the next try, None if none is set; ``name`` is whose server it waits for."""

    why: Why
    until: datetime | None = None
    name: str = ""
    reply: str = ""


def wait(delivery: Delivery, breakers: Sequence[Breaker], now: datetime) -> Wait:
    """What this delivery, one that is not settled, waits for."""
    if delivery.state is DeliveryState.SENDING:
        return Wait(Why.SENDING)
    if delivery.held:
        return Wait(Why.HELD)
    if delivery.due_at is None:
        return Wait(Why.DECISION)
    if any(breaker.brake is Brake.QUEUE for breaker in breakers):
        return Wait(Why.QUEUE)
    if stopping := _stopping(delivery, breakers, now):
        why = Why.DOMAIN if stopping.brake is Brake.DOMAIN else Why.SERVER
        return Wait(why, stopping.until, stopping.name, stopping.reply)
    if delivery.due_at <= now:
        return Wait(Why.DUE, delivery.due_at)
    why = Why.DOUBT if delivery.state is DeliveryState.UNCERTAIN else Why.RETRY
    return Wait(why, delivery.due_at, delivery.domain, delivery.reply)


def next_try(one: Wait, now: datetime) -> str:
    """When it is tried next, or why it is not."""
    if one.why in _WITHOUT_TRY:
        return _WITHOUT_TRY[one.why]
    if one.until is None:
        return f"none: see {one.name}"
    return "now" if one.until <= now else moment(one.until, now)


def told(waits: Iterable[Wait], now: datetime) -> tuple[str, ...]:
    """All that waits, a line for each reason, the operator's part first."""
    groups: dict[tuple[Why, str], list[Wait]] = defaultdict(list)
    for one in waits:
        groups[one.why, "" if one.why is Why.DOUBT else one.name].append(one)
    lines: list[str] = []
    for why in Why:
        alike = [group for (reason, _), group in groups.items() if reason is why]
        alike.sort(key=len, reverse=True)
        lines += [_line(why, group, now) for group in alike[:MOST_DOMAINS]]
        if others := alike[MOST_DOMAINS:]:
            rest = sum(map(len, others))
            lines.append(
                f"{rest} more for {len(others)} other domains: see `paperround queue list`"
            )
    return tuple(lines)


def braked(breaker: Breaker, now: datetime) -> str:
    """A breaker as a line; that of the queue is the operator's own."""
    since = moment(breaker.since, now)
    if breaker.brake is Brake.QUEUE:
        return f"the queue is held since {since}: nothing goes out until `paperround queue release`"
    if not is_open(breaker, now):
        return f"{breaker.name}: asked again with the next message, since it said: {breaker.reply}"
    until = moment(breaker.until, now) if breaker.until else "`paperround queue retry --all`"
    return f"{breaker.name}: not asked again until {until}, since it said: {breaker.reply}"


def _stopping(delivery: Delivery, breakers: Iterable[Breaker], now: datetime) -> Breaker | None:
    """The open breaker that keeps it back longest, if it does so beyond its own next try."""
    its = [
        each
        for each in breakers
        if is_open(each, now) and (each.brake is Brake.SERVER or each.name == delivery.domain)
    ]
    for endless in (each for each in its if each.until is None):
        return endless
    last = max(its, key=lambda each: each.until or now, default=None)
    due = delivery.due_at or now
    return last if last and last.until and last.until > due else None


def _line(why: Why, group: Sequence[Wait], now: datetime) -> str:
    count, one = len(group), group[-1]
    first = min((each.until for each in group if each.until), default=None)
    tried = f"next try {moment(first, now)}" if first else "no next try"
    match why:
        case Why.DECISION:
            return f"{count} in doubt, held: see `paperround queue list`"
        case Why.HELD:
            return f"{count} held by you: see `paperround queue list`"
        case Why.QUEUE:
            return f"{_waits(count)} until the queue is released"
        case Why.DOUBT:
            return f"{count} in doubt, sent again: {tried}"
        case Why.DUE:
            return f"{count} due now"
        case Why.SENDING:
            return f"{count} being sent"
        case Why.SERVER | Why.DOMAIN | Why.RETRY:
            return ", ".join(filter(None, (f"{_waits(count)} for {one.name}: {tried}", one.reply)))
        case _:
            assert_never(why)


def _waits(count: int) -> str:
    return f"{count} waits" if count == 1 else f"{count} wait"
