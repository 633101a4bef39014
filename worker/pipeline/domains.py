"""Recipient domains, each at its own pace: none is hurried, and none holds up the others.

What is decided is in ``core.breaker`` and ``core.quota``; here is what they are asked about.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Final

from worker.core.breaker import PATIENCE, is_open, opened
from worker.core.quota import DAY, HOUR, MINUTE, Limits, minute, next_at
from worker.deliveries import (
    Brake,
    Breaker,
)
from worker.ledgers import Holds, Record, note
from worker.outcomes import (
    Accepted,
    Bounced,
    Cause,
    Deferred,
    Doubtful,
    Outcome,
    Unavailable,
)
from worker.ports import Clock

log = logging.getLogger(__name__)

_AT_ONCE: Final = frozenset({Cause.RATE, Cause.POLICY})


@dataclass(frozen=True, slots=True)
class Pace:
    """The most at a time, and in an hour (0 is no limit)."""

    connections: int = 2
    per_hour: int = 0


@dataclass(frozen=True, slots=True)
class Paces:
    """The pace of every domain, and of those that have one of their own."""

    usual: Pace = Pace()
    own: Mapping[str, Pace] = field(default_factory=lambda: MappingProxyType({}))

    def of(self, domain: str) -> Pace:
        """The pace of that domain."""
        return self.own.get(domain, self.usual)


class Domains:
    """What is in flight to each domain, and which of them are left alone for now."""

    def __init__(self, paces: Paces, clock: Clock, holds: Holds) -> None:
        self._paces = paces
        self._clock = clock
        self._holds = holds
        self._flying: Counter[str] = Counter()
        self._breakers: dict[str, Breaker] = {}
        self._missed: Counter[str] = Counter()
        self._slowed: dict[str, int] = {}
        self._sent: dict[str, Counter[datetime]] = {}
        self._reached: set[str] = set()  # those that took as many in this hour as they may
        self._looked_at: datetime | None = None

    async def recall(self, record: Record) -> None:
        """Take up what an earlier process knew; a breaker that nobody tried for a day is over."""
        long_ago = self._clock.now() - DAY
        for known in await self._holds.breakers():
            if known.brake is Brake.DOMAIN and known.until and known.until < long_ago:
                await note(self._holds.close(Brake.DOMAIN, known.name))
            elif known.brake is Brake.DOMAIN:
                self._breakers[known.name] = known
        for each in await record.handed_over(self._clock.now() - HOUR - MINUTE):
            self._count(each.domain, each.at, each.count)

    def avoid(self) -> frozenset[str]:
        """The domains that nothing may go to at this moment."""
        self._forget()
        met = {*self._flying, *self._breakers, *self._reached}
        return frozenset(domain for domain in met if not self._may_take(domain))

    def begun(self, domain: str) -> None:
        """A message for it is on its way."""
        self._flying[domain] += 1

    async def ended(self, domain: str, outcome: Outcome) -> None:
        """That message came to this; it may open or close the domain's breaker."""
        self._flying[domain] -= 1
        if not self._flying[domain]:
            del self._flying[domain]
        match outcome:
            case Accepted() | Doubtful():
                self._count(domain, self._clock.now())
                await self._took(domain)
            case Deferred(reply, cause) if cause in _AT_ONCE:
                await self._leave_alone(domain, cause, reply)
            case Bounced(reply, Cause.POLICY):
                await self._leave_alone(domain, Cause.POLICY, reply)
            case Deferred(reply, Cause.DOWN):
                await self._missing(domain, reply)
            case Unavailable(reply):
                if outcome.midway:
                    await self._missing(domain, reply)
            case Deferred() | Bounced():
                await self._took(domain)

    def _may_take(self, domain: str) -> bool:
        now, pace = self._clock.now(), self._paces.of(domain)
        flying, breaker = self._flying[domain], self._breakers.get(domain)
        if breaker is not None:  # one message tries whether it may be closed
            return not is_open(breaker, now) and not flying
        if flying >= min(pace.connections, self._slowed.get(domain, pace.connections)):
            return False
        if not pace.per_hour:
            return True
        sent = self._sent.get(domain, Counter())
        sent = sent + Counter({minute(now): flying})  # each may become one more
        return next_at(Limits(per_hour=pace.per_hour), sent, now) <= now

    def _count(self, domain: str, at: datetime, number: int = 1) -> None:
        """Only where an hour has a limit."""
        if not self._paces.of(domain).per_hour:
            return
        sent = self._sent.setdefault(domain, Counter())
        sent[minute(at)] += number
        self._note_reached(domain, sent)

    def _note_reached(self, domain: str, sent: Counter[datetime]) -> None:
        if sent.total() >= self._paces.of(domain).per_hour:
            self._reached.add(domain)

    def _forget(self) -> None:
        """Once a minute, what is older than an hour: else every claim looks through all of it."""
        this_minute = minute(self._clock.now())
        if this_minute == self._looked_at:
            return
        self._looked_at = this_minute
        oldest = this_minute - HOUR - MINUTE
        counted, self._sent = self._sent, {}
        self._reached.clear()
        for domain, sent in counted.items():
            if recent := Counter({at: number for at, number in sent.items() if at >= oldest}):
                self._sent[domain] = recent
                self._note_reached(domain, recent)

    async def _took(self, domain: str) -> None:
        """It answers for a mailbox again: as before, and a little faster each time.

        What was on its way already when it was left alone says nothing of later.
        """
        self._missed.pop(domain, None)
        breaker = self._breakers.get(domain)
        if breaker and is_open(breaker, self._clock.now()):
            return
        if domain in self._slowed:
            self._slowed[domain] += 1
            if self._slowed[domain] >= self._paces.of(domain).connections:
                del self._slowed[domain]
        if self._breakers.pop(domain, None):
            log.info("domain taken up again", extra={"domain": domain})
            await note(self._holds.close(Brake.DOMAIN, domain))

    async def _missing(self, domain: str, reply: str) -> None:
        self._missed[domain] += 1
        if self._missed[domain] >= PATIENCE or domain in self._breakers:
            await self._leave_alone(domain, Cause.DOWN, reply)

    async def _leave_alone(self, domain: str, cause: Cause, reply: str) -> None:
        before, now, ours = self._breakers.get(domain), self._clock.now(), cause is Cause.POLICY
        if before and is_open(before, now) and before.ours >= ours:
            return  # what was on its way beside found out the same
        if cause is Cause.RATE:
            pace = self._slowed.get(domain, self._paces.of(domain).connections)
            self._slowed[domain] = max(1, pace // 2)
        breaker = opened(before, Brake.DOMAIN, domain, now, reply, ours=ours)
        self._breakers[domain] = breaker
        level = logging.ERROR if breaker.ours else logging.WARNING
        fields = {"domain": domain, "until": breaker.until, "cause": cause.value, "reply": reply}
        log.log(level, "domain left alone", extra=fields)
        await note(self._holds.open(breaker))
