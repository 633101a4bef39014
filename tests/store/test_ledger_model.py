"""Whatever is asked of them in whatever order, a database and the plain ledger answer the same."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Coroutine
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import timedelta
from functools import cache, partial
from pathlib import Path
from typing import Any, TypeVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from tests.made import MONDAY, NOON, paper, pick
from tests.store.ledgers import plan_for, returning, settled, stores, struck
from worker.deliveries import (
    Answer,
    Brake,
    Breaker,
    DeliveryId,
    DeliveryKind,
    DeliveryState,
    Reason,
)
from worker.digests import Slot
from worker.model import Cursor, PaperNumber, Pick, Refused, SubscriberState
from worker.outcomes import (
    Cause,
)
from worker.returns import Undelivered

Given = TypeVar("Given")

PAPERS = [paper(number) for number in range(-60, 12)]
ENDS = [
    DeliveryState.SENT,
    DeliveryState.DEFERRED,
    DeliveryState.FAILED,
    DeliveryState.UNCERTAIN,
    DeliveryState.EXPIRED,
]

people = st.integers(0, 3)
states = st.sampled_from(sorted({*SubscriberState} - {SubscriberState.SUPPRESSED}))
"""The suppression list alone makes somebody suppressed."""
picks = st.lists(st.integers(1, 9), max_size=3, unique=True).map(
    lambda numbers: [pick(number, "a", "b") for number in numbers]
)
days = st.integers(0, 4).map(lambda number: timedelta(days=number))
minutes = st.integers(-5, 60).map(lambda number: NOON + timedelta(minutes=number))


@cache
def template() -> Path:
    """An empty ledger to copy."""
    folder = Path(tempfile.mkdtemp())
    asyncio.run(_make(folder))
    return folder / "ledger.db"


async def _make(folder: Path) -> None:
    async with stores("sqlite", folder):
        pass


async def _or_refused(answer: Coroutine[Any, Any, Given]) -> Given | type[Refused]:
    try:
        return await answer
    except Refused as refused:
        return type(refused)


class Ledgers(RuleBasedStateMachine):
    """Each step is taken on both; what they give must be equal, and so must all they know."""

    kinds = ("plain", "sqlite")

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.folder = Path(tempfile.mkdtemp())
        shutil.copy(template(), self.folder)
        self.stack = AsyncExitStack()
        self.both = [
            self.run(self.stack.enter_async_context(stores(kind, self.folder)))
            for kind in self.kinds
        ]
        for number in range(2):
            self.join(number)

    def run(self, work: Coroutine[Any, Any, Given]) -> Given:
        return self.runner.run(work)

    def same(self, *answers: Coroutine[Any, Any, Given]) -> Given | type[Refused]:
        """The one answer that both give, or neither."""
        plain, real = [self.run(_or_refused(answer)) for answer in answers]
        assert real == plain
        return plain

    def teardown(self) -> None:
        self.run(self.stack.aclose())
        self.runner.close()
        shutil.rmtree(self.folder)

    def everyone(self) -> list[Any]:
        return list(self.run(self.both[0].subscribers.everyone()))

    def join(self, number: int) -> None:
        self.same(*(store.join(number) for store in self.both))

    @rule()
    def somebody_joins(self) -> None:
        if len(self.everyone()) < 4:
            self.join(len(self.everyone()))

    @rule(whose=people, state=states, late=st.booleans())
    def somebody_changes(self, whose: int, state: SubscriberState, late: bool) -> None:
        everyone = self.everyone()
        who = everyone[whose % len(everyone)]
        changed = replace(who, state=state, version=who.version - late, max_papers=whose + 1)
        self.same(*(store.subscribers.change(changed) for store in self.both))

    @rule(
        chosen=picks, held_over=picks, day=st.integers(0, 5), late=st.booleans(), now=minutes,
        supersede=st.booleans(), readers=st.lists(people, max_size=4),
    )  # fmt: skip
    def digests_are_planned(
        self, chosen: list[Pick], held_over: list[Pick], day: int, late: bool, now: Any,
        supersede: bool, readers: list[int],
    ) -> None:  # fmt: skip
        everyone = self.everyone()
        waiting = {each.subscriber: each for each in self.run(self.both[0].every_delivery())}
        plans = [
            plan_for(
                replace(who, version=who.version - late),
                *chosen,
                day=MONDAY + timedelta(days=day),
                held_over=held_over,
                supersedes=waiting.get(who.id) if supersede else None,
                now=now,
            )
            for who in (everyone[reader % len(everyone)] for reader in readers)
        ]
        self.same(*(store.ledger.plan(plans, PAPERS) for store in self.both))

    @rule(now=minutes, limit=st.integers(0, 4), avoid=st.sampled_from([(), ("example.org",)]))
    def some_are_claimed(self, now: Any, limit: int, avoid: tuple[str, ...]) -> None:
        self.same(*(store.ledger.claim(now, limit, avoid) for store in self.both))

    @rule(
        state=st.sampled_from(ENDS), due_at=minutes, every=st.booleans(),
        points=st.sampled_from([0, 0, 3, 6, 12]), days=days,
    )  # fmt: skip
    def attempts_are_settled(
        self, state: DeliveryState, due_at: Any, every: bool, points: int, days: timedelta
    ) -> None:
        states = DeliveryState if every else [DeliveryState.SENDING]
        again = state in (DeliveryState.DEFERRED, DeliveryState.UNCERTAIN)
        settlements = [
            returning(
                settled(each, state, due_at if again else None),
                *(each.digest.picks if state is DeliveryState.EXPIRED else ()),
            )
            for each in self.run(self.both[0].ledger.deliveries(states))
        ]
        if points:
            settlements = [struck(each, points, NOON + days) for each in settlements]
        self.same(*(store.ledger.settle(settlements) for store in self.both))

    @rule(number=people, reason=st.sampled_from(Reason), days=days)
    def an_address_is_suppressed(self, number: int, reason: Reason, days: timedelta) -> None:
        given = (f"Reader{number}@example.org", reason, NOON + days, "a note")
        self.same(*(store.suppressions.suppress(*given) for store in self.both))

    @rule(number=people)
    def an_address_is_taken_off_the_list(self, number: int) -> None:
        address = f"reader{number}@Example.org"
        self.same(*(store.suppressions.unsuppress(address) for store in self.both))

    @rule(number=people)
    def somebody_is_erased(self, number: int) -> None:
        address = f"READER{number}@example.org"
        self.same(*(store.suppressions.erase(address, NOON) for store in self.both))

    @rule(ids=st.lists(st.integers(1, 9), max_size=3), how=st.integers(0, 3), now=minutes)
    def the_operator_sees_to_some(self, ids: list[DeliveryId], how: int, now: Any) -> None:
        self.same(
            *(
                [
                    partial(store.holds.hold, ids),
                    partial(store.holds.release, ids),
                    partial(store.holds.retry, ids, now),
                    partial(store.holds.drop, ids, now),
                ][how]()
                for store in self.both
            )
        )

    @rule(held=st.booleans())
    def the_queue_is_held_or_not(self, held: bool) -> None:
        breaker = Breaker(Brake.QUEUE, "", NOON, None, 0, "by hand")
        if held:
            self.same(*(store.holds.open(breaker) for store in self.both))
        else:
            self.same(*(store.holds.close(Brake.QUEUE, "") for store in self.both))

    @rule(id_=st.integers(1, 9), cause=st.sampled_from(Cause), days=days)
    def one_comes_back(self, id_: DeliveryId, cause: Cause, days: timedelta) -> None:
        back = Undelivered(id_, cause, "550 no")
        self.same(*(store.returns.bounced(back, NOON + days) for store in self.both))

    @rule(whose=people, mail=st.integers(0, 2), state=states)
    def a_mail_is_answered(self, whose: int, mail: int, state: SubscriberState) -> None:
        everyone = self.everyone()
        who = everyone[whose % len(everyone)]
        slot = Slot(f"answer-{mail}", MONDAY)
        given = Answer(who.id, slot, ("Done.",), f"<{who.id}.{mail}@x.org>", f"<{mail}@r>", NOON)
        changed = replace(who, state=state) if mail else None
        self.same(*(store.returns.answer(given, changed) for store in self.both))

    @rule(log=st.sampled_from(["first", "second"]), end=st.none() | st.integers(0, 9))
    def a_log_is_adopted(self, log: str, end: int | None) -> None:
        cursor = None if end is None else Cursor(PaperNumber(end), end)
        self.same(*(store.ledger.adopt(log, cursor) for store in self.both))

    @invariant()
    def both_know_the_same(self) -> None:
        self.same(*(store.subscribers.everyone() for store in self.both))
        self.same(*(store.every_delivery() for store in self.both))
        self.same(*(store.ledger.counts() for store in self.both))
        self.same(*(store.ledger.paper_log() for store in self.both))
        self.same(*(store.holds.breakers() for store in self.both))
        self.same(*(store.record.handed_over(NOON) for store in self.both))
        listed = [self.run(store.suppressions.listed()) for store in self.both]
        assert sorted(map(repr, listed[0])) == sorted(map(repr, listed[1]))

    @invariant()
    def both_have_the_same_on_record(self) -> None:
        for each in self.run(self.both[0].every_delivery()):
            self.same(*(store.record.attempts(each.id) for store in self.both))

    @invariant()
    def nothing_is_on_its_way_to_who_was_suppressed_before_it_was_claimed(self) -> None:
        states = [DeliveryState.PLANNED, DeliveryState.DEFERRED, DeliveryState.UNCERTAIN]
        suppressed = {who.id for who in self.everyone() if who.state is SubscriberState.SUPPRESSED}
        waiting = self.run(self.both[1].ledger.deliveries(states))
        fresh = [each for each in waiting if each.kind is DeliveryKind.DIGEST]
        assert all(each.attempts or each.subscriber not in suppressed for each in fresh)

    @invariant()
    def every_delivery_holds_the_papers_that_it_shows(self) -> None:
        for delivery in self.run(self.both[1].every_delivery()):
            shown = [pick.paper for pick in delivery.digest.picks]
            assert [paper.number for paper in delivery.papers] == shown


TestLedgers = Ledgers.TestCase
TestLedgers.settings = settings(
    max_examples=30,
    stateful_step_count=12,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)


class LedgersOnPostgres(Ledgers):
    """The same, and a real server answers."""

    kinds = ("plain", "postgres")


TestLedgersOnPostgres = LedgersOnPostgres.TestCase
TestLedgersOnPostgres.settings = settings(TestLedgers.settings, max_examples=10)
