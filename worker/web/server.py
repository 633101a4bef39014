"""The server of the site: it runs for as long as it is needed, on a socket that it is given."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
from collections.abc import AsyncIterator, Iterator

import uvicorn
from starlette.types import ASGIApp

from worker.config.web import Listen
from worker.model import Refused


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Signals are the daemon's."""
        yield


def bound(listen: Listen) -> socket.socket:
    """A socket that listens there. Raises Refused if it cannot."""
    family = socket.AF_INET6 if ":" in listen.host else socket.AF_INET
    made = socket.socket(family, socket.SOCK_STREAM)
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind((listen.host, listen.port))
        made.listen(200)
    except OSError as error:
        made.close()
        line = f"[web] listen: {listen.host}:{listen.port}: {error.strerror}; is it in use?"
        raise Refused(line, os.EX_UNAVAILABLE) from None
    return made


@contextlib.asynccontextmanager
async def serving(app: ASGIApp, listener: socket.socket) -> AsyncIterator[None]:
    """Answer what comes in at that socket; it stays open, so that nobody is turned away after."""
    config = uvicorn.Config(
        app, log_config=None, access_log=False, server_header=False, proxy_headers=False,
        lifespan="off", ws="none", http="h11",
    )  # fmt: skip
    server = _Server(config)
    task = asyncio.create_task(server.serve(sockets=[listener.dup()]))
    try:
        while not server.started:
            await asyncio.sleep(0.01)
        yield
    finally:
        server.should_exit = True
        await task
