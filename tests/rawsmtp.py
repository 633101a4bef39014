"""Servers that speak whatever a test makes them speak, also what no mail server should.

``RawServer`` runs a conversation written in the test; ``CutProxy`` stands before a real server
and cuts the line at an exact byte. Both listen on a free loopback port while in ``async with``.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Self

HOST = "127.0.0.1"


class Listener:
    """Something that listens while in ``async with``."""

    port: int
    _server: asyncio.Server

    async def _listen(self) -> asyncio.Server:
        raise NotImplementedError

    async def _hang_up(self) -> None:
        raise NotImplementedError

    async def __aenter__(self) -> Self:
        self._server = await self._listen()
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._server.close()
        await self._hang_up()
        await self._server.wait_closed()


class Line:
    """The server's end of one connection of a ``RawServer``; ``heard`` is all that came in."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer
        self.heard = bytearray()

    async def say(self, *replies: str | bytes) -> None:
        """Send replies, each with its CRLF, in one piece; bytes go out as they are."""
        lines = (r if isinstance(r, bytes) else r.encode() + b"\r\n" for r in replies)
        self._writer.write(b"".join(lines))
        await self._writer.drain()

    async def hear(self, end: bytes = b"\r\n") -> bytes:
        """Everything up to and with ``end``; a client that goes away ends the conversation."""
        heard = await self._reader.readuntil(end)
        self.heard += heard
        return heard

    async def hear_all(self) -> None:
        """Everything until the client goes."""
        while heard := await self._reader.read(65536):
            self.heard += heard

    async def answer(self, *replies: str | bytes) -> None:
        """For each reply hear one command, then send it."""
        for reply in replies:
            await self.hear()
            await self.say(reply)

    async def begin_tls(self, context: ssl.SSLContext) -> None:
        """Turn the connection into TLS, as the server."""
        await self._writer.start_tls(context)

    def cut(self) -> None:
        """Reset the connection."""
        self._writer.transport.abort()


class RawServer(Listener):
    """Each connection is one run of ``talk``; when that returns, the connection is closed.

    ``lines`` holds the connections so far, oldest first. With ``tls`` it speaks TLS at once; a
    small ``limit`` (bytes it reads ahead of ``hear``) makes it a server that lets senders wait.
    """

    def __init__(
        self,
        talk: Callable[[Line], Awaitable[None]],
        *,
        limit: int = 1 << 26,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._talk = talk
        self._limit = limit
        self._tls = tls
        self._tasks: set[asyncio.Task[None]] = set()
        self.lines: list[Line] = []

    @property
    def heard(self) -> bytes:
        """All that came in, on all connections."""
        return b"".join(bytes(line.heard) for line in self.lines)

    async def _listen(self) -> asyncio.Server:
        return await asyncio.start_server(self._accept, HOST, 0, limit=self._limit, ssl=self._tls)

    async def _hang_up(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._serve(reader, writer))
        self._tasks.add(task)
        with contextlib.suppress(asyncio.CancelledError):
            await task

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        line = Line(reader, writer)
        self.lines.append(line)
        try:
            await self._talk(line)
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            await _closed(writer)


class CutProxy(RawServer):
    """Passes bytes on to a server and resets both ends after an exact number of them.

    ``up`` is how many bytes of the client it passes on, ``down`` how many of the server; None is
    no limit. ``sent`` and ``answered`` count them.
    """

    def __init__(self, port: int, *, up: int | None = None, down: int | None = None) -> None:
        super().__init__(self._relay)
        self._port, self._up, self._down = port, up, down
        self.sent = self.answered = 0

    async def _relay(self, line: Line) -> None:
        reader, writer = await asyncio.open_connection(HOST, self._port)
        ways = (
            asyncio.create_task(self._pass_up(line._reader, writer)),
            asyncio.create_task(self._pass_down(reader, line._writer)),
        )
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            line.cut()
            writer.transport.abort()
            await asyncio.gather(*ways, return_exceptions=True)

    async def _pass_up(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while piece := await reader.read(_at_most(self._up, self.sent)):
            self.sent += len(piece)
            writer.write(piece)
            await writer.drain()

    async def _pass_down(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while piece := await reader.read(_at_most(self._down, self.answered)):
            self.answered += len(piece)
            writer.write(piece)
            await writer.drain()


def _at_most(limit: int | None, so_far: int) -> int:
    return 65536 if limit is None else min(65536, limit - so_far)


async def _closed(writer: asyncio.StreamWriter) -> None:
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()
