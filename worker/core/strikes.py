"""When an address counts as dead: strikes, added up (RELIABILITY, 3.4).

Two noes of a server that say so by their code, a day apart, or three that do not, suppress it; a
full mailbox counts half, once a day. A receiving server has one bad hour more often than a reader
gives up a mailbox, so what came within a day counts as one, and what is old counts no more.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final

from worker.deliveries import (
    Strike,
)
from worker.outcomes import (
    Cause,
)

ENOUGH: Final = 12
APART: Final = timedelta(hours=24)
FORGOTTEN: Final = timedelta(days=90)

POINTS: Final = MappingProxyType({Cause.ADDRESS: 6, Cause.UNSAID: 4, Cause.FULL: 3})
"""What a no costs, by its cause; every other cause costs nothing."""

EXPIRED: Final = 6
"""A digest that waited out its lifetime for an address that never took it."""


def strike(cause: Cause, at: datetime, via: str, reply: str) -> Strike | None:
    """The strike that a no is worth, if any."""
    points = POINTS.get(cause)
    return Strike(at, points, via, reply) if points else None


def of_bounce(cause: Cause, at: datetime, reply: str) -> Strike | None:
    """The strike of a mail that came back: a server between gave up, or was told no.

    None for a server that was not there (4.3.x, 4.4.x): when our own relay is cut off, it gives up
    everybody's mail for that.
    """
    if cause is Cause.LATER:
        return Strike(at, EXPIRED, "dsn", reply)
    return strike(cause, at, "dsn", reply)


def suppresses(strikes: Iterable[Strike], now: datetime) -> bool:
    """Whether an address with these strikes is to be mailed no more.

    Those that count are the ones, all a day apart from each other, that cost the most together.
    """
    recent = sorted((one for one in strikes if one.at >= now - FORGOTTEN), key=lambda one: one.at)
    most = [0]  # of the first 0, 1, 2 … of them
    for one in recent:
        before = bisect_right(recent, one.at - APART, key=lambda each: each.at)
        most.append(max(most[-1], most[before] + one.points))
    return most[-1] >= ENOUGH
