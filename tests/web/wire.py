"""Octets sent to a site and got back, as no browser would send them."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass

from tests.web.served import HOST


@dataclass(frozen=True)
class Got:
    """An answer; ``status`` is 0 where there was none. ``rest`` is what came after its body."""

    status: int
    headers: dict[str, str]
    body: bytes
    rest: bytes = b""


async def asked(port: int, request: bytes | str, *, within: float = 20) -> Got:
    """Send it, and read until the other side hangs up or has nothing more to say for a while."""
    octets = request.encode() if isinstance(request, str) else request
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(octets)
        return await read(reader, within)
    finally:
        writer.close()


async def read(reader: asyncio.StreamReader, within: float = 5) -> Got:
    """One answer, and whatever comes right behind it."""
    async with asyncio.timeout(within):
        try:
            head = await reader.readuntil(b"\r\n\r\n")
        except (asyncio.IncompleteReadError, ConnectionError):
            return Got(0, {}, b"")
        first, *lines = head.decode("latin-1").split("\r\n")[:-2]
        headers = dict(line.split(": ", 1) for line in lines)
        body = await reader.readexactly(int(headers.get("content-length", 0)))
        rest = b""
        with contextlib.suppress(TimeoutError, ConnectionError):
            async with asyncio.timeout(0.1):
                while more := await reader.read(10_000):
                    rest += more
        return Got(int(first.split()[1]), headers, body, rest)


def get(path: str, host: str = HOST, version: str = "1.1", method: str = "GET") -> str:
    """A request as it is written."""
    return f"{method} {path} HTTP/{version}\r\nHost: {host}\r\nConnection: close\r\n\r\n"
