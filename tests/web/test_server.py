"""The server: one request and its answer, whatever comes in (B74)."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from tests.web.served import HOST, Served, served
from tests.web.wire import asked, get, read
from worker.config.web import Listen
from worker.model import Refused
from worker.web.app import app_of
from worker.web.crowd import Bounds
from worker.web.forms import fields
from worker.web.server import bound, serving

KIND = "application/x-www-form-urlencoded"
POST = f"POST /form HTTP/1.1\r\nHost: {HOST}\r\nContent-Type: {KIND}\r\n"


async def form(request: Request) -> Response:
    return PlainTextResponse(str(dict(await fields(request))))


async def late(request: Request) -> Response:
    await asyncio.sleep(0.15)
    return await form(request)


async def slow(request: Request) -> Response:
    await asyncio.sleep(0.4)
    return PlainTextResponse("at last")


async def endless(request: Request) -> Response:
    await asyncio.sleep(60)
    return PlainTextResponse("never")


PAGES = [
    Route("/form", form, methods=["POST"]),
    Route("/late", late, methods=["POST"]),
    Route("/slow", slow),
    Route("/endless", endless),
    Route("/fine", lambda request: PlainTextResponse("fine")),
]


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Served]:
    async with served(tmp_path, pages=PAGES, bounds=Bounds(lingers=0.3)) as there:
        yield there


HIDDEN = get("/fine")


@pytest.mark.parametrize(
    "request_",
    [
        f"{POST}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n{HIDDEN}",
        f"{POST}Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n{HIDDEN}",
        f"{POST}Content-Length: 0\r\nContent-Length: 5\r\n\r\n{HIDDEN}",
        f"{POST}Content-Length: 5, 6\r\n\r\n12345{HIDDEN}",
        f"{POST}Content-Length: +5\r\n\r\n12345{HIDDEN}",
        f"{POST}Content-Length: -5\r\n\r\n{HIDDEN}",
        f"{POST}Content-Length : 5\r\n\r\n12345{HIDDEN}",
        f"{POST}Content-Length: 5\x0b\r\n\r\n12345{HIDDEN}",
        f"{POST}Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n{HIDDEN}",
        f"{POST}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n{HIDDEN}",
        f"{POST}Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n{HIDDEN}",
        f"{POST}Transfer-Encoding: chunked\r\n\r\n-1\r\n\r\n{HIDDEN}",
        f"{POST}Transfer-Encoding: chunked\r\n\r\n0x5\r\n12345\r\n0\r\n\r\n{HIDDEN}",
        f"{POST}Host: evil.example\r\n\r\n{HIDDEN}",
        f"GET  /fine HTTP/1.1\r\nHost: {HOST}\r\n\r\n{HIDDEN}",
    ],
)
async def test_no_second_request_is_smuggled_in(
    site: Served, request_: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    got = await asked(site.port, request_)
    assert got.status == 400
    assert got.rest == b""
    assert not caplog.records
    assert (await site.client.get("/fine")).text == "fine"


async def test_two_requests_on_one_connection_are_two(site: Served) -> None:
    first = f"GET /fine HTTP/1.1\r\nHost: {HOST}\r\n\r\n"
    form_ = f"{POST}Content-Length: 3\r\n\r\na=1"
    reader, writer = await asyncio.open_connection("127.0.0.1", site.port)
    writer.write((first + form_ + HIDDEN).encode())
    answers = [await reader.readuntil(b"fine"), await reader.readuntil(b"{'a': '1'}")]
    assert [each[:15] for each in answers] == [b"HTTP/1.1 200 OK"] * 2
    assert (await reader.read(-1)).endswith(b"fine")
    writer.close()


async def test_a_protocol_that_is_offered_instead_is_not_taken(site: Served) -> None:
    upgrade = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
    got = await asked(site.port, f"GET /fine HTTP/1.1\r\nHost: {HOST}\r\n{upgrade}\r\n")
    assert (got.status, got.body) == (200, b"fine")


@pytest.mark.parametrize("asks_first", ["", "Expect: 100-continue\r\n"])
async def test_a_form_that_goes_on_for_ever_is_turned_away_and_hung_up_on(
    site: Served, asks_first: str
) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", site.port)
    writer.write(f"{POST}Transfer-Encoding: chunked\r\n{asks_first}\r\n".encode())
    started = time.monotonic()
    with contextlib.suppress(ConnectionError):
        while time.monotonic() - started < 5:
            writer.write(b"800\r\n" + b"a" * 0x800 + b"\r\n")
            await writer.drain()
            await asyncio.sleep(0.005)
    assert time.monotonic() - started < 3
    with contextlib.suppress(ConnectionError):
        assert b" 413 " in await reader.read(1000)
    writer.close()


async def test_a_broken_form_ends_the_page_that_reads_it(
    site: Served, caplog: pytest.LogCaptureFixture
) -> None:
    expecting = f"{POST}Expect: 100-continue\r\n"
    for head in (POST, expecting, expecting.replace("/form", "/late")):
        reader, writer = await asyncio.open_connection("127.0.0.1", site.port)
        writer.write(f"{head}Transfer-Encoding: chunked\r\n\r\n".encode())
        await asyncio.sleep(0.05)
        writer.write(b"no chunk\r\n")
        *_, last = (await reader.read(-1)).split(b"HTTP/1.1 ")
        assert last.startswith(b"400 ")
        await asyncio.sleep(0.2)  # until even the late page has seen it
        writer.close()
    assert not [each for each in caplog.records if each.levelno > logging.INFO]


async def test_who_hangs_up_early_leaves_nothing_behind(
    site: Served, caplog: pytest.LogCaptureFixture
) -> None:
    for request in (POST, f"{POST}Content-Length: 100\r\n\r\na=", get("/slow"), "GE", ""):
        _, writer = await asyncio.open_connection("127.0.0.1", site.port)
        writer.write(request.encode())
        await writer.drain()
        writer.transport.abort()
    assert (await site.client.get("/slow")).text == "at last"
    assert not [each for each in caplog.records if each.levelno > logging.INFO]


async def test_a_port_that_is_taken_is_one_line(site: Served) -> None:
    with pytest.raises(Refused, match=r"^\[web\] listen: 127.0.0.1:\d+: .*in use") as refused:
        bound(Listen("127.0.0.1", site.port))
    assert refused.value.exit_code == os.EX_UNAVAILABLE


async def test_what_is_being_answered_when_the_site_ends_is_answered(tmp_path: Path) -> None:
    async with served(tmp_path, pages=PAGES) as site:
        streams = [await asyncio.open_connection("127.0.0.1", site.port) for _ in range(4)]
        for (_, writer), path in zip(streams, ("/slow", "/endless", "", "/slow"), strict=True):
            writer.write(get(path).encode() if path else b"GET /")
            await writer.drain()
        await asyncio.sleep(0.1)
        started = time.monotonic()
    assert time.monotonic() - started < 2
    assert [(await read(reader)).status for reader, _ in streams] == [200, 503, 0, 200]
    for _, writer in streams:
        writer.close()


async def test_the_socket_outlives_the_server(tmp_path: Path) -> None:
    """Who comes in between waits, and is answered by the next one."""
    async with served(tmp_path, pages=PAGES) as site:
        with contextlib.closing(bound(Listen("127.0.0.1", 0))) as listener:
            port = listener.getsockname()[1]
            for _ in range(2):
                waiting = asyncio.create_task(asked(port, get("/fine")))
                await asyncio.sleep(0.05)
                async with serving(app_of(site.site, PAGES), listener):
                    assert (await waiting).status == 200


async def test_an_answer_does_not_wait_for_its_own_head_to_arrive(site: Served) -> None:
    """Nagle's algorithm and a late acknowledgement: 40 ms for each page on a kept connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", site.port)
    waits = []
    for _ in range(21):
        started = time.monotonic()
        writer.write(f"GET /fine HTTP/1.1\r\nHost: {HOST}\r\n\r\n".encode())
        await reader.readuntil(b"fine")
        waits.append(time.monotonic() - started)
    writer.close()
    assert sorted(waits)[10] < 0.03
