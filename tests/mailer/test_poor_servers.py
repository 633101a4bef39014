"""Servers that are slow, or can do little."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from tests.made import KEY, LETTERHEAD, delivery, paper, pick
from tests.mailer.talk import EHLO, ENVELOPE, GO_AHEAD, GREETING, OK, outcome_at, take
from tests.rawsmtp import Line, RawServer
from worker import shipped
from worker.core.compose import Composer
from worker.core.keys import Keys
from worker.core.render import Templates
from worker.outcomes import (
    Accepted,
)

BEAT = 0.01
LETTER = b"Subject: x\r\n\r\n" + b"a line of a digest that goes out slowly\r\n" * 2000


@asynccontextmanager
async def heartbeat() -> AsyncIterator[list[float]]:
    """How long the event loop kept somebody waiting, in seconds, each time."""
    lags: list[float] = []

    async def beat() -> None:
        while True:
            begun = time.monotonic()
            await asyncio.sleep(BEAT)
            lags.append(time.monotonic() - begun - BEAT)

    beating = asyncio.create_task(beat())
    try:
        yield lags
    finally:
        beating.cancel()


async def slowly(line: Line, *replies: str) -> None:
    for reply in replies:
        for byte in f"{reply}\r\n".encode():
            await line.say(bytes([byte]))
            await asyncio.sleep(0.001)


async def test_a_server_a_hundred_times_slower_holds_up_nobody_else() -> None:  # F45
    async def talk(line: Line) -> None:
        await slowly(line, GREETING)
        for reply in (EHLO, OK, OK, GO_AHEAD):
            await line.hear()
            await slowly(line, reply)
        while not line.heard.endswith(b"\r\n.\r\n"):
            for _ in range(50):
                if not line.heard.endswith(b"\r\n.\r\n"):
                    await line.hear()
            await asyncio.sleep(0.005)
        await slowly(line, OK)
        await line.hear_all()

    begun = time.monotonic()
    async with RawServer(talk, limit=1024) as server, heartbeat() as lags:
        assert await outcome_at(server.port, replace(ENVELOPE, content=LETTER)) == Accepted(OK)
    assert time.monotonic() - begun > 0.3, "the server was slow"
    assert len(lags) > 10
    assert max(lags) < 0.2, "and the event loop was not"


async def test_a_server_without_any_extension_gets_the_whole_digest_in_ascii() -> None:  # F46
    async def talk(line: Line) -> None:
        await line.say(GREETING)
        await line.answer("250 mail.test", OK, OK, GO_AHEAD)
        await take(line)
        await line.hear_all()

    composer = Composer(LETTERHEAD, Templates(shipped.mail_templates()), Keys(1, {1: KEY}))
    odd = paper(1, "Schrödinger 💩 дифузія", "Ein Abstract mit Umlauten: äöü, und 漢字 dazu.")
    async with RawServer(talk) as server:
        sent = await outcome_at(server.port, composer(delivery(pick(1), papers=[odd])))
    assert sent == Accepted(OK)
    assert server.heard.isascii()
    assert b"8BITMIME" not in server.heard.upper()
    assert b"SMTPUTF8" not in server.heard.upper()
