"""Each recipient domain at its own pace; none holds up the others. F47."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.hand import HandClock
from tests.made import KEY, LETTERHEAD, NOON, paper, pick, subscriber
from tests.mailer.talk import clear
from tests.plain.book import Book
from tests.plain.holds import PlainHolds
from tests.plain.record import PlainRecord
from tests.smtpd import MailServer
from tests.store.ledgers import plan_for
from worker import shipped
from worker.core.compose import Composer
from worker.core.keys import Keys
from worker.core.render import Templates
from worker.deliveries import (
    Brake,
    Breaker,
    Delivery,
    DeliveryState,
)
from worker.mailer.smtp import SmtpMailer
from worker.outcomes import (
    Accepted,
    Bounced,
    Cause,
    Deferred,
    Doubtful,
    Outcome,
    Unavailable,
)
from worker.pipeline.deliver import Round
from worker.pipeline.domains import Domains, Pace, Paces
from worker.store.engine import Database
from worker.store.sql import open_database
from worker.store.sql_holds import SqlHolds
from worker.store.sql_ledger import SqlLedger
from worker.store.sql_subscribers import SqlSubscribers

MINUTE = timedelta(minutes=1)
DOWN = Deferred("451 4.4.1 no route", Cause.DOWN)
FAST = Deferred("421 4.7.28 too fast", Cause.RATE)
COMPOSER = Composer(LETTERHEAD, Templates(shipped.mail_templates()), Keys(1, {1: KEY}))


class Scene:
    def __init__(self, pace: Pace = Pace()) -> None:  # noqa: B008 - it is frozen
        self.clock = HandClock(NOON)
        self.holds = PlainHolds(Book())
        self.domains = Domains(Paces(pace, {"own.org": Pace(5)}), self.clock, self.holds)

    async def came(self, *outcomes: Outcome, domain: str = "x.org") -> None:
        for outcome in outcomes:
            self.domains.begun(domain)
            await self.domains.ended(domain, outcome)

    async def breaker(self) -> Breaker:
        (breaker,) = await self.holds.breakers()
        return breaker


async def test_two_at_a_time_go_to_a_domain_and_more_to_one_with_a_pace_of_its_own() -> None:
    domains = Scene().domains
    for domain in ("x.org", "x.org", "y.org", "own.org", "own.org"):
        domains.begun(domain)
    assert domains.avoid() == {"x.org"}
    await domains.ended("x.org", Accepted("250"))
    assert domains.avoid() == frozenset()


async def test_a_domain_whose_server_is_not_there_three_times_is_left_alone() -> None:
    scene = Scene()
    await scene.came(DOWN, Unavailable("RCPT: timed out", midway=True))
    assert scene.domains.avoid() == frozenset()
    await scene.came(DOWN)
    assert scene.domains.avoid() == {"x.org"}
    assert (await scene.breaker()).until == NOON + 5 * MINUTE


async def test_then_one_message_tries_and_decides() -> None:
    scene = Scene()
    await scene.came(DOWN, DOWN, DOWN)
    scene.clock.instant = NOON + 5 * MINUTE
    assert scene.domains.avoid() == frozenset()
    scene.domains.begun("x.org")
    assert scene.domains.avoid() == {"x.org"}, "one, and no more"
    await scene.domains.ended("x.org", DOWN)
    assert (await scene.breaker()).until == NOON + 15 * MINUTE, "twice as long"
    scene.clock.instant = NOON + 15 * MINUTE
    await scene.came(Accepted("250"))
    assert await scene.holds.breakers() == []
    await scene.came(DOWN)
    assert scene.domains.avoid() == frozenset(), "and it is as before"


@pytest.mark.parametrize(
    "answer",
    [
        Accepted("250"),
        Doubtful("cut"),
        Bounced("550 5.1.1", Cause.ADDRESS),
        Deferred("450 greylisted"),
        Deferred("452 4.2.2", Cause.FULL),
    ],
)
async def test_whatever_its_server_says_of_one_mailbox_it_is_there(answer: Outcome) -> None:
    scene = Scene()
    await scene.came(DOWN, DOWN, answer, DOWN, DOWN)
    assert await scene.holds.breakers() == []


async def test_what_was_on_its_way_together_counts_once() -> None:
    scene = Scene(Pace(connections=8))
    for _ in range(8):
        scene.domains.begun("x.org")
    for _ in range(8):
        await scene.domains.ended("x.org", FAST)
    breaker = await scene.breaker()
    assert (breaker.until, breaker.failures) == (NOON + 5 * MINUTE, 1)
    assert scene.domains._slowed == {"x.org": 4}


async def test_one_message_that_still_passes_does_not_take_up_a_domain_left_alone() -> None:
    scene = Scene(Pace(connections=4))
    for _ in range(2):
        scene.domains.begun("x.org")
    await scene.domains.ended("x.org", FAST)
    await scene.domains.ended("x.org", Accepted("250"))
    assert scene.domains.avoid() == {"x.org"}
    scene.clock.instant += 5 * MINUTE
    await scene.came(Accepted("250"))
    assert scene.domains.avoid() == frozenset()


async def test_one_that_finds_us_too_fast_is_left_alone_at_once_and_then_taken_slower() -> None:
    scene = Scene(Pace(connections=4))
    await scene.came(FAST)
    assert (await scene.breaker()).ours is False
    scene.clock.instant += 5 * MINUTE
    await scene.came(Accepted("250"))  # and now three at a time
    for _ in range(3):
        assert scene.domains.avoid() == frozenset()
        scene.domains.begun("x.org")
    assert scene.domains.avoid() == {"x.org"}
    await scene.domains.ended("x.org", Accepted("250"))  # and four again
    scene.domains.begun("x.org")
    assert scene.domains.avoid() == frozenset()


@pytest.mark.parametrize("answer", [DOWN, FAST])
async def test_what_many_find_out_at_the_same_time_counts_once(answer: Outcome) -> None:
    scene = Scene(Pace(connections=8))
    for _ in range(8):
        scene.domains.begun("x.org")
    for _ in range(8):
        await scene.domains.ended("x.org", answer)
    breaker = await scene.breaker()
    assert (breaker.failures, breaker.until) == (1, NOON + 5 * MINUTE)


@pytest.mark.parametrize(
    "no", [Deferred("550 5.7.26", Cause.POLICY), Bounced("554 5.7.1 spam", Cause.POLICY)]
)
async def test_a_policy_against_us_opens_it_and_tells_the_operator(
    no: Outcome, caplog: pytest.LogCaptureFixture
) -> None:
    scene = Scene()
    await scene.came(no)
    assert (await scene.breaker()).ours
    (record,) = caplog.records
    assert (record.levelname, record.message) == ("ERROR", "domain left alone")


async def test_a_server_of_ours_that_is_down_says_nothing_of_the_domain() -> None:
    scene = Scene()
    await scene.came(*[Unavailable("connect: refused")] * 9)
    assert await scene.holds.breakers() == []


async def test_so_many_an_hour_and_then_the_domain_waits() -> None:
    scene = Scene(Pace(per_hour=2))
    await scene.came(Accepted("250"))
    scene.domains.begun("x.org")
    assert scene.domains.avoid() == {"x.org"}, "what is on its way counts"
    await scene.domains.ended("x.org", Accepted("250"))
    assert scene.domains.avoid() == {"x.org"}
    scene.clock.instant += timedelta(minutes=61)
    assert scene.domains.avoid() == frozenset()


async def test_what_is_older_than_an_hour_is_forgotten_and_nothing_sooner() -> None:
    scene = Scene(Pace(per_hour=2))
    for domain in ("x.org", "y.org", "y.org"):
        await scene.came(Accepted("250"), domain=domain)
    scene.clock.instant += timedelta(minutes=59)
    assert scene.domains.avoid() == {"y.org"}
    await scene.came(Accepted("250"))
    assert scene.domains.avoid() == {"x.org", "y.org"}
    scene.clock.instant += timedelta(minutes=2)
    assert scene.domains.avoid() == frozenset()
    scene.clock.instant += timedelta(hours=2)
    scene.domains.avoid()
    assert scene.domains._sent == {}, "else it grows for as long as the daemon runs"


async def test_what_an_earlier_process_knew_still_holds() -> None:
    scene = Scene()
    await scene.holds.open(Breaker(Brake.DOMAIN, "x.org", NOON, NOON + MINUTE, 1, "451"))
    await scene.holds.open(Breaker(Brake.SERVER, "y.org", NOON, NOON + MINUTE, 1, "a server"))
    await scene.domains.recall(PlainRecord(Book()))
    assert scene.domains.avoid() == {"x.org"}


async def test_a_breaker_that_nobody_tried_for_a_day_is_over() -> None:
    scene = Scene()
    two_days = timedelta(days=2)
    await scene.holds.open(
        Breaker(Brake.DOMAIN, "x.org", NOON - two_days, NOON - two_days, 1, "550 5.7.1", ours=True)
    )
    await scene.domains.recall(PlainRecord(Book()))
    assert await scene.holds.breakers() == []


# --- in the round, with a real server ---------------------------------------


class Deaf(MailServer):
    """Says nothing to recipients of one domain until ``heard`` is set."""

    def __init__(self, domain: str) -> None:
        super().__init__()
        self.domain = domain
        self.heard = asyncio.Event()
        self.asked = 0

    async def handle_RCPT(self, *arguments: Any) -> str:  # noqa: N802 - aiosmtpd's name
        if self.domain in arguments[3]:
            self.asked += 1
            await self.heard.wait()
        return await super().handle_RCPT(*arguments)

    async def took(self, count: int) -> None:
        async with asyncio.timeout(20):
            while len(self.messages) < count:
                self.dot.clear()
                await self.dot.wait()


class Asked(SqlLedger):
    """Counts its claims; the next one that finds nothing may be held up (``asked``, ``go_on``)."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self.claims: list[frozenset[str]] = []
        self.asked = asyncio.Event()
        self.go_on = asyncio.Event()
        self.go_on.set()

    async def claim(
        self, now: datetime, limit: int, avoid: Collection[str] = ()
    ) -> Sequence[Delivery]:
        self.claims.append(frozenset(avoid))
        claimed = await super().claim(now, limit, avoid)
        if not claimed:
            self.asked.set()
            await self.go_on.wait()
        return claimed


async def planned(database: Database, domain: str, numbers: range) -> None:
    people, ledger = SqlSubscribers(database), SqlLedger(database)
    for number in numbers:
        who = await people.add(subscriber(address=f"r{number}@{domain}", number=number))
        await ledger.plan([plan_for(who, pick(1))], [paper(1)])


async def test_a_domain_that_says_nothing_holds_up_no_other_not_even_later_ones(
    tmp_path: Path,
) -> None:
    clock = HandClock(NOON)
    async with (
        Deaf("deaf.org") as server,
        SmtpMailer(clear(server.port)) as mailer,
        open_database(tmp_path / "ledger.db", create=True) as database,
    ):
        ledger, domains = SqlLedger(database), Domains(Paces(), clock, SqlHolds(database))
        await planned(database, "deaf.org", range(1, 9))
        await planned(database, "fast.org", range(11, 19))
        stop = asyncio.Event()
        round_ = Round(ledger, mailer, COMPOSER, clock, lambda: 0.0, stop, domains=domains)
        going = asyncio.create_task(round_.deliver(4))
        await server.took(8)
        assert server.asked == 2, "no more than two connections wait for it"
        await planned(database, "late.org", range(21, 24))
        round_.stir()
        await server.took(11)
        assert {address.partition("@")[2] for address in server.recipients} == {
            "fast.org",
            "late.org",
        }
        server.heard.set()
        assert await going == {"sent": 19}
        assert len(await ledger.deliveries([DeliveryState.SENT])) == 19


async def test_a_stop_ends_the_round_though_others_wait_for_news(tmp_path: Path) -> None:
    clock = HandClock(NOON)
    async with (
        Deaf("deaf.org") as server,
        SmtpMailer(clear(server.port)) as mailer,
        open_database(tmp_path / "ledger.db", create=True) as database,
    ):
        ledger, domains = SqlLedger(database), Domains(Paces(), clock, SqlHolds(database))
        await planned(database, "deaf.org", range(1, 9))
        stop = asyncio.Event()
        round_ = Round(ledger, mailer, COMPOSER, clock, lambda: 0.0, stop, domains=domains)
        going = asyncio.create_task(round_.deliver(4))
        async with asyncio.timeout(20):
            while server.asked < 2:
                await asyncio.sleep(0.01)
        stop.set()
        server.heard.set()
        assert await going == {"sent": 2}
        assert (await ledger.counts())["planned"] == 6


async def test_the_ledger_is_not_asked_again_for_what_it_has_not_got(tmp_path: Path) -> None:
    clock = HandClock(NOON)
    async with (
        Deaf("deaf.org") as server,
        SmtpMailer(clear(server.port)) as mailer,
        open_database(tmp_path / "ledger.db", create=True) as database,
    ):
        ledger, domains = Asked(database), Domains(Paces(), clock, SqlHolds(database))
        await planned(database, "deaf.org", range(1, 5))
        await planned(database, "fast.org", range(11, 19))
        stop = asyncio.Event()
        round_ = Round(ledger, mailer, COMPOSER, clock, lambda: 0.0, stop, domains=domains)
        going = asyncio.create_task(round_.deliver(6))
        await server.took(8)
        server.heard.set()
        assert await going == {"sent": 12}
        fruitless = len(ledger.claims) - 12
        assert fruitless <= 4, "once for each set of domains, not once for each connection and mail"


async def test_who_stirs_while_the_ledger_looks_has_it_look_again(tmp_path: Path) -> None:
    clock = HandClock(NOON)
    async with (
        Deaf("deaf.org") as server,
        SmtpMailer(clear(server.port)) as mailer,
        open_database(tmp_path / "ledger.db", create=True) as database,
        asyncio.timeout(20),
    ):
        ledger, domains = Asked(database), Domains(Paces(), clock, SqlHolds(database))
        await planned(database, "deaf.org", range(1, 2))
        ledger.go_on.clear()
        stop = asyncio.Event()
        round_ = Round(ledger, mailer, COMPOSER, clock, lambda: 0.0, stop, domains=domains)
        going = asyncio.create_task(round_.deliver(2))
        await ledger.asked.wait()
        await planned(database, "late.org", range(21, 22))
        round_.stir()
        ledger.go_on.set()
        await server.took(1)
        assert {address.partition("@")[2] for address in server.recipients} == {"late.org"}
        server.heard.set()
        assert await going == {"sent": 2}
