"""The server of the site: it runs for as long as it is needed, on a socket that it is given."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import socket
from collections.abc import AsyncIterator, Iterator
from functools import partial
from typing import Any, Final, cast

import uvicorn
from starlette.types import Receive, Scope, Send

from worker.config.web import Listen
from worker.model import Refused
from worker.web.crowd import USUAL, Bounds, Crowd
from worker.web.guard import Guard
from worker.web.line import Line

WAITING: Final = 100
"""Connections that may wait to be let in; as many are taken in at once before any is looked at."""

GRACE: Final = 1
"""Seconds for what is being answered when the site ends."""

_SILENT: Final = logging.CRITICAL + 1
"""What uvicorn would log carries addresses of pages and of people."""


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Signals are the daemon's."""
        yield


def bound(listen: Listen, key: str = "listen") -> socket.socket:
    """A socket that listens there, as this ``key`` says. Raises Refused if it cannot."""
    family = socket.AF_INET6 if ":" in listen.host else socket.AF_INET
    # By this very number asyncio knows that it must send at once what we write (TCP_NODELAY):
    # without it each answer waits 40 ms between its head and its body.
    made = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind((listen.host, listen.port))
        made.listen(WAITING)
    except OSError as error:
        made.close()
        line = f"[web] {key}: {listen.host}:{listen.port}: {error.strerror}"
        raise Refused(line, os.EX_UNAVAILABLE) from None
    return made


class Desk:
    """Where requests are answered: by whatever ``guard`` is there at the moment."""

    def __init__(self, guard: Guard) -> None:
        self.guard = guard

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        await self.guard(scope, receive, send)


@contextlib.asynccontextmanager
async def serving(
    app: Guard | Desk, listener: socket.socket, bounds: Bounds = USUAL
) -> AsyncIterator[asyncio.Task[None]]:
    """Answer what comes in at that socket; it stays open, so that nobody is turned away after.

    Gives what ends when the server does.
    """
    desk = app if isinstance(app, Desk) else Desk(app)
    crowd = Crowd(bounds, lambda address: desk.guard.is_proxy(address))
    line = partial(Line, bounds, crowd, lambda status: desk.guard.bare(status))
    config = uvicorn.Config(
        desk, http=cast(Any, line), log_config=None, log_level=_SILENT, access_log=False,
        server_header=False, proxy_headers=False, lifespan="off", ws="none", backlog=WAITING,
        timeout_keep_alive=cast(int, bounds.idle), timeout_graceful_shutdown=GRACE,
        h11_max_incomplete_event_size=bounds.head_octets,
    )  # fmt: skip
    server, own = _Server(config), listener.dup()
    task = asyncio.create_task(server.serve(sockets=[own]))
    try:
        while not server.started and not task.done():
            await asyncio.sleep(0.01)
        yield task
    finally:
        server.should_exit = True
        await asyncio.wait([task])
        for ended in getattr(server, "servers", ()):  # if it did not come to that by itself
            ended.close()
        own.close()
        for left in list(server.server_state.connections):
            cast(Line, left).leave()
