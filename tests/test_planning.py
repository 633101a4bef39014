"""Planning beside what waits: answers to mails stand in no digest's way, what is held does."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from tests.made import NOON, at, intake, paper, subscriber
from tests.plain.book import Book
from tests.plain.holds import PlainHolds
from tests.plain.ledger import PlainLedger, PlainSubscribers
from tests.plain.papers import PlainPaperLog
from tests.plain.returns import PlainReturns
from worker.clock import FixedClock
from worker.deliveries import Answer, DeliveryKind, DeliveryState, Settlement
from worker.digests import Slot
from worker.manner import Manner, Order
from worker.model import Counts, Cursor, Intake, Paper, PaperNumber, Subscriber
from worker.pipeline.plan import Due, commit, due
from worker.pipeline.recent import Recent
from worker.pipeline.rehearse import preview, rehearse

TUESDAY = at("2025-09-09 06:00")


class Desk:
    """One reader, and two days of one paper each."""

    def __init__(self) -> None:
        self.papers, book = PlainPaperLog(), Book()
        self.people, self.ledger = PlainSubscribers(book), PlainLedger(book)
        self.holds, self.returns = PlainHolds(book), PlainReturns(book)

    async def reader(self) -> Subscriber:
        await self.take_in(1)
        return await self.people.add(subscriber(schedule="daily 00:00"))

    async def take_in(self, number: int) -> None:
        await self.papers.take_in(intake(number, 1, number), [paper(number)], {})

    async def votes(self, number: int, upvotes: int) -> None:
        one = replace(paper(number), counts=Counts(upvotes=upvotes))
        await self.papers.take_in(intake(number, 1, number), [one], {})

    async def sent(self) -> None:
        (one,) = await self.ledger.claim(NOON, 9)
        await self.ledger.settle([Settlement(one.id, DeliveryState.SENT, None, 1, 0, "", NOON)])

    async def again(self, who: Subscriber) -> Subscriber:
        found = await self.people.find(who.address)
        assert found
        return found

    async def due(self, clock: FixedClock) -> Due:
        return await due(Recent(self.papers), self.people, self.ledger, _message_id, clock)

    async def plan(self, clock: FixedClock) -> dict[str, int]:
        counts = await commit(await self.due(clock), self.ledger)
        return {name: count for name, count in counts.items() if count}

    async def states(self) -> list[tuple[DeliveryKind, DeliveryState]]:
        every = await self.ledger.deliveries(DeliveryState)
        return [(each.kind, each.state) for each in every]


class SlowLog(PlainPaperLog):
    """A log whose papers come when it is told so; how often they were asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.asked, self.told = 0, asyncio.Event()

    async def papers(self, after: PaperNumber) -> Sequence[Paper]:
        self.asked += 1
        await self.told.wait()
        return await super().papers(after)


def _message_id(who: Subscriber, slot: Slot) -> str:
    return f"<{who.id}.{slot.name}@example.org>"


async def answered(desk: Desk, who: Subscriber) -> None:
    slot = Slot("answer-1", date(2025, 9, 8))
    await desk.returns.answer(Answer(who.id, slot, ("Done.",), "<a@x.org>", "<1@r>", NOON))


async def test_an_answer_that_waits_or_is_being_sent_stands_in_no_digests_way() -> None:
    desk = Desk()
    who = await desk.reader()
    await answered(desk, who)
    assert await desk.plan(FixedClock(NOON)) == {"due": 1, "planned": 1}
    await desk.take_in(2)
    await desk.ledger.claim(NOON, 1)
    assert await desk.plan(FixedClock(TUESDAY)) == {"due": 1, "planned": 1, "superseded": 1}
    assert await desk.states() == [
        (DeliveryKind.ANSWER, DeliveryState.SENDING),
        (DeliveryKind.DIGEST, DeliveryState.SUPERSEDED),
        (DeliveryKind.DIGEST, DeliveryState.PLANNED),
    ]


async def test_a_preview_carries_the_digest_that_waits_also_behind_an_answer() -> None:
    desk = Desk()
    who = await desk.reader()
    await answered(desk, who)
    await desk.plan(FixedClock(NOON))
    await desk.take_in(2)
    (now,) = await desk.people.everyone()
    shown = await preview(now, Recent(desk.papers), desk.ledger, _message_id, FixedClock(TUESDAY))
    assert [each.number for each in shown.papers] == [1, 2]


async def test_what_is_new_waits_behind_a_digest_that_is_held() -> None:
    desk = Desk()
    await desk.reader()
    await desk.plan(FixedClock(NOON))
    (held,) = await desk.ledger.deliveries([DeliveryState.PLANNED])
    await desk.holds.hold([held.id])
    await desk.take_in(2)
    assert await desk.plan(FixedClock(TUESDAY)) == {"due": 1, "waiting": 1}
    rehearsed = await rehearse(await desk.due(FixedClock(TUESDAY)), desk.people, desk.ledger)
    assert rehearsed == ()
    await desk.holds.release([held.id])
    assert await desk.plan(FixedClock(TUESDAY)) == {"due": 1, "planned": 1, "superseded": 1}
    newest = (await desk.ledger.deliveries([DeliveryState.PLANNED]))[0]
    assert [each.number for each in newest.papers] == [1, 2]


async def test_what_came_earlier_that_day_counts_for_its_top_though_he_has_had_it() -> None:
    desk = Desk()
    who = await desk.people.add(subscriber("top:2", schedule="immediately"))
    await desk.votes(1, 9)
    await desk.plan(FixedClock(NOON))
    await desk.votes(2, 5)
    shown = await preview(
        await desk.again(who), Recent(desk.papers), desk.ledger, _message_id, FixedClock(NOON)
    )
    assert [(one.paper, one.because) for one in shown.digest.picks] == [
        (1, ("top:2",)),
        (2, ("top:2",)),
    ], "the first one still waits, and is carried"
    await desk.plan(FixedClock(NOON))
    await desk.votes(3, 2)
    (last,) = (await desk.due(FixedClock(NOON))).plans
    assert last.digest
    assert [one.paper for one in last.digest.picks] == [1, 2], "not the third"


async def test_papers_held_over_are_ordered_by_the_votes_they_had_when_planned() -> None:
    desk = Desk()
    plain = subscriber(max_papers=1, schedule="immediately")
    who = await desk.people.add(replace(plain, manner=Manner(order=Order.UPVOTES)))
    for number, votes in ((1, 4), (2, 9), (3, 7)):
        await desk.votes(number, votes)
    await desk.plan(FixedClock(NOON))
    assert [one.paper for one in (await desk.again(who)).held_over] == [3, 1]
    await desk.sent()
    await desk.votes(4, 5)
    made = await desk.due(FixedClock(NOON))
    assert [[one.paper for one in plan.digest.picks] for plan in made.plans if plan.digest] == [[3]]
    assert [[one.paper for one in plan.held_over] for plan in made.plans] == [[4, 1]]
    assert [[one.held for one in plan.held_over] for plan in made.plans] == [[1, 2]]
    shown = await preview(
        await desk.again(who), Recent(desk.papers), desk.ledger, _message_id, FixedClock(NOON)
    )
    assert [one.paper for one in shown.digest.picks] == [3]


async def test_the_past_is_made_once_also_for_askers_at_the_same_moment() -> None:
    log = SlowLog()
    await log.take_in(intake(1, 1, 1), [paper(1)], {})
    recent = Recent(log)
    async with asyncio.TaskGroup() as group:
        asking = [group.create_task(recent.past()) for _ in range(3)]
        await asyncio.sleep(0)
        log.told.set()
    first, *others = [each.result() for each in asking]
    assert first.size == 1
    assert all(each is first for each in others)
    assert (log.asked, await recent.past()) == (1, first)


async def test_a_planning_reads_the_papers_of_the_log_once_whether_it_has_grown_or_not() -> None:
    desk = Desk()
    await desk.reader()
    log = SlowLog()
    log.told.set()
    recent = Recent(log)
    for number in (1, 2):
        await log.take_in(intake(number, 1, number), [paper(number)], {})
        for _ in range(2):
            log.asked = 0
            planned = await due(recent, desk.people, desk.ledger, _message_id, FixedClock(TUESDAY))
            assert [len(one.digest.picks) for one in planned.plans if one.digest] == [number]
            assert log.asked == 1


async def test_an_asker_who_goes_away_keeps_the_past_from_nobody() -> None:
    log = SlowLog()
    await log.take_in(intake(1, 1, 1), [paper(1)], {})
    recent = Recent(log)
    impatient, patient = (asyncio.create_task(recent.past()) for _ in range(2))
    await asyncio.sleep(0)
    impatient.cancel()
    log.told.set()
    assert (await patient).size == 1


async def test_what_comes_in_while_a_preview_is_made_is_for_the_next() -> None:
    desk = Desk()
    who = await desk.reader()

    class Growing(PlainPaperLog):
        """A paper comes in right after anybody asked where the log ends."""

        async def end(self) -> Cursor:
            end = await desk.papers.end()
            if end.paper < 3:
                await desk.take_in(end.paper + 1)
            return end

        async def papers(self, after: PaperNumber) -> Sequence[Paper]:
            return await desk.papers.papers(after)

        async def intakes(self, after: int) -> Sequence[Intake]:
            return await desk.papers.intakes(after)

    shown = await preview(who, Recent(Growing()), desk.ledger, _message_id, FixedClock(TUESDAY))
    assert [each.number for each in shown.papers] == [1]
    assert (shown.digest.receipt.new, shown.digest.receipt.read) == (1, 1)
