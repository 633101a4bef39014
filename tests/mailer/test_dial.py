"""A server with several addresses is reached over one that works, and soon (F48)."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.certificates import certified
from tests.mailer.talk import PATIENT, outcome_at
from tests.rawsmtp import HOST
from tests.smtpd import MailServer
from worker.outcomes import (
    Accepted,
    Unavailable,
)

NAME = "mail.test"
ELSEWHERE = "127.0.0.2"


def resolved(*addresses: str) -> None:
    """For this loop every name has these addresses, in this order."""

    async def getaddrinfo(_: str, port: int, **__: Any) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, port)) for one in addresses]

    asyncio.get_running_loop().getaddrinfo = getaddrinfo  # type: ignore


@contextmanager
def swallowing(port: int) -> Iterator[None]:
    """At this port of the other address connections are neither taken nor refused."""
    with ExitStack() as stack:
        hole = stack.enter_context(closing(socket.socket()))
        hole.bind((ELSEWHERE, port))
        hole.listen(0)
        for _ in range(8):  # more than any system keeps waiting for so short a queue
            waiting = stack.enter_context(closing(socket.socket()))
            waiting.setblocking(False)
            waiting.connect_ex((ELSEWHERE, port))
        with closing(socket.socket()) as probe:
            probe.settimeout(0.2)
            with pytest.raises(TimeoutError):
                probe.connect((ELSEWHERE, port))
        yield


async def test_an_address_that_swallows_packets_costs_less_than_a_second() -> None:
    async with MailServer() as server:
        with swallowing(server.port):
            resolved(ELSEWHERE, HOST)
            begun = time.monotonic()
            assert isinstance(await outcome_at(server.port), Accepted)
            assert time.monotonic() - begun < 1


async def test_an_address_that_refuses_is_passed_over_at_once() -> None:
    async with MailServer() as server:
        resolved(ELSEWHERE, HOST)
        assert isinstance(await outcome_at(server.port), Accepted)


async def test_where_every_address_swallows_packets_it_is_given_up_in_time() -> None:  # F27
    async with MailServer() as server:
        with swallowing(server.port):
            resolved(ELSEWHERE)
            outcome = await outcome_at(server.port, timeouts=replace(PATIENT, connect=0.4))
    assert outcome == Unavailable("connect: timed out")


async def test_a_name_without_an_address_is_nobodys_fault() -> None:  # F26
    async def unknown(*_: Any, **__: Any) -> list[Any]:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    asyncio.get_running_loop().getaddrinfo = unknown  # type: ignore
    assert await outcome_at(25) == Unavailable("connect: Name or service not known")


@pytest.mark.parametrize("tls", ["required", "implicit"])
@pytest.mark.parametrize("named", [NAME, "another.test"])
async def test_whatever_the_address_the_certificate_must_name_the_server(
    tmp_path: Path, tls: str, named: str
) -> None:  # F32
    ours = certified(tmp_path, named)
    async with MailServer(tls=ours.context, implicit=tls == "implicit") as server:
        resolved(ELSEWHERE, HOST)
        outcome = await outcome_at(server.port, host=NAME, tls=tls, ca_file=ours.ca_file)
    assert isinstance(outcome, Accepted if named == NAME else Unavailable)
    if named != NAME:
        assert "certificate" in outcome.reply
