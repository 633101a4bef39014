"""Whatever is asked of them in whatever order, SQLite and the plain ledger answer the same."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Coroutine
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from tests.made import MONDAY, NOON, paper, pick
from tests.store.ledgers import KINDS, plan_for, returning, settled, stores
from worker.deliveries import DeliveryState
from worker.model import Cursor, PaperNumber, Pick, SubscriberState

Answer = TypeVar("Answer")

PAPERS = [paper(number) for number in range(-60, 12)]
ENDS = [
    DeliveryState.SENT,
    DeliveryState.DEFERRED,
    DeliveryState.FAILED,
    DeliveryState.UNCERTAIN,
    DeliveryState.EXPIRED,
]

people = st.integers(0, 3)
picks = st.lists(st.integers(1, 9), max_size=3, unique=True).map(
    lambda numbers: [pick(number, "a", "b") for number in numbers]
)
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


class Ledgers(RuleBasedStateMachine):
    """Each step is taken on both; what they give must be equal, and so must all they know."""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.folder = Path(tempfile.mkdtemp())
        shutil.copy(template(), self.folder)
        self.stack = AsyncExitStack()
        self.both = [
            self.run(self.stack.enter_async_context(stores(kind, self.folder))) for kind in KINDS
        ]
        for number in range(2):
            self.join(number)

    def run(self, work: Coroutine[Any, Any, Answer]) -> Answer:
        return self.runner.run(work)

    def same(self, *answers: Coroutine[Any, Any, Answer]) -> Answer:
        """The one answer that both give."""
        plain, real = [self.run(answer) for answer in answers]
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

    @rule(whose=people, state=st.sampled_from(SubscriberState), late=st.booleans())
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

    @rule(now=minutes, limit=st.integers(0, 4))
    def some_are_claimed(self, now: Any, limit: int) -> None:
        self.same(*(store.ledger.claim(now, limit) for store in self.both))

    @rule(state=st.sampled_from(ENDS), due_at=minutes, every=st.booleans())
    def attempts_are_settled(self, state: DeliveryState, due_at: Any, every: bool) -> None:
        states = DeliveryState if every else [DeliveryState.SENDING]
        again = state in (DeliveryState.DEFERRED, DeliveryState.UNCERTAIN)
        settlements = [
            returning(
                settled(each, state, due_at if again else None),
                *(each.digest.picks if state is DeliveryState.EXPIRED else ()),
            )
            for each in self.run(self.both[0].ledger.deliveries(states))
        ]
        self.same(*(store.ledger.settle(settlements) for store in self.both))

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
