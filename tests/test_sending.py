"""Sending through several servers and past their limits, as the daemon and the commands do it."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import Any

import pytest

from tests.hand import HandClock
from tests.installation import Installation, daily, stopped, subscriber
from tests.made import KEY, LETTERHEAD, NOON, paper, pick
from tests.made import subscriber as reader
from tests.mailer.talk import clear
from tests.smtpd import MailServer
from tests.store.ledgers import plan_for
from worker import shipped
from worker.core.compose import Composer
from worker.core.keys import Keys
from worker.core.render import Templates
from worker.deliveries import Delivery, DeliveryState, Envelope
from worker.mailer.smtp import SmtpMailer
from worker.pipeline.deliver import Round
from worker.store.sql import open_ledger

COMPOSER = Composer(LETTERHEAD, Templates(shipped.mail_templates()), Keys(1, {1: KEY}))
ABSTRACT = "A sentence of an abstract that goes on about what was found and why it matters. " * 12


async def sent_past(limit: int, folder: Path) -> tuple[MailServer, dict[str, int], list[Delivery]]:
    """Sixty papers, to a server that takes so many octets."""
    picks = [pick(number) for number in range(1, 61)]
    papers = [paper(number, f"Paper {number}", ABSTRACT) for number in range(1, 61)]
    async with (
        MailServer(size_limit=limit) as server,
        SmtpMailer(clear(server.port)) as mailer,
        open_ledger(folder / "ledger.db", create=True) as (people, ledger),
    ):
        who = await people.add(reader())
        await ledger.plan([plan_for(who, *picks)], papers)
        clock = HandClock(NOON)
        round_ = Round(ledger, mailer, COMPOSER, clock, lambda: 0.0, asyncio.Event())
        counts = await round_.deliver(1)
        return server, dict(counts), list(await ledger.deliveries(DeliveryState))


async def test_a_digest_too_large_for_the_server_goes_out_small(tmp_path: Path) -> None:
    """F46: rendered anew, once, and so it stays."""
    server, counts, (delivery,) = await sent_past(60_000, tmp_path)
    assert counts == {"deferred": 1, "sent": 1}
    assert (delivery.state, delivery.small, delivery.attempts) == (DeliveryState.SENT, True, 2)
    (message,) = server.messages
    assert len(message.content) < 60_000
    assert message.content == COMPOSER(delivery).content, "a replay is the small one"
    assert b"Paper 60" in message.content, "each paper is there, if only by its title"


async def test_one_that_is_too_large_even_so_has_failed(tmp_path: Path) -> None:
    server, counts, (delivery,) = await sent_past(2_000, tmp_path)
    assert counts == {"deferred": 1, "failed": 1}
    assert (delivery.state, server.messages) == (DeliveryState.FAILED, [])
    assert "552 5.3.4" in delivery.reply


class Waiting(MailServer):
    """Has each message, and says so only when ``let`` is set."""

    def __init__(self) -> None:
        super().__init__()
        self.let = asyncio.Event()

    async def handle_DATA(self, *arguments: Any) -> str:  # noqa: N802 - aiosmtpd's name
        taken = await super().handle_DATA(*arguments)
        await self.let.wait()
        return taken


async def test_one_that_cannot_be_made_for_a_fault_of_ours_puts_no_other_in_doubt(
    tmp_path: Path,
) -> None:
    async with (
        Waiting() as server,
        SmtpMailer(clear(server.port)) as mailer,
        open_ledger(tmp_path / "ledger.db", create=True) as (people, ledger),
    ):
        for number in range(1, 6):
            who = await people.add(reader(address=f"r{number}@example.org", number=number))
            await ledger.plan([plan_for(who, pick(1))], [paper(1)])

        loop = asyncio.get_running_loop()

        def compose(delivery: Delivery) -> Envelope:
            if delivery.address.startswith("r3"):
                loop.call_soon_threadsafe(loop.call_later, 0.1, server.let.set)
                raise ValueError("a fault of ours")
            return COMPOSER(delivery)

        clock = HandClock(NOON)
        round_ = Round(ledger, mailer, compose, clock, lambda: 0.0, asyncio.Event())
        with pytest.raises(ValueError, match="a fault of ours"):
            await round_.deliver(3)
        states = {one.address[:2]: one.state for one in await ledger.deliveries(DeliveryState)}
    assert {states["r1"], states["r2"]} == {DeliveryState.SENT}
    assert states["r3"] is DeliveryState.DEFERRED
    assert {states["r4"], states["r5"]} == {DeliveryState.PLANNED}, "the round ends"


async def test_with_one_server_down_the_daemon_sends_by_the_other(tmp_path: Path) -> None:
    """F26 with failover: nobody waits, and the operator is told once."""
    async with MailServer() as gone:
        pass
    async with MailServer() as alive:
        people = "".join(subscriber(f"r{n}@example.org") for n in range(6))
        installation = Installation(tmp_path, gone.port, people)
        installation.configure(
            f'\n[[relay]]\nname = "other"\nhost = "127.0.0.1"\nport = {alive.port}\ntls = "none"\n'
        )
        installation.drop("2025-09-08.txt", daily("Sep 8", "A paper"))
        async with installation.daemon() as process:
            await installation.logged("delivery attempted", 6)
            assert await stopped(process) == os.EX_OK
    assert sorted(alive.recipients) == [f"r{n}@example.org" for n in range(6)]
    told = [one for one in installation.events() if one["event"] == "mail server unavailable"]
    assert [(one["level"], one["server"], one["ours"]) for one in told] == [
        ("error", "smtp", False)
    ]


async def test_a_refused_login_pauses_the_queue_and_blames_nobody(tmp_path: Path) -> None:
    """F33, F34: every reader keeps his place; a later process does not ask before it is time."""
    async with MailServer(to_mail="550 5.7.1 not you") as server:
        people = "".join(subscriber(f"r{n}@example.org") for n in range(6))
        installation = Installation(tmp_path, server.port, people)
        installation.drop("2025-09-08.txt", daily("Sep 8", "A paper"))
        async with installation.daemon() as process:
            await installation.logged("mail server unavailable")
            assert await stopped(process) == os.EX_OK
        asked = server.connections
        server.to_mail = ""
        async with installation.daemon() as process:
            await installation.logged("daemon started", 2)
            assert await stopped(process) == os.EX_OK
        assert server.connections == asked, "not before a quarter of an hour has passed"
        counts = await installation.status()
        assert counts["failed"] == counts["uncertain"] == counts["sending"] == 0
        assert counts["planned"] + counts["deferred"] == 6
        later = "2099-01-01T00:00Z"
        code, _, complaint = await installation.command("send", "--now", later, "--json")
        assert code == 0, complaint
        assert sorted(set(server.recipients)) == [f"r{n}@example.org" for n in range(6)]
