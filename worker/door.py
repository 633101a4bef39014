"""Who comes through to the ledger with what he asks for: a few at a time, and no crowd."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Final

from worker.asks import Scope, Traces
from worker.ports import Clock

STILL_CLOSED: Final = timedelta(seconds=1)
"""So long the ledger is not asked again about a limit that was met: it has other work."""

AT_ONCE: Final = 8
"""Asks that the ledger is given at once: whoever leaves meanwhile waits behind no more of them."""

CROWD: Final = 64
"""So many may be here: each keeps a connection, and there are 200 for all who are on the site."""


class Door:
    """One for everybody who asks; it remembers for a moment which limits were met.

    Of the limits on addresses and domains it remembers nothing: an answer that is quicker would
    tell who else asked for an address.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._seats = asyncio.Semaphore(AT_ONCE)
        self._here = 0
        self._met: dict[str, datetime] = {}

    @property
    def is_shut(self) -> bool:
        """Whether it was closed for everybody a moment ago, or there is a crowd at it."""
        return self._here >= CROWD or self._is_full(Scope.ALL)

    async def through(
        self, traces: Traces, ask: Callable[[], Awaitable[Scope | None]]
    ) -> Scope | None:
        """The limit that whoever leaves these traces meets: as the ledger says when it is asked."""
        if self._here >= CROWD:
            return Scope.ALL
        self._here += 1
        try:
            async with self._seats:  # so that of many at once only the first ones ask
                return self._just_met(traces) or await self._asked(traces, ask)
        finally:
            self._here -= 1

    async def _asked(
        self, traces: Traces, ask: Callable[[], Awaitable[Scope | None]]
    ) -> Scope | None:
        met = await ask()
        if met is Scope.ALL:
            self._remember(Scope.ALL)
        elif met is Scope.NETWORK:
            self._remember(traces.network)
        return met

    def _just_met(self, traces: Traces) -> Scope | None:
        if self._is_full(Scope.ALL):
            return Scope.ALL
        return Scope.NETWORK if self._is_full(traces.network) else None

    def _is_full(self, trace: str) -> bool:
        return trace in self._met and abs(self._clock.now() - self._met[trace]) < STILL_CLOSED

    def _remember(self, trace: str) -> None:
        recent = {each: at for each, at in self._met.items() if self._is_full(each)}
        self._met = recent | {trace: self._clock.now()}
