"""F3, F39, F40: the line to the mail server is cut at every byte, and the ledger knows what to do.

The real ledger and the real mailer, with a proxy between it and the server; after the cut a clean
round an hour later. Lost 0; twice only what the server had when the line was cut.
"""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from tests.crash import recipients
from tests.crash.mailed_day import COMPOSER
from tests.made import NOON, paper, pick, subscriber
from tests.mailer.talk import PATIENT
from tests.rawsmtp import HOST, CutProxy
from tests.smtpd import MailServer
from tests.store.ledgers import plan_for
from worker.clock import FixedClock
from worker.deliveries import Delivery, DeliveryState
from worker.mailer.settings import SmtpSettings
from worker.mailer.smtp import SmtpMailer
from worker.pipeline.deliver import Round
from worker.store.sql import open_ledger

READER = "reader1@example.org"
TITLE = "Diffusion for video"
RIGHT_AFTER = 64
"""Bytes of the last commands, around the beginning and the end of the message."""


@dataclass(frozen=True, slots=True)
class Talk:
    """How many bytes one delivery takes, each way, and how many of them are the message."""

    up: int
    down: int
    message: int


@pytest.fixture
async def planned(tmp_path: Path) -> Path:
    """A ledger with one digest that waits."""
    folder = tmp_path / "planned"
    folder.mkdir()
    async with open_ledger(folder / "ledger.db", create=True) as (people, ledger):
        who = await people.add(subscriber(address=READER))
        await ledger.plan([plan_for(who, pick(1))], [paper(1, TITLE)])
    return folder


@asynccontextmanager
async def delivered(folder: Path, port: int, hours: int) -> AsyncIterator[Delivery]:
    """One round so many hours after noon; gives what has become of the delivery."""
    settings = SmtpSettings(HOST, port, tls="none", timeouts=PATIENT, local_hostname="test")
    clock = FixedClock(NOON + timedelta(hours=hours))
    async with open_ledger(folder / "ledger.db") as (_, ledger), SmtpMailer(settings) as mailer:
        await Round(ledger, mailer, COMPOSER, clock, lambda: 0.0, asyncio.Event()).deliver(1)
        (one,) = await ledger.deliveries(DeliveryState)
        yield one


async def undisturbed(planned: Path) -> Talk:
    folder = shutil.copytree(planned, planned.with_name("undisturbed"))
    async with (
        MailServer() as server,
        CutProxy(server.port) as proxy,
        delivered(Path(folder), proxy.port, 0) as done,
    ):
        assert done.state is DeliveryState.SENT
        return Talk(proxy.sent, proxy.answered, len(server.messages[0].content))


async def cut(planned: Path, number: int, talk: Talk, **after: int) -> DeliveryState:
    """Deliver with the line cut after so many bytes, then without a cut; check. Gives the state
    after the cut.
    """
    folder = Path(shutil.copytree(planned, planned.with_name(f"cut-{number}")))
    async with MailServer() as server:
        async with (
            CutProxy(server.port, **after) as proxy,
            delivered(folder, proxy.port, 0) as was,
        ):
            state, sent, answered = was.state, proxy.sent, proxy.answered
        arrived = {recipients.message_id(message) for message in server.messages}
        if state is DeliveryState.DEFERRED:
            assert not arrived, "what the server has is never taken for unsent"
        if state is DeliveryState.UNCERTAIN:
            assert sent > talk.up - talk.message - RIGHT_AFTER, "no doubt before the message"
            assert answered > talk.down - RIGHT_AFTER, "nor before the server's 354"
        async with delivered(folder, server.port, 1) as done:
            assert done.state is DeliveryState.SENT
        recipients.check(server.messages, {READER: [TITLE]}, twice=arrived)
    shutil.rmtree(folder)
    return state


async def cut_at(planned: Path, way: str, talk: Talk, places: Iterable[int]) -> set[DeliveryState]:
    return {await cut(planned, place, talk, **{way: place}) for place in places}


BOTH_ENDS = {DeliveryState.DEFERRED, DeliveryState.UNCERTAIN}


async def test_a_cut_at_the_last_bytes_of_the_server_loses_nothing(planned: Path) -> None:
    talk = await undisturbed(planned)
    places = [*range(0, talk.down - RIGHT_AFTER, 3), *range(talk.down - RIGHT_AFTER, talk.down)]
    assert await cut_at(planned, "down", talk, places) == BOTH_ENDS


async def test_a_cut_at_some_bytes_of_ours_and_at_each_of_the_last_loses_nothing(
    planned: Path,
) -> None:
    talk = await undisturbed(planned)
    places = [*range(0, talk.up - RIGHT_AFTER, 199), *range(talk.up - RIGHT_AFTER, talk.up)]
    assert await cut_at(planned, "up", talk, places) == BOTH_ENDS


@pytest.mark.nightly
@pytest.mark.parametrize("way", ["up", "down"])
async def test_a_cut_at_any_byte_loses_nothing(planned: Path, way: str) -> None:
    talk = await undisturbed(planned)
    assert await cut_at(planned, way, talk, range(getattr(talk, way))) == BOTH_ENDS
