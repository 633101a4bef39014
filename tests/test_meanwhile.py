"""F56, F67-F69: what changes while a digest is on its way, through the pipeline on SQLite.

Each test holds the pipeline at a barrier, changes something, and lets it go on.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.made import KEY, LETTERHEAD, at, intake, paper, subscriber
from tests.plain.mailer import PlainMailer
from tests.plain.papers import PlainPaperLog
from worker import shipped
from worker.clock import FixedClock
from worker.core.compose import Composer
from worker.core.keys import Keys
from worker.core.render import Templates
from worker.deliveries import (
    Delivery,
    DeliveryState,
    Envelope,
)
from worker.model import Paper, PaperNumber, Rule, Subscriber, SubscriberState
from worker.outcomes import (
    Accepted,
    Deferred,
    Outcome,
)
from worker.pipeline.deliver import Round
from worker.pipeline.plan import commit, due
from worker.pipeline.recent import Recent
from worker.store.sql import open_ledger
from worker.store.sql_ledger import SqlLedger
from worker.store.sql_subscribers import SqlSubscribers

COMPOSER = Composer(LETTERHEAD, Templates(shipped.mail_templates()), Keys(1, {1: KEY}))
MONDAY = FixedClock(at("2025-09-08 06:00"))
TUESDAY = FixedClock(at("2025-09-09 06:00"))


class Barrier:
    """Who comes to it waits until it is opened."""

    def __init__(self) -> None:
        self.reached = asyncio.Event()
        self._open = asyncio.Event()

    async def wait(self) -> None:
        self.reached.set()
        await self._open.wait()

    def open(self) -> None:
        self._open.set()


class HeldMailer(PlainMailer):
    """Holds each message at a barrier, after the claim and before the answer."""

    def __init__(self, barrier: Barrier, script: Sequence[Outcome] = ()) -> None:
        super().__init__(script)
        self.barrier = barrier

    async def deliver(self, envelope: Envelope) -> Outcome:
        await self.barrier.wait()
        return await super().deliver(envelope)


class HeldLog(PlainPaperLog):
    """Holds the planning between reading the rules and matching them."""

    def __init__(self, barrier: Barrier) -> None:
        super().__init__()
        self.barrier = barrier

    async def papers(self, after: PaperNumber) -> Sequence[Paper]:
        await self.barrier.wait()
        return await super().papers(after)


@dataclass
class Office:
    """One side of the stores: what one process has of them."""

    people: SqlSubscribers
    ledger: SqlLedger
    log: PlainPaperLog

    async def plan(self, clock: FixedClock = MONDAY) -> int:
        found = await due(Recent(self.log), self.people, self.ledger, COMPOSER.message_id, clock)
        return (await commit(found, self.ledger))["planned"]

    async def deliver(self, mailer: PlainMailer, clock: FixedClock = MONDAY) -> None:
        round_ = Round(self.ledger, mailer, COMPOSER, clock, lambda: 0.0, asyncio.Event())
        await round_.deliver(1)

    async def change(self, who: Subscriber, **changes: object) -> None:
        (now,) = [each for each in await self.people.everyone() if each.id == who.id]
        assert await self.people.change(replace(now, **changes))  # type: ignore[arg-type]

    async def leave(self, who: Subscriber) -> None:
        await self.change(who, state=SubscriberState.UNSUBSCRIBED)

    async def deliveries(self) -> Sequence[Delivery]:
        return await self.ledger.deliveries(DeliveryState)


@asynccontextmanager
async def office(path: Path, log: PlainPaperLog | None = None) -> AsyncIterator[Office]:
    """Two readers, and a daily file of two papers."""
    log = log or PlainPaperLog()
    async with open_ledger(path, create=True) as (people, ledger):
        await ledger.adopt(await log.id())
        for number in (1, 2):
            await people.add(subscriber("flow", address=f"r{number}@example.org", number=number))
        papers = [paper(1, "On flow"), paper(2, "On sheep")]
        await log.take_in(intake(1, new=2, newest=2), papers, {})
        yield Office(people, ledger, log)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "ledger.db"


async def test_two_schedulers_at_once_plan_each_digest_once(path: Path) -> None:
    """F56: both have decided before either commits; the key of subscriber and slot absorbs it."""
    barrier = Barrier()
    async with office(path, HeldLog(barrier)) as one, AsyncExitStack() as stack:
        others = [Office(*await stack.enter_async_context(open_ledger(path)), one.log)
                  for _ in range(3)]  # fmt: skip
        ticks = [asyncio.create_task(each.plan()) for each in (one, *others)]
        await barrier.reached.wait()
        barrier.open()
        assert sum(await asyncio.gather(*ticks)) == 2
        assert len(await one.deliveries()) == 2


async def test_who_leaves_while_another_is_mailed_is_not_claimed_any_more(path: Path) -> None:
    """F67: each delivery is claimed by itself, just before it is rendered and sent."""
    barrier = Barrier()
    mailer = HeldMailer(barrier)
    async with office(path) as one:
        await one.plan()
        first, second = await one.people.everyone()
        sending = asyncio.create_task(one.deliver(mailer))
        await barrier.reached.wait()
        await one.leave(second)
        barrier.open()
        await sending
        assert [each.rcpt_to for each in mailer.envelopes] == [first.address]
        states = [each.state for each in await one.deliveries()]
        assert states == [DeliveryState.SENT, DeliveryState.CANCELLED]


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        (Accepted("250 Ok"), DeliveryState.SENT),
        (Deferred("450 later"), DeliveryState.CANCELLED),
    ],
)
async def test_who_leaves_while_his_mail_is_in_flight_gets_no_other(
    path: Path, answer: Outcome, state: DeliveryState
) -> None:
    """F68: his leaving is recorded at once; what is in flight is not tried again, nor followed."""
    barrier = Barrier()
    mailer = HeldMailer(barrier, [answer])
    async with office(path) as one:
        await one.plan()
        first, second = await one.people.everyone()
        await one.leave(second)
        sending = asyncio.create_task(one.deliver(mailer))
        await barrier.reached.wait()
        await one.leave(first)
        left = await one.people.find(first.address)
        assert left is not None
        assert left.state is SubscriberState.UNSUBSCRIBED
        barrier.open()
        await sending
        assert len(mailer.envelopes) == 1
        await one.log.take_in(intake(2, new=1, newest=3), [paper(3, "More flow")], {})
        later = FixedClock(TUESDAY.now() + timedelta(hours=1))
        assert await one.plan(later) == 0
        await one.deliver(mailer, later)
        assert len(mailer.envelopes) == 1
        assert state in {each.state for each in await one.deliveries()}
        assert {each.state for each in await one.deliveries()} <= {state, DeliveryState.CANCELLED}


async def test_rules_edited_while_they_are_matched_are_used_as_one_version(path: Path) -> None:
    """F69: the plan that was made from the old ones is dropped, the next tick makes it anew."""
    barrier = Barrier()
    async with office(path, HeldLog(barrier)) as one:
        tick = asyncio.create_task(one.plan())
        await barrier.reached.wait()
        first, _ = await one.people.everyone()
        await one.change(first, rules=(Rule("sheep", "sheep"),))
        barrier.open()
        assert await tick == 1, "that of the other reader"
        assert await one.plan() == 1
        by_reader = {each.subscriber: each for each in await one.deliveries()}
        (pick,) = by_reader[first.id].digest.picks
        assert (pick.paper, [rule.query for rule in pick.rules]) == (2, ["sheep"])
        await one.deliver(PlainMailer())
        states = [each.state for each in await one.deliveries()]
        assert states == [DeliveryState.SENT] * 2
