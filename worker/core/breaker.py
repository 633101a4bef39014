"""When a server or a domain is left alone, for how long, and what ends it: decisions only.

A breaker opens, waits longer each time, and lets one attempt through when its time is up; that one
closes it or opens it again (RELIABILITY F26, F33, F47).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from worker.deliveries import Brake, Breaker

FIRST: Final = timedelta(minutes=1)
LONGEST: Final = timedelta(minutes=15)
PROBE: Final = timedelta(minutes=15)
"""How often a server that said no to us is asked whether the operator has mended it."""

DOMAIN_FIRST: Final = timedelta(minutes=5)
DOMAIN_LONGEST: Final = timedelta(hours=1)

PATIENCE: Final = 3
"""Messages in a row for which a domain's server was not there, before it is left alone."""


def opened(
    before: Breaker | None, brake: Brake, name: str, now: datetime, reply: str, *, ours: bool
) -> Breaker:
    """The breaker after one more failure: open for twice as long as the last time."""
    failures = before.failures + 1 if before else 1
    first, longest = (DOMAIN_FIRST, DOMAIN_LONGEST) if brake is Brake.DOMAIN else (FIRST, LONGEST)
    wait = PROBE if ours else min(first * (1 << min(failures - 1, 10)), longest)
    since = before.since if before else now
    return Breaker(brake, name, since, now + wait, failures, reply, ours)


def is_open(breaker: Breaker, now: datetime) -> bool:
    """Whether nothing may go there yet.

    A time that is farther off than any of ours was set by a clock that was ahead: it is over.
    """
    return breaker.until is None or now < breaker.until <= now + DOMAIN_LONGEST
