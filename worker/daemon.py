"""The running program: the inbox is watched, the minute ticks, what waits is delivered.

Four loops that know nothing of each other but a wake-up: the inbox wakes the tick, the tick wakes
the delivering and the fetching. Each lives on when a step of it fails, except when a store itself
is refused.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
from collections.abc import Awaitable, Callable

from worker import errands
from worker.model import Refused
from worker.opening import Opened
from worker.pipeline.deliver import recover
from worker.pipeline.ingest import empty_inbox
from worker.pipeline.plan import refuse_leap
from worker.ports import Clock, Mailer
from worker.scheduler import Scheduler

log = logging.getLogger(__name__)

GRACE = 6.0
"""Seconds that a message in flight is given after SIGTERM; the whole stop takes at most ten."""


class Watchman:
    """Sees to it that a step that fails does not end the daemon, but for a store that is refused.

    ``stop`` is set when it is time to end, ``refused`` says why if it was a store.
    """

    def __init__(self) -> None:
        self.stop = asyncio.Event()
        self.refused: Refused | None = None

    async def outlive(self, name: str, step: Callable[[], Awaitable[None]]) -> None:
        """Take one step. What goes wrong is logged; a store that is busy is tried again later."""
        try:
            await step()
        except Refused as refused:
            log.error("step refused", extra={"step": name, "why": str(refused)})  # noqa: TRY400  # one line says it all
            if refused.exit_code != os.EX_TEMPFAIL:
                self.refused = refused
                self.stop.set()
        except Exception:  # the one place: a step that fails must not end the daemon
            log.exception("step failed", extra={"step": name})


class Daemon:
    """Runs until it is told to stop. ``opened`` are the stores, ``connections`` that many mails."""

    def __init__(
        self,
        opened: Opened,
        mailer: Mailer,
        connections: int,
        clock: Clock,
    ) -> None:
        self._opened = opened
        self._mailer = mailer
        self._connections = connections
        self._clock = clock
        self._watchman = Watchman()
        self._stop = self._watchman.stop
        self._wake = asyncio.Event()
        self._minute = asyncio.Event()
        self._ticking = asyncio.Lock()
        self._scheduler = Scheduler(self._tick)
        self._trouble = ""

    async def run(self) -> None:
        """Run until SIGTERM or SIGINT, then finish what is in flight. Raises what stopped it."""
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, self._told_to_stop, number)
        self._opened.inbox.ensure()
        log.info("daemon started")
        self._scheduler.start()
        steps = (self._watch(), self._deliver(), self._fetch())
        loops = [asyncio.create_task(step) for step in steps]
        for loop in loops:  # neither ends before it is told to, but if it did, all must end
            loop.add_done_callback(lambda _: self._stop.set())
        await self._stop.wait()
        self._wake.set()
        loops[-1].cancel()  # a fetch cut short leaves nothing behind and is made again
        await self._finish(loops)
        log.info("daemon stopped")
        if self._watchman.refused:
            raise self._watchman.refused

    def _told_to_stop(self, number: signal.Signals) -> None:
        """The first signal stops in order; a second one ends the process as a kill would."""
        asyncio.get_running_loop().remove_signal_handler(number)
        log.info("stopping", extra={"signal": number.name})
        self._stop.set()

    async def _finish(self, loops: list[asyncio.Task[None]]) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(1.5):
                await self._ticking.acquire()  # not in the middle of a tick, if it can be helped
        self._scheduler.stop()
        _, late = await asyncio.wait(loops, timeout=GRACE)
        for loop in late:
            loop.cancel()
        for ended in await asyncio.gather(*loops, return_exceptions=True):
            if isinstance(ended, Exception):
                raise ended

    async def _watch(self) -> None:
        async for _ in self._opened.inbox.changes(self._stop):
            await self._watchman.outlive("inbox", self._empty_inbox)

    async def _empty_inbox(self) -> None:
        opened = self._opened
        await refuse_leap(opened.papers, opened.subscribers, self._clock)
        unread = await opened.unread()
        ingest = opened.ingest(self._clock)
        try:
            moved = await empty_inbox(opened.inbox, ingest, self._stop, unread)
        except Refused:
            self._scheduler.wake()  # what cannot be moved may have been taken in all the same
            raise
        if moved:
            self._scheduler.wake()
        for skipped in opened.inbox.skipped():
            log.warning("file skipped", extra={"file": skipped.where, "why": skipped.why})
        self._tell_of_inbox(opened.inbox.trouble)

    def _tell_of_inbox(self, trouble: str) -> None:
        """Once when it is gone, and once when it is back."""
        if trouble and not self._trouble:
            log.error("inbox gone", extra={"why": trouble})
        elif self._trouble and not trouble:
            log.warning("inbox back")
        self._trouble = trouble

    async def _tick(self) -> None:
        self._minute.set()
        async with self._ticking:
            if not self._stop.is_set():
                await self._watchman.outlive("tick", self._plan)

    async def _plan(self) -> None:
        opened = self._opened
        opened.refuse_replaced()
        await refuse_leap(opened.papers, opened.subscribers, self._clock)
        counts = await opened.plan(self._clock)
        if counts["due"]:
            log.info("digests planned", extra=dict(counts))
        self._wake.set()

    async def _fetch(self) -> None:
        while self._opened.settings.fetches and not self._stop.is_set():
            await self._minute.wait()
            self._minute.clear()
            await self._watchman.outlive("fetching", self._fetch_due)
        await self._stop.wait()

    async def _fetch_due(self) -> None:
        await refuse_leap(self._opened.papers, self._opened.subscribers, self._clock)
        fetching = errands.fetching(self._opened.settings, self._opened.reader, self._clock)
        await fetching.due(self._opened.settings.fetches, self._stop)

    async def _deliver(self) -> None:
        while not self._stop.is_set():
            await self._wake.wait()
            self._wake.clear()
            await self._watchman.outlive("delivering", self._round)

    async def _round(self) -> None:
        opened = self._opened
        opened.refuse_replaced()
        await recover(opened.ledger, self._clock)
        round_ = opened.round(self._mailer, self._clock, self._stop)
        counts = await round_.deliver(self._connections)
        if counts:
            log.info("deliveries attempted", extra=dict(counts))
