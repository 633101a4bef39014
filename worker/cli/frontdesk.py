"""The site as a process keeps it: always there, whatever becomes of its settings or its server."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
import socket
from collections.abc import AsyncIterator, Awaitable
from functools import partial

from worker.config.web import Listen
from worker.daemon import Daemon, Watchman
from worker.model import Refused
from worker.opened import Opened
from worker.ports import Clock
from worker.web.app import app_of
from worker.web.server import Desk, bound, serving
from worker.web.site import made_site

log = logging.getLogger(__name__)

BREATH = 1.0
"""Seconds until a server that ended by itself is started again."""


class FrontDesk:
    """Where strangers are answered, if anywhere. It stays open while others take over behind it.

    Raises Refused if it cannot listen there.
    """

    def __init__(self, listen: Listen | None) -> None:
        self._listen = listen
        self._listener = bound(listen) if listen else None
        self._desk: Desk | None = None
        self._daemon: Daemon | None = None
        self._moved = asyncio.Event()
        self._watchman = Watchman()

    @property
    def address(self) -> str:
        """Where it listens, as a browser on this machine is told; empty where it does not."""
        return _written(self._listener) if self._listener else ""

    def close(self) -> None:
        """Nobody gets in any more."""
        if self._listener:
            self._listener.close()

    def go_by(self, opened: Opened, clock: Clock) -> None:
        """From now on answer by these. Raises Refused if the pages cannot be made."""
        site = made_site(opened, clock, secrets.randbits, self._wake)
        guard = app_of(site, last_tick=lambda: self._daemon.ticked if self._daemon else None)
        if self._desk:
            self._desk.guard = guard
        else:
            self._desk = Desk(guard)

    def follow(self, opened: Opened, clock: Clock) -> None:
        """The same after a reload, at another address if there is one: what cannot be, is not."""
        try:
            self.go_by(opened, clock)
            self._move(opened.settings.web.listen)
        except Refused as refused:
            log.error("site stays as it was", extra={"why": str(refused)})  # noqa: TRY400  # the line says it all

    def serve(self, daemon: Daemon) -> None:
        """What is asked for is this one's to act on."""
        self._daemon = daemon

    @contextlib.asynccontextmanager
    async def open(self, stop: asyncio.Event) -> AsyncIterator[None]:
        """Answer for as long as this lasts, until ``stop`` at most."""
        task = asyncio.create_task(self._run(stop))
        try:
            yield
        finally:
            if not stop.is_set():  # else it ends by itself, when what is in flight is answered
                task.cancel()
            await asyncio.wait([task])

    def _wake(self) -> None:
        if self._daemon:
            self._daemon.asked()

    def _move(self, listen: Listen | None) -> None:
        if listen == self._listen:
            return
        listener = bound(listen) if listen else None
        self.close()
        self._listen, self._listener = listen, listener
        self._moved.set()

    async def _run(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            self._moved.clear()
            await self._watchman.outlive("site", partial(self._answer, stop))
            if self._watchman.failures["site"]:
                await asyncio.sleep(BREATH)
        self.close()

    async def _answer(self, stop: asyncio.Event) -> None:
        """Until it is time to stop, or to answer elsewhere."""
        if self._listener is None or self._desk is None:
            await _first(stop.wait(), self._moved.wait())
            return
        async with serving(self._desk, self._listener) as server:
            log.info("site opened", extra={"at": self.address})
            await _first(stop.wait(), self._moved.wait(), asyncio.wait([server]))
            if server.done():
                why = None if server.cancelled() else server.exception()
                raise RuntimeError("the server of the site ended by itself") from why


async def _first(*ends: Awaitable[object]) -> None:
    """Wait until one of them is there."""
    waits = [asyncio.ensure_future(each) for each in ends]
    try:
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for each in waits:
            each.cancel()


def _written(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
