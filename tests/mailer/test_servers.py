"""Several mail servers as one: whose turn it is, what is too much, and what happens when one is
down. F26, F33.
"""

from __future__ import annotations

import asyncio
import os
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from tests.hand import HandClock
from tests.made import NOON, delivery, subscriber
from tests.mailer.talk import ENVELOPE, clear
from tests.plain.book import Book
from tests.plain.holds import PlainHolds
from tests.plain.record import PlainRecord
from tests.smtpd import MailServer
from worker.core.quota import Limits
from worker.deliveries import (
    Attempt,
    Brake,
    Breaker,
    DeliveryState,
    Envelope,
)
from worker.mailer.servers import Server, Servers
from worker.mailer.smtp import SmtpMailer
from worker.model import Refused, Subscriber
from worker.outcomes import (
    Accepted,
    Bounced,
    Doubtful,
    Outcome,
    Unavailable,
)

MINUTE = timedelta(minutes=1)


class Scene:
    """Some servers, and all that is known of them."""

    def __init__(self) -> None:
        self.book = Book()
        self.clock = HandClock(NOON)
        self.holds = PlainHolds(self.book)

    @asynccontextmanager
    async def servers(
        self, *servers: Server, warm_up_from: date | None = None
    ) -> AsyncIterator[Servers]:
        record = PlainRecord(self.book)
        async with Servers(servers, self.clock, self.holds, record, warm_up_from) as opened:
            yield opened

    async def breaker(self) -> Breaker:
        (breaker,) = await self.holds.breakers()
        return breaker

    def sent(self, who: Subscriber, server: str, minutes_ago: int) -> None:
        """An earlier process handed something over."""
        at = NOON - minutes_ago * MINUTE
        self.book.subscribers[who.id] = who
        self.book.deliveries[delivery().id] = delivery()
        attempt = Attempt(at, DeliveryState.SENT, server, "250 2.0.0 Ok")
        self.book.attempts.append((delivery().id, attempt))


def server(name: str, port: int, **more: object) -> Server:
    made = Server(name, SmtpMailer(clear(port)), connections=4)
    return replace(made, **more)  # type: ignore[arg-type]  # a test names what it changes


def envelope(number: int) -> Envelope:
    return replace(ENVELOPE, rcpt_to=f"r{number}@example.net")


async def outcomes(servers: Servers, count: int) -> Sequence[Outcome]:
    return [await servers.deliver(envelope(number)) for number in range(count)]


async def closed_port() -> int:
    async with MailServer() as gone:
        return gone.port


async def test_each_takes_its_share_by_weight_and_evenly() -> None:
    async with (
        MailServer() as big,
        MailServer() as small,
        Scene().servers(server("big", big.port, weight=3), server("small", small.port)) as both,
    ):
        took = [outcome.server for outcome in await outcomes(both, 12)]
    assert Counter(took) == {"big": 9, "small": 3}
    assert all("small" in took[at : at + 4] for at in range(0, 12, 4)), "not one after the other"
    assert (len(big.messages), len(small.messages)) == (9, 3)


async def test_when_one_is_down_the_other_takes_over_at_once_and_nothing_comes_twice() -> None:
    scene = Scene()
    async with (
        MailServer() as alive,
        scene.servers(server("dead", await closed_port()), server("alive", alive.port)) as both,
    ):
        took = await outcomes(both, 4)
    assert all(isinstance(outcome, Accepted) for outcome in took)
    assert {outcome.server for outcome in took} == {"alive"}
    assert len(alive.messages) == 4
    breaker = await scene.breaker()
    assert (breaker.brake, breaker.name, breaker.ours) == (Brake.SERVER, "dead", False)
    assert breaker.until == NOON + MINUTE


class Slow(MailServer):
    """Takes its message when ``free`` is set."""

    def __init__(self) -> None:
        super().__init__()
        self.begun, self.free = asyncio.Event(), asyncio.Event()

    async def handle_DATA(self, *arguments: Any) -> str:  # noqa: N802 - aiosmtpd's name
        self.begun.set()
        await self.free.wait()
        return await super().handle_DATA(*arguments)


async def test_when_one_is_down_and_the_other_busy_that_one_is_waited_for() -> None:
    scene = Scene()
    async with Slow() as busy, scene.servers(
        server("busy", busy.port, connections=1), server("dead", await closed_port())
    ) as both:  # fmt: skip
        first = asyncio.create_task(both.deliver(envelope(1)))
        await busy.begun.wait()
        second = asyncio.create_task(both.deliver(envelope(2)))
        async with asyncio.timeout(20):
            while not await scene.holds.breakers():
                await asyncio.sleep(0)
        busy.free.set()
        assert isinstance(await first, Accepted)
        assert isinstance(await second, Accepted)
    assert len(busy.messages) == 2


async def test_one_that_is_back_is_asked_by_one_message_and_then_as_before() -> None:
    scene = Scene()
    async with MailServer(to_mail="451 4.3.0 not now") as mail, scene.servers(
        server("mail", mail.port)
    ) as only:  # fmt: skip
        assert isinstance(await only.deliver(envelope(1)), Unavailable)
        assert only.closed() == "mail: not asked until 12:01 UTC: MAIL: 451 4.3.0 not now"
        scene.clock.instant = NOON + MINUTE
        assert only.closed() == ""
        assert isinstance(await only.deliver(envelope(1)), Unavailable)
        assert (await scene.breaker()).until == NOON + 3 * MINUTE, "twice as long"
        mail.to_mail = ""
        scene.clock.instant = NOON + 3 * MINUTE
        assert isinstance(await only.deliver(envelope(1)), Accepted)
        assert await scene.holds.breakers() == []
    assert len(mail.messages) == 1


async def test_while_one_message_tries_no_other_does() -> None:
    scene = Scene()
    await scene.holds.open(
        Breaker(Brake.SERVER, "mail", NOON - MINUTE, NOON, 1, "connect: refused")
    )
    async with MailServer(after_dot="hang") as mail, scene.servers(
        server("mail", mail.port)
    ) as only:  # fmt: skip
        first = asyncio.create_task(only.deliver(envelope(1)))
        await mail.dot.wait()
        assert only.closed().startswith("mail: not asked")
        assert isinstance(await only.deliver(envelope(2)), Unavailable)
        first.cancel()
        assert isinstance(await first, Doubtful)
    assert len(mail.messages) == 1


async def test_a_server_that_does_not_know_us_is_asked_again_each_quarter_of_an_hour() -> None:
    """F33, F34: a definite no to how we come."""
    scene = Scene()
    async with MailServer(to_mail="550 5.7.1 who are you?") as mail, scene.servers(
        server("mail", mail.port)
    ) as only:  # fmt: skip
        for failure in range(1, 4):
            outcome = await only.deliver(envelope(1))
            assert isinstance(outcome, Unavailable)
            assert outcome.ours
            breaker = await scene.breaker()
            assert (breaker.ours, breaker.failures) == (True, failure)
            assert breaker.until == scene.clock.instant + 15 * MINUTE
            scene.clock.instant = breaker.until


async def test_what_may_have_arrived_is_tried_by_no_other() -> None:
    async with (
        MailServer(after_dot="close") as unclear,
        MailServer() as other,
        Scene().servers(server("unclear", unclear.port), server("other", other.port)) as both,
    ):
        outcome = await both.deliver(envelope(1))
    assert isinstance(outcome, Doubtful)
    assert (outcome.server, len(other.messages)) == ("unclear", 0)


async def test_a_no_to_one_recipient_is_no_reason_to_ask_another_server() -> None:
    no = {"r1@example.net": "550 5.1.1 who?"}
    async with (
        MailServer(to_recipients=no) as first,
        MailServer() as other,
        Scene().servers(server("first", first.port), server("other", other.port)) as both,
    ):
        assert isinstance(await both.deliver(envelope(1)), Bounced)
    assert other.messages == []


async def test_with_its_limit_reached_it_waits_and_the_others_go_on() -> None:
    scene = Scene()
    async with MailServer() as small, MailServer() as big:
        limited = server("small", small.port, limits=Limits(per_hour=2))
        async with scene.servers(limited, server("big", big.port)) as both:
            took = [outcome.server for outcome in await outcomes(both, 8)]
        assert Counter(took) == {"small": 2, "big": 6}
        async with scene.servers(limited) as only:  # another process, with nothing on record
            assert only.closed() == ""


async def test_limits_hold_over_a_restart() -> None:
    scene = Scene()
    for minutes_ago in (50, 10):
        scene.sent(subscriber(), "mail", minutes_ago)
    async with MailServer() as mail, scene.servers(
        server("mail", mail.port, limits=Limits(per_hour=2))
    ) as only:  # fmt: skip
        assert only.closed() == "mail: its limit is reached until 12:11 UTC"
        scene.clock.instant = NOON + 11 * MINUTE
        assert only.closed() == ""


async def test_messages_on_their_way_count_before_they_have_arrived() -> None:
    async with MailServer(after_dot="hang") as mail, Scene().servers(
        server("mail", mail.port, limits=Limits(per_day=1))
    ) as only:  # fmt: skip
        first = asyncio.create_task(only.deliver(envelope(1)))
        await mail.dot.wait()
        assert "its limit is reached" in only.closed()
        first.cancel()
        await first


async def test_a_new_sender_begins_with_fifty_a_day_over_all_servers() -> None:
    scene = Scene()
    async with MailServer() as one, MailServer() as two, scene.servers(
        server("one", one.port), server("two", two.port), warm_up_from=NOON.date()
    ) as both:  # fmt: skip
        took = await outcomes(both, 51)
        assert [isinstance(outcome, Accepted) for outcome in took] == [True] * 50 + [False]
        assert both.closed().startswith("one: its limit is reached until 12:01 UTC; two: its limit")
        scene.clock.instant = NOON + timedelta(days=1)
        assert both.closed() == "", "and a hundred the next day"


async def test_so_many_a_second_means_that_each_waits_for_its_turn() -> None:
    loop = asyncio.get_running_loop()
    async with MailServer() as mail, Scene().servers(
        server("mail", mail.port, per_second=50)
    ) as only:  # fmt: skip
        begun = loop.time()
        for number in range(4):
            await only.turn()
            await only.deliver(envelope(number))
        assert loop.time() - begun >= 3 / 50


async def test_whose_second_has_come_goes_before_whose_has_not() -> None:
    async with MailServer() as one, MailServer() as two, Scene().servers(
        server("slow", one.port, per_second=0.001, weight=100), server("fast", two.port)
    ) as both:  # fmt: skip
        took = []
        for number in range(5):
            await both.turn()
            took.append((await both.deliver(envelope(number))).server)
    assert took == ["slow", "fast", "fast", "fast", "fast"]


class BusyHolds(PlainHolds):
    """Of a ledger that stays locked: it says so at once or, if there is one, when ``unlocked``."""

    def __init__(self, book: Book) -> None:
        super().__init__(book)
        self.asked = asyncio.Event()
        self.unlocked: asyncio.Event | None = None

    async def close(self, brake: Brake, name: str) -> bool:
        self.asked.set()
        if self.unlocked:
            await self.unlocked.wait()
        raise Refused("the ledger stayed locked", os.EX_TEMPFAIL)

    async def open(self, breaker: Breaker) -> None:
        await self.close(breaker.brake, breaker.name)


def back(scene: Scene) -> BusyHolds:
    """Its breaker has run out, so that the next message tries; but the ledger is busy."""
    busy = BusyHolds(scene.book)
    scene.holds = busy
    scene.book.breakers[Brake.SERVER, "mail"] = Breaker(
        Brake.SERVER, "mail", NOON - MINUTE, NOON, 1, "connect: refused"
    )
    return busy


async def test_what_a_server_took_it_took_also_if_the_ledger_is_too_busy_to_note_that_it_is_back(
    caplog: pytest.LogCaptureFixture,
) -> None:
    scene = Scene()
    back(scene)
    async with MailServer() as mail, scene.servers(server("mail", mail.port)) as only:
        assert isinstance(await only.deliver(envelope(1)), Accepted)
        assert isinstance(await only.deliver(envelope(2)), Accepted)
    assert "breaker not noted" in caplog.messages


async def test_a_server_that_is_down_is_left_alone_also_if_the_ledger_is_busy() -> None:
    scene = Scene()
    scene.holds = BusyHolds(scene.book)
    async with scene.servers(server("dead", await closed_port())) as only:
        assert isinstance(await only.deliver(envelope(1)), Unavailable)
        assert only.closed().startswith("dead: not asked until 12:01")


async def test_what_a_server_took_it_took_also_if_the_end_comes_before_that_is_noted() -> None:
    scene = Scene()
    busy = back(scene)
    busy.unlocked = asyncio.Event()
    async with MailServer() as mail, scene.servers(server("mail", mail.port)) as only:
        going = asyncio.create_task(only.deliver(envelope(1)))
        await busy.asked.wait()
        going.cancel()
        assert isinstance(await going, Accepted)
        busy.unlocked.set()
    assert len(mail.messages) == 1


async def test_a_server_that_is_no_longer_configured_keeps_nothing_back() -> None:
    scene = Scene()
    await scene.holds.open(Breaker(Brake.SERVER, "old", NOON, None, 9, "gone"))
    await scene.holds.open(Breaker(Brake.DOMAIN, "old", NOON, None, 9, "gone"))
    async with scene.servers(server("new", 1)) as only:
        assert only.closed() == ""
    assert [breaker.brake for breaker in await scene.holds.breakers()] == [Brake.DOMAIN]


async def test_a_breaker_that_an_earlier_process_opened_holds() -> None:
    scene = Scene()
    await scene.holds.open(
        Breaker(Brake.SERVER, "mail", NOON, NOON + MINUTE, 1, "AUTH: 535 no", ours=True)
    )
    async with MailServer() as mail, scene.servers(server("mail", mail.port)) as only:
        assert only.closed() == "mail: not asked until 12:01 UTC: AUTH: 535 no"
        assert isinstance(await only.deliver(envelope(1)), Unavailable)
    assert mail.connections == 0


async def test_what_is_logged_of_it_names_no_reader(caplog: pytest.LogCaptureFixture) -> None:
    async with MailServer(to_mail="550 no <b+t@bounce.example.org>") as mail, Scene().servers(
        server("mail", mail.port)
    ) as only:  # fmt: skip
        await only.deliver(envelope(1))
    (record,) = [each for each in caplog.records if each.message == "mail server unavailable"]
    assert "@" not in str(record.__dict__["reply"])
