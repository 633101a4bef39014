"""Several mail servers as one: by weight, within their limits, and round one that is down."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import Counter, defaultdict
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from datetime import date, datetime
from types import TracebackType
from typing import Self

from worker.core.breaker import is_open, opened
from worker.core.quota import DAY, LIMITLESS, MINUTE, Limits, minute, next_at, warm_up
from worker.deliveries import (
    Brake,
    Breaker,
    Envelope,
)
from worker.ledgers import Holds, Record, note
from worker.mailer.smtp import SmtpMailer
from worker.outcomes import (
    Accepted,
    Doubtful,
    Outcome,
    Unavailable,
)
from worker.ports import Clock

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Server:
    """One mail server: how many messages it takes at a time, in a second (0: any), in all."""

    name: str
    mailer: SmtpMailer
    connections: int
    weight: int = 1
    per_second: float = 0
    limits: Limits = LIMITLESS


class Servers:
    """A ``ports.Mailer`` over some of them, as ``async with``.

    A message goes to another server only while it surely is not the first one's. ``warm_up_from``
    is the day on which a new sender began: all servers together then take a little more each day.
    """

    def __init__(
        self,
        servers: Sequence[Server],
        clock: Clock,
        holds: Holds,
        record: Record,
        warm_up_from: date | None = None,
    ) -> None:
        self._servers = servers
        self._clock = clock
        self._holds = holds
        self._record = record
        self._warm_up_from = warm_up_from
        self._stack = AsyncExitStack()
        self._breakers: dict[str, Breaker] = {}
        self._busy: Counter[str] = Counter()
        self._sent: dict[str, Counter[datetime]] = {each.name: Counter() for each in servers}
        self._freed = asyncio.Event()
        self._due: Counter[str] = Counter()
        self._next_second: defaultdict[str, float] = defaultdict(float)

    async def __aenter__(self) -> Self:
        """Take up what an earlier process knew."""
        for server in self._servers:
            await self._stack.enter_async_context(server.mailer)
        for known in await self._holds.breakers():
            if known.brake is Brake.SERVER and known.name in self._sent:
                self._breakers[known.name] = known
            elif known.brake is Brake.SERVER:  # no longer configured
                await self._holds.close(Brake.SERVER, known.name)
        since = self._clock.now() - DAY - MINUTE
        for each in await self._record.handed_over(since):
            if each.server in self._sent:
                self._sent[each.server][minute(each.at)] += each.count
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close the connections."""
        await self._stack.aclose()

    def closed(self) -> str:
        """Why no server may be handed anything now; empty if one may."""
        reasons = [self._why_not(server) for server in self._servers]
        return "" if "" in reasons else "; ".join(reasons)

    async def deliver(self, envelope: Envelope) -> Outcome:
        """As ``ports.Mailer``: by the server whose turn it is, and by the next if that is down."""
        outcome: Outcome | None = None
        tried: set[str] = set()
        while server := await self._free(tried):
            tried.add(server.name)
            outcome = await self._by(server, envelope)
            if not isinstance(outcome, Unavailable) or outcome.midway:
                return outcome
        return outcome or Unavailable(self.closed())

    async def turn(self) -> None:
        """Wait until one of the servers may be handed one more in this second."""
        usable = [each for each in self._servers if not self._why_not(each)]
        soonest = min((self._next_second[each.name] for each in usable), default=0.0)
        await asyncio.sleep(max(0.0, soonest - asyncio.get_running_loop().time()))

    async def _free(self, tried: set[str]) -> Server | None:
        """Whose turn it is, None if nobody's. One that is only busy is waited for: that another is
        down is no reason to give up while it takes mail.
        """
        while not (server := self._choose(tried)) and self._is_any_busy(tried):
            await self._freed.wait()
        return server

    def _is_any_busy(self, tried: set[str]) -> bool:
        """Whether one may be asked as soon as one of its connections is free."""
        untried = [each for each in self._servers if each.name not in tried]
        return any(
            self._busy[each.name] >= each.connections and each.name not in self._breakers
            for each in untried
        )

    def _choose(self, tried: set[str]) -> Server | None:
        """Whose turn it is: each as often as its weight says, and evenly (smooth round robin)."""
        usable = [each for each in self._servers if each.name not in tried]
        usable = [each for each in usable if not self._why_not(each)]
        if not usable:
            return None
        now = asyncio.get_running_loop().time()
        usable = [each for each in usable if self._next_second[each.name] <= now] or usable
        for each in usable:
            self._due[each.name] += each.weight
        chosen = max(usable, key=lambda each: self._due[each.name])
        self._due[chosen.name] -= sum(each.weight for each in usable)
        if chosen.per_second:
            earliest = max(now, self._next_second[chosen.name])
            self._next_second[chosen.name] = earliest + 1 / chosen.per_second
        return chosen

    def _why_not(self, server: Server) -> str:
        """Why this server may not be handed anything now; empty if it may."""
        now, busy = self._clock.now(), self._busy[server.name]
        breaker = self._breakers.get(server.name)
        if breaker and (is_open(breaker, now) or busy):  # one message tries whether it is back
            until = f" until {breaker.until:%H:%M} UTC" if breaker.until else ""
            return f"{server.name}: not asked{until}: {breaker.reply}"
        if busy >= server.connections:
            return f"{server.name}: busy"
        free_at = self._free_at(server, now)
        return f"{server.name}: its limit is reached until {free_at:%H:%M} UTC" * (free_at > now)

    def _free_at(self, server: Server, now: datetime) -> datetime:
        """When its limits, and those of a new sender, allow one more."""
        own = next_at(server.limits, self._with_flying(server.name, now), now)
        if self._warm_up_from is None:
            return own
        all_sent: Counter[datetime] = Counter()
        for each in self._servers:
            all_sent += self._with_flying(each.name, now)
        warming = Limits(per_day=warm_up(self._warm_up_from, now.date()))
        return max(own, next_at(warming, all_sent, now))

    def _with_flying(self, name: str, now: datetime) -> Counter[datetime]:
        """What it took, and what may become its at any moment."""
        return self._sent[name] + Counter({minute(now): self._busy[name]})

    async def _by(self, server: Server, envelope: Envelope) -> Outcome:
        self._busy[server.name] += 1
        try:
            outcome = replace(await server.mailer.deliver(envelope), server=server.name)
        finally:
            self._busy[server.name] -= 1
            self._freed.set()
            self._freed = asyncio.Event()
        if isinstance(outcome, Accepted | Doubtful):
            self._count(server)
        with contextlib.suppress(asyncio.CancelledError):  # what the server said stands
            await asyncio.shield(self._heed(server, outcome))
        return outcome

    def _count(self, server: Server) -> None:
        now, sent = self._clock.now(), self._sent[server.name]
        sent[minute(now)] += 1
        for old in [each for each in sent if each < now - DAY - MINUTE]:
            del sent[old]

    async def _heed(self, server: Server, outcome: Outcome) -> None:
        """A server that is down is left alone for a while; one that answers is as before."""
        if isinstance(outcome, Unavailable):
            if not outcome.midway:
                await self._leave_alone(server, outcome)
        elif self._breakers.pop(server.name, None):
            log.info("mail server back", extra={"server": server.name})
            await note(self._holds.close(Brake.SERVER, server.name))

    async def _leave_alone(self, server: Server, outcome: Unavailable) -> None:
        before, now = self._breakers.get(server.name), self._clock.now()
        if before and is_open(before, now):  # another connection found out at the same time
            return
        breaker = opened(before, Brake.SERVER, server.name, now, outcome.reply, ours=outcome.ours)
        self._breakers[server.name] = breaker
        fields = {"server": server.name, "reply": outcome.reply, "until": breaker.until}
        log.error("mail server unavailable", extra=fields | {"ours": outcome.ours})
        await note(self._holds.open(breaker))
