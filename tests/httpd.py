"""A web server on loopback that says exactly what it is told, byte by byte."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

Answer = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


async def silence(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Never answers; over when the other side hangs up."""
    await reader.read()


@dataclass
class Website:
    """Answers by path; what it has no answer for is 404. ``asked`` holds each request whole."""

    base: str = ""
    answers: dict[str, bytes | Answer] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def says(self, path: str, content: bytes, status: str = "200 OK", **headers: str) -> str:
        """Let this path answer so. Gives its address."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(content)}"]
        lines += [f"{name}: {value}" for name, value in named.items()]
        self.answers[path] = "\r\n".join((*lines, "", "")).encode() + content
        return self.base + path

    def acts(self, path: str, answer: bytes | Answer) -> str:
        """Let this path answer with these bytes, or do this. Gives its address."""
        self.answers[path] = answer
        return self.base + path

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            request = (await reader.readuntil(b"\r\n\r\n")).decode()
            self.asked.append(request)
            answer = self.answers.get(request.split()[1], b"HTTP/1.1 404 Not Found\r\n\r\n")
            if isinstance(answer, bytes):
                writer.write(answer)
            else:
                await answer(reader, writer)
            await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass  # the other side hung up, as some tests want it to
        finally:
            writer.close()


@asynccontextmanager
async def website(tls: ssl.SSLContext | None = None) -> AsyncIterator[Website]:
    """A server on a free port, gone at the end."""
    site = Website()
    server = await asyncio.start_server(site.answer, "127.0.0.1", 0, ssl=tls)
    port = server.sockets[0].getsockname()[1]
    site.base = f"{'https' if tls else 'http'}://{'localhost' if tls else '127.0.0.1'}:{port}"
    try:
        yield site
    finally:
        server.close()
