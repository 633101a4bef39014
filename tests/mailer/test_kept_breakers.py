"""What a server said stands, whatever becomes of the note about the server."""

from __future__ import annotations

import asyncio
import os
from datetime import timedelta

from tests.hand import HandClock
from tests.made import NOON
from tests.mailer.talk import ENVELOPE, clear
from tests.plain.book import Book
from tests.plain.holds import PlainHolds
from tests.plain.record import PlainRecord
from tests.smtpd import MailServer
from worker.deliveries import Brake, Breaker
from worker.mailer.servers import Server, Servers
from worker.mailer.smtp import SmtpMailer
from worker.model import Refused
from worker.outcomes import Accepted, Cause, Deferred, Unavailable
from worker.pipeline.domains import Domains, Paces

PAST = Breaker(Brake.SERVER, "one", NOON, NOON, 1, "connect: refused")


class BusyHolds(PlainHolds):
    """Of a ledger that is locked, or takes its time: then ``asked`` is set and ``go`` awaited."""

    def __init__(self, exit_code: int = os.EX_TEMPFAIL, *, slow: bool = False) -> None:
        super().__init__(Book())
        self.asked, self.go = asyncio.Event(), asyncio.Event()
        self._exit_code, self._slow = exit_code, slow

    async def open(self, breaker: Breaker) -> None:
        await self.close(breaker.brake, breaker.name)

    async def close(self, brake: Brake, name: str) -> bool:
        self.asked.set()
        if self._slow:
            await self.go.wait()
            return True
        raise Refused("ledger: stayed locked", self._exit_code)


def servers(port: int, holds: BusyHolds) -> Servers:
    mailer = SmtpMailer(clear(port))
    known = PlainRecord(Book())
    return Servers([Server("one", mailer, connections=2)], HandClock(NOON), holds, known)


async def test_a_message_is_sent_also_if_its_server_cannot_be_noted_as_back() -> None:
    holds = BusyHolds()
    holds._book.breakers[PAST.brake, PAST.name] = PAST
    async with MailServer() as server, servers(server.port, holds) as mailer:
        assert isinstance(await mailer.deliver(ENVELOPE), Accepted)
        assert mailer.closed() == ""


async def test_a_server_that_is_down_is_left_alone_also_if_that_cannot_be_noted() -> None:
    async with MailServer() as gone:
        pass
    async with servers(gone.port, BusyHolds()) as mailer:
        assert isinstance(await mailer.deliver(ENVELOPE), Unavailable)
        assert mailer.closed()


async def test_cancelled_while_its_server_is_noted_as_back_a_message_is_sent() -> None:
    """Not "stopped before the message left": it would be mailed again, in another digest even."""
    holds = BusyHolds(slow=True)
    holds._book.breakers[PAST.brake, PAST.name] = PAST
    async with MailServer() as server, servers(server.port, holds) as mailer:
        sending = asyncio.create_task(mailer.deliver(ENVELOPE))
        await holds.asked.wait()
        sending.cancel()
        holds.go.set()
        assert isinstance(await sending, Accepted)


async def test_a_domain_is_left_alone_and_taken_up_also_if_that_cannot_be_noted() -> None:
    clock, holds = HandClock(NOON), BusyHolds()
    domains = Domains(Paces(), clock, holds)
    domains.begun("x.org")
    await domains.ended("x.org", Deferred("421 4.7.28 too fast", Cause.RATE))
    assert domains.avoid() == {"x.org"}
    clock.instant += timedelta(minutes=5)
    domains.begun("x.org")
    await domains.ended("x.org", Accepted("250"))
    assert domains.avoid() == frozenset()
