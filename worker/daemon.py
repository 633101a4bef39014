"""The running program: the inbox is watched, the minute ticks, what waits is delivered.

Six loops that know nothing of each other but a wake-up: the inbox wakes the tick, the tick wakes
the delivering and the fetching, the collecting and the admitting wake the delivering. Each lives on
when a step of it fails, except when a store itself is refused.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import secrets
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import Any

from worker import errands, pulse
from worker.model import Refused
from worker.opened import Opened
from worker.pipeline.collect import Collecting
from worker.pipeline.deliver import Round
from worker.pipeline.ingest import empty_inbox
from worker.pipeline.plan import refuse_leap
from worker.ports import Clock, Postbox
from worker.scheduler import Scheduler
from worker.signup import Signup

log = logging.getLogger(__name__)


GRACE = 6.0
"""Seconds that a message in flight is given after SIGTERM; the whole stop takes at most ten."""

PATIENCE = 30.0
"""Seconds more when nothing presses: cut off after its final dot, a message would be in doubt."""

FIRST_LOOK = 60.0
"""Seconds that the first planning waits at most for what lies in the inbox at the start."""


LOOK = 5.0
"""Seconds until it is looked for what was asked on the site, if nobody tells."""

LOOK_AFTER_FAILURE = 60.0

FORGET = 3600.0
"""Seconds between looks for what is to be forgotten of it."""


class Watchman:
    """Sees to it that a step that fails does not end the daemon, but for a store that is refused.

    ``stop`` is set when it is time to end, ``refused`` says why if it was a store. ``failures``
    counts how often each step went wrong since it last went well.
    """

    def __init__(self) -> None:
        self.stop = asyncio.Event()
        self.refused: Refused | None = None
        self.failures: Counter[str] = Counter()

    async def outlive(self, name: str, step: Callable[[], Awaitable[None]]) -> None:
        """Take one step. What goes wrong is logged; a store that is busy is tried again later."""
        self.failures[name] += 1
        what = {"step": name, "times": self.failures[name]}
        try:
            await step()
            self.failures[name] = 0
        except Refused as refused:
            log.error("step refused", extra=what | {"why": str(refused)})  # noqa: TRY400  # one line says it all
            if refused.exit_code != os.EX_TEMPFAIL:
                self.refused = refused
                self.stop.set()
        except Exception:  # the one place: a step that fails must not end the daemon
            log.exception("step failed", extra=what)


class Daemon:
    """Runs until it is told to stop. ``opened`` are the stores, ``outgoing`` the way out;
    ``postboxes`` are looked into for mail that comes back. It ``ticked`` last at that instant.
    """

    def __init__(
        self,
        opened: Opened,
        outgoing: errands.Outgoing,
        postboxes: Mapping[str, Postbox],
        clock: Clock,
    ) -> None:
        self._opened = opened
        self._outgoing = outgoing
        self._postboxes = postboxes
        self._clock = clock
        self._round_running: Round | None = None
        self._watchman = Watchman()
        self._stop = self._watchman.stop
        self._wake = asyncio.Event()
        self._minute = asyncio.Event()
        self._asked = asyncio.Event()
        self._ticking = asyncio.Lock()
        self._scheduler = Scheduler(self._tick)
        self.ticked = clock.now()
        self._trouble = ""
        self._is_begun = False
        self._begins_by = 0.0

    async def run(self, turn: asyncio.Event, hurry: asyncio.Event) -> None:
        """Run until it is another's turn, then finish what is in flight. Raises what stopped it.

        What is in flight is given more time until ``hurry`` is set.
        """
        self._begins_by = asyncio.get_running_loop().time() + FIRST_LOOK
        self._scheduler.start()
        pulse_ = pulse.watch(self._clock, self._scheduler.wake)
        at_once = [asyncio.create_task(step) for step in (turn.wait(), pulse_, self._fetch())]
        orderly = (self._watch(), self._deliver(), self._collect(), self._admit())
        in_order = [asyncio.create_task(step) for step in orderly]
        for loop in (*at_once, *in_order):  # but for the first, none ends before it is told to
            loop.add_done_callback(lambda _: self._stop.set())
        await self._stop.wait()
        self._wake.set()
        self._asked.set()
        for loop in at_once:  # a fetch cut short leaves nothing behind and is made again
            loop.cancel()
        await self._finish([*at_once, *in_order], hurry)
        if self._watchman.refused:
            raise self._watchman.refused

    async def _finish(self, loops: Sequence[asyncio.Task[Any]], hurry: asyncio.Event) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(1.5):
                await self._ticking.acquire()  # not in the middle of a tick, if it can be helped
        self._scheduler.stop()
        if not self._watchman.refused:
            await _ended(loops, hurry)
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
            self._begin()
            self._scheduler.wake()  # what cannot be moved may have been taken in all the same
            raise
        if moved:
            self._scheduler.wake()
        for skipped in opened.inbox.skipped():
            log.warning("file skipped", extra={"file": skipped.where, "why": skipped.why})
        self._tell_of_inbox(opened.inbox.trouble)
        self._begin()

    def _begin(self) -> None:
        """What lay in the inbox at the start is in, or will not be: there may be planning."""
        if not self._is_begun and not self._opened.inbox.is_growing():
            self._is_begun = True
            self._scheduler.wake()

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
                self.ticked = self._clock.now()

    async def _plan(self) -> None:
        """Not before what came while we were down is in: its readers' slots would be served."""
        opened = self._opened
        opened.refuse_replaced()
        await refuse_leap(opened.papers, opened.subscribers, self._clock)
        if self._is_begun or asyncio.get_running_loop().time() > self._begins_by:
            counts = await opened.plan(self._clock)
            if counts["due"]:
                log.info("digests planned", extra=dict(counts))
        self._wake_delivering()

    def _wake_delivering(self) -> None:
        self._wake.set()
        if self._round_running:
            self._round_running.stir()

    async def _collect(self) -> None:
        """Every few minutes, and once at the start."""
        collecting = Collecting(self._postboxes, self._opened.returning(self._clock))
        every = self._opened.settings.returns.every_minutes * 60
        while self._postboxes and not self._stop.is_set():
            await self._watchman.outlive("collecting", partial(self._collect_all, collecting))
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(every):
                    await self._stop.wait()
        await self._stop.wait()

    async def _collect_all(self, collecting: Collecting) -> None:
        self._opened.refuse_replaced()
        counts = await collecting.collect(self._stop)
        if counts:
            log.info("mail collected", extra=dict(counts))
            self._wake_delivering()  # there may be answers to it

    def wake_admitting(self) -> None:
        """Somebody asked for something on the site: it is acted on at once."""
        self._asked.set()

    async def _admit(self) -> None:
        """When told, or else every few seconds: the site may be another process."""
        signup = self._opened.signup(self._clock, secrets.randbits)
        forget_at = 0.0
        while not self._stop.is_set():
            self._asked.clear()
            await self._watchman.outlive("admitting", partial(self._admit_all, signup))
            if time.monotonic() >= forget_at:
                await self._watchman.outlive("forgetting", partial(self._forget, signup))
                forget_at = time.monotonic() + FORGET
            failed = self._watchman.failures["admitting"]
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LOOK_AFTER_FAILURE if failed else LOOK):
                    await self._asked.wait()

    async def _admit_all(self, signup: Signup) -> None:
        """Not by a clock that is years ahead: each ask would be too late by it."""
        self._opened.refuse_replaced()
        while await self._opened.signups.waiting(1):
            await refuse_leap(self._opened.papers, self._opened.subscribers, self._clock)
            if not await signup.admit():
                return
            self._wake_delivering()

    async def _forget(self, signup: Signup) -> None:
        await refuse_leap(self._opened.papers, self._opened.subscribers, self._clock)
        if forgotten := await signup.forget():
            log.info("asks forgotten", extra={"asks": forgotten})

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
        opened, outgoing = self._opened, self._outgoing
        opened.refuse_replaced()
        await refuse_leap(opened.papers, opened.subscribers, self._clock)
        await opened.recover(self._clock)
        round_ = opened.round(outgoing.mailer, self._clock, self._stop, outgoing.domains)
        self._round_running = round_
        try:
            counts = await round_.deliver(outgoing.connections)
        finally:
            self._round_running = None
        if counts:
            log.info("deliveries attempted", extra=dict(counts))


async def _ended(loops: Sequence[asyncio.Task[Any]], hurry: asyncio.Event) -> None:
    """Wait until all have ended, or until somebody is in a hurry."""
    waits = [asyncio.create_task(asyncio.wait(loops)), asyncio.create_task(hurry.wait())]
    await asyncio.wait(waits, timeout=PATIENCE, return_when=asyncio.FIRST_COMPLETED)
    for each in waits:
        each.cancel()
    await asyncio.gather(*waits, return_exceptions=True)
