"""A place where a process answers: it stays open while others take over behind it, or it moves."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Awaitable
from functools import partial

from worker.config.web import Listen
from worker.daemon import Watchman
from worker.web.guard import Guard
from worker.web.server import Desk, bound, serving

log = logging.getLogger(__name__)

BREATH = 1.0
"""Seconds until a server that ended by itself is started again."""


class Doorway:
    """Where it listens is told by that ``key``; the log has it under that ``name``.

    Raises Refused if it cannot listen there.
    """

    def __init__(self, name: str, key: str, listen: Listen | None) -> None:
        self._name = name
        self._key = key
        self._listen = listen
        self._listener = bound(listen, key) if listen else None
        self._desk: Desk | None = None
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

    def go_by(self, guard: Guard) -> None:
        """From now on answer by this."""
        if self._desk:
            self._desk.guard = guard
        else:
            self._desk = Desk(guard)

    def move(self, listen: Listen | None) -> None:
        """From now on answer there. Raises Refused, and stays, if it cannot listen there."""
        if listen == self._listen:
            return
        listener = bound(listen, self._key) if listen else None
        self.close()
        self._listen, self._listener = listen, listener
        self._moved.set()

    async def run(self, stop: asyncio.Event) -> None:
        """Answer until ``stop``, whatever becomes of the server."""
        while not stop.is_set():
            self._moved.clear()
            await self._watchman.outlive(self._name, partial(self._answer, stop))
            if self._watchman.failures[self._name]:
                await asyncio.sleep(BREATH)
        self.close()

    async def _answer(self, stop: asyncio.Event) -> None:
        """Until it is time to stop, or to answer elsewhere."""
        if self._listener is None or self._desk is None:
            await _first(stop.wait(), self._moved.wait())
            return
        async with serving(self._desk, self._listener) as server:
            log.info(f"{self._name} opened", extra={"at": self.address})
            await _first(stop.wait(), self._moved.wait(), asyncio.wait([server]))
            if server.done():
                why = None if server.cancelled() else server.exception()
                raise RuntimeError(f"the server of the {self._name} ended by itself") from why


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
