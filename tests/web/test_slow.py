"""Slow, idle and endless connections: others are answered all the same (F75)."""

from __future__ import annotations

import asyncio
import contextlib
import resource
import statistics
import time
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from tests.web.served import HOST, Served, served
from tests.web.wire import Got, get, read
from worker.web.crowd import Bounds
from worker.web.forms import fields

OPEN = Path("/proc/self/fd")
Stream = tuple[asyncio.StreamReader, asyncio.StreamWriter]

POST = (
    f"POST /form HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: 9999\r\n"
    "Content-Type: application/x-www-form-urlencoded\r\n\r\na="
)


async def form(request: Request) -> Response:
    return PlainTextResponse(str(dict(await fields(request))))


async def large(request: Request) -> Response:
    return PlainTextResponse("a" * 10_000_000)


PAGES = [
    Route("/form", form, methods=["POST"]),
    Route("/large", large),
    Route("/fine", lambda request: PlainTextResponse("fine")),
]


@contextlib.asynccontextmanager
async def connected(site: Served, many: int, peers: int = 1) -> AsyncIterator[list[Stream]]:
    """So many connections, from so many addresses of this machine."""
    streams: list[Stream] = []
    try:
        for number in range(many):
            here = (f"127.1.{number % peers // 250}.{number % peers % 250 + 1}", 0)
            streams.append(await asyncio.open_connection("127.0.0.1", site.port, local_addr=here))
        yield streams
    finally:
        for _, writer in streams:
            writer.transport.abort()


async def at_once(site: Served) -> float:
    """How long somebody else waits for a page, with a connection of his own."""
    started = time.monotonic()
    reader, writer = await asyncio.open_connection("127.0.0.1", site.port)
    writer.write(get("/fine").encode())
    got = await read(reader, within=20)
    writer.close()
    assert (got.status, got.body) == (200, b"fine")
    return time.monotonic() - started


async def sent(streams: Sequence[Stream], text: str) -> None:
    for _, writer in streams:
        with contextlib.suppress(ConnectionError):
            writer.write(text.encode())
            await writer.drain()


async def how_they_end(streams: Sequence[Stream]) -> list[int]:
    """The status that each was sent before the end, 0 for none."""

    async def ended(reader: asyncio.StreamReader) -> int:
        got: Got = await read(reader, within=20)
        return got.status

    return list(await asyncio.gather(*(ended(reader) for reader, _ in streams)))


@pytest.mark.parametrize("peers", [1, 50])
@pytest.mark.parametrize("what", ["GET / HT", POST, ""])
async def test_two_hundred_slow_ones_keep_nobody_out(tmp_path: Path, peers: int, what: str) -> None:
    """They send a little of a head, or of a form, or nothing; from one address or from many."""
    async with served(tmp_path, pages=PAGES) as site, connected(site, 200, peers) as slow:
        await sent(slow, what)
        waits = [await at_once(site) for _ in range(10)]
        await sent(slow, "a")
        waits += [await at_once(site) for _ in range(10)]
        assert statistics.median(waits) < 1  # one may be the machine's own
        left = [reader for reader, _ in slow if not reader.at_eof()]
        assert len(left) <= (20 if peers == 1 else 199)


async def test_a_thousand_idle_ones_keep_nobody_out(tmp_path: Path) -> None:
    """And they take no more of our open files than so many at a time."""
    bounds = Bounds(head=0.5, idle=0.3)
    async with served(tmp_path, pages=PAGES, bounds=bounds) as site:
        if resource.getrlimit(resource.RLIMIT_NOFILE)[0] < 2500:
            pytest.skip("this machine does not allow as many open files")
        async with connected(site, 1000, 500):
            assert await at_once(site) < 1
            mine = len(list(OPEN.iterdir()))
            assert mine < 1000 + 200 + 100 + 100


async def test_a_head_that_does_not_come_to_its_end_is_not_waited_for(tmp_path: Path) -> None:
    """However busily it is sent, octet by octet."""
    async with (
        served(tmp_path, pages=PAGES, bounds=Bounds(head=0.4)) as site,
        connected(site, 3) as streams,
    ):
        (silent, first, second) = streams
        await sent([second], f"GET /fine HTTP/1.1\r\nHost: {HOST}\r\n\r\n")
        await second[0].readuntil(b"fine")
        started = time.monotonic()
        while time.monotonic() - started < 0.6:
            await sent([first, second], "G")
            await asyncio.sleep(0.05)
        statuses = await how_they_end([silent, first, second])
        assert statuses == [408, 408, 408]
        assert time.monotonic() - started < 2


async def test_who_asks_nothing_more_is_hung_up_on(tmp_path: Path) -> None:
    async with (
        served(tmp_path, pages=PAGES, bounds=Bounds(idle=0.2)) as site,
        connected(site, 1) as [(reader, writer)],
    ):
        writer.write(f"GET /fine HTTP/1.1\r\nHost: {HOST}\r\n\r\n".encode())
        async with asyncio.timeout(2):
            assert (await reader.read(-1)).endswith(b"fine")


async def test_an_answer_that_is_not_read_is_given_up(tmp_path: Path) -> None:
    async with (
        served(tmp_path, pages=PAGES, bounds=Bounds(taken=0.3)) as site,
        connected(site, 1) as [(_, writer)],
    ):
        writer.transport.pause_reading()  # type: ignore[attr-defined]
        writer.write(get("/large").encode())
        before = len(list(OPEN.iterdir()))
        async with asyncio.timeout(3):
            while len(list(OPEN.iterdir())) >= before:
                await asyncio.sleep(0.05)


async def test_who_is_behind_a_proxy_of_ours_is_not_counted_as_one(tmp_path: Path) -> None:
    bounds = Bounds(per_peer=2)
    for more, answered in (("", 2), ('proxies = "127.0.0.0/8"\n', 4)):
        folder = tmp_path / str(answered)
        folder.mkdir()
        slow = [*PAGES, Route("/slow", slowly)]
        async with served(folder, more, pages=slow, bounds=bounds) as site:
            assert await how_many_are_answered(site, 4) == answered


async def slowly(request: Request) -> Response:
    await asyncio.sleep(0.4)
    return PlainTextResponse("at last")


async def how_many_are_answered(site: Served, many: int) -> int:
    """Of so many that all ask at once for what takes a while."""
    async with connected(site, many) as streams:
        await sent(streams, get("/slow"))
        return (await how_they_end(streams)).count(200)


async def test_all_that_are_being_answered_are_answered_first(tmp_path: Path) -> None:
    bounds = Bounds(connections=5)
    async with served(tmp_path, pages=[Route("/slow", slowly)], bounds=bounds) as site:
        assert await how_many_are_answered(site, 6) == 5


async def test_who_finds_no_room_is_told_so(tmp_path: Path) -> None:
    bounds = Bounds(per_peer=1)
    async with (
        served(tmp_path, pages=[Route("/slow", slowly)], bounds=bounds) as site,
        connected(site, 1) as busy,
    ):
        await sent(busy, get("/slow"))
        await asyncio.sleep(0.1)
        async with connected(site, 1) as [(reader, _)]:
            got = await read(reader)
            assert (got.status, got.headers["connection"]) == (503, "close")
            assert b"<h1>Not just now</h1>" in got.body
        assert await how_they_end(busy) == [200]
