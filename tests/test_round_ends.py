"""How a round ends: by a store that takes no more, by being cancelled; and what is left then."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.hand import HandClock
from tests.made import NOON, paper, pick, subscriber
from tests.mailer.talk import clear
from tests.plain.book import Book
from tests.plain.holds import PlainHolds
from tests.plain.mailer import PlainMailer
from tests.returning import COMPOSER
from tests.smtpd import MailServer
from tests.store.ledgers import plan_for
from worker.deliveries import DeliveryState, Settlement
from worker.mailer.smtp import SmtpMailer
from worker.model import Refused
from worker.pipeline import deliver
from worker.pipeline.deliver import Round
from worker.pipeline.domains import Domains, Pace, Paces
from worker.ports import Mailer
from worker.store.sql import open_ledger
from worker.store.sql_ledger import SqlLedger
from worker.store.sql_subscribers import SqlSubscribers


class LockedLedger(SqlLedger):
    """Locked by somebody else when an attempt is to be noted, for longer than we wait."""

    locked = True

    async def settle(self, settlements: Sequence[Settlement]) -> None:
        if self.locked:
            raise Refused("ledger: stayed locked", os.EX_TEMPFAIL)
        await super().settle(settlements)


async def planned(people: SqlSubscribers, ledger: SqlLedger, readers: int) -> None:
    """A digest for each of so many readers."""
    whos = [
        await people.add(subscriber(address=f"r{number}@x.org", number=number))
        for number in range(1, readers + 1)
    ]
    await ledger.plan([plan_for(who, pick(1)) for who in whos], [paper(1)])


def round_(ledger: SqlLedger, mailer: Mailer, domains: Domains | None = None) -> Round:
    stop, clock = asyncio.Event(), HandClock(NOON)
    return Round(ledger, mailer, COMPOSER, clock, lambda: 0.0, stop, domains=domains)


async def test_what_could_not_be_noted_is_not_in_flight_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The domains outlive the round; with one that never ends its domain would be avoided."""
    monkeypatch.setattr(deliver, "SETTLE_PAUSE", 0)
    domains = Domains(Paces(Pace(1)), HandClock(NOON), PlainHolds(Book()))
    async with open_ledger(tmp_path / "ledger.db", create=True) as (people, ledger):
        await planned(people, ledger, 2)
        locked = LockedLedger(ledger._database)
        with pytest.raises(Refused):
            await round_(locked, PlainMailer(), domains).deliver(2)
        assert domains.avoid() == frozenset()


async def test_a_round_that_is_cancelled_in_doubt_begins_no_other_message(tmp_path: Path) -> None:
    async with (
        MailServer(after_dot="hang") as server,
        SmtpMailer(clear(server.port)) as mailer,
        open_ledger(tmp_path / "ledger.db", create=True) as (people, ledger),
    ):
        await planned(people, ledger, 3)
        running = asyncio.create_task(round_(ledger, mailer).deliver(1))
        await server.dot.wait()
        server.after_dot = "answer"
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
        assert len(server.messages) == 1
        (doubtful,) = await ledger.deliveries([DeliveryState.UNCERTAIN])
        assert doubtful.doubts == 1
