"""The subscribers and the ledger in plain memory: what they promise, with nothing in the way."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from worker.core.plan import SUPERSEDABLE
from worker.core.roll import stands_back
from worker.deliveries import Delivery, DeliveryId, DeliveryState, Plan, Settlement
from worker.model import (
    Cursor,
    Paper,
    PaperNumber,
    PaperVersion,
    Pick,
    Refused,
    Subscriber,
    SubscriberId,
    SubscriberState,
)

WAITING = SUPERSEDABLE | {DeliveryState.UNCERTAIN}


@dataclass
class Book:
    """All that the two of them know."""

    subscribers: dict[SubscriberId, Subscriber] = field(default_factory=dict)
    deliveries: dict[DeliveryId, Delivery] = field(default_factory=dict)
    papers: dict[PaperVersion, Paper] = field(default_factory=dict)
    paper_log: str | None = None
    expected: int | None = None

    def end(self, delivery: Delivery, state: DeliveryState) -> None:
        """No attempt will follow."""
        self.deliveries[delivery.id] = replace(delivery, state=state, due_at=None)

    def change(self, who: Subscriber) -> Subscriber:
        """Every change is a new version."""
        self.subscribers[who.id] = replace(who, version=who.version + 1)
        return self.subscribers[who.id]


class PlainSubscribers:
    """The port ``Subscribers``."""

    def __init__(self, book: Book) -> None:
        self._book = book

    async def everyone(self) -> Sequence[Subscriber]:
        return sorted(self._book.subscribers.values(), key=lambda who: who.id)

    async def find(self, address: str) -> Subscriber | None:
        everyone = self._book.subscribers.values()
        same = (who for who in everyone if who.address.casefold() == address.casefold())
        return next(same, None)

    async def add(self, who: Subscriber) -> Subscriber:
        if await self.find(who.address):
            raise Refused("subscribers: the address is on the list already")
        added = replace(who, id=SubscriberId(len(self._book.subscribers) + 1))
        self._book.subscribers[added.id] = added
        return added

    async def change(self, who: Subscriber) -> Subscriber | None:
        current = self._book.subscribers.get(who.id)
        if current is None or current.version != who.version:
            return None
        same = await self.find(who.address)
        if same and same.id != who.id:
            raise Refused("subscribers: the address is on the list already")
        if stands_back(current, who):
            who = replace(who, held_over=(*who.held_over, *self._taken_back(who)))
        return self._book.change(who)

    def _taken_back(self, who: Subscriber) -> list[Pick]:
        ended = SUPERSEDABLE if who.state is SubscriberState.ACTIVE else WAITING
        picks: list[Pick] = []
        for delivery in list(self._book.deliveries.values()):
            if delivery.subscriber == who.id and delivery.state in ended:
                picks += delivery.digest.picks if delivery.state in SUPERSEDABLE else ()
                self._book.end(delivery, DeliveryState.CANCELLED)
        return picks


class PlainLedger:
    """The ports ``Ledger`` and ``Binding``."""

    def __init__(self, book: Book) -> None:
        self._book = book

    async def paper_log(self) -> str | None:
        return self._book.paper_log

    async def adopt(self, log_id: str, end: Cursor | None = None) -> None:
        book = self._book
        if end is not None:
            self._set_free(end.paper if log_id == book.paper_log else PaperNumber(0))
            for who in list(book.subscribers.values()):
                book.change(replace(who, cursor=end))
            book.expected = end.intake
        book.paper_log = log_id

    async def expected(self) -> int | None:
        return self._book.expected

    async def expect(self, intake: int) -> None:
        self._book.expected = intake

    async def skip(self, end: Cursor) -> None:
        book = self._book
        for who in list(book.subscribers.values()):
            book.change(replace(who, cursor=end, held_over=()))
        for delivery in list(book.deliveries.values()):
            if delivery.state in WAITING | {DeliveryState.SENDING}:
                book.end(delivery, DeliveryState.CANCELLED)
        book.expected = end.intake

    async def deliveries(
        self, states: Iterable[DeliveryState], subscriber: SubscriberId | None = None
    ) -> Sequence[Delivery]:
        wanted = set(states)
        return [
            self._as_now(delivery)
            for delivery in sorted(self._book.deliveries.values(), key=lambda each: each.id)
            if delivery.state in wanted and subscriber in (None, delivery.subscriber)
        ]

    async def plan(self, plans: Sequence[Plan], papers: Sequence[Paper]) -> Sequence[Plan]:
        given = {paper.which: paper for paper in papers}
        taken = []
        for plan in plans:
            if self._holds(plan):
                self._commit(plan, given)
                taken.append(plan)
        return taken

    async def claim(self, now: datetime, limit: int) -> Sequence[Delivery]:
        book = self._book
        claimed: list[Delivery] = []
        for delivery in self._due(now):
            if len(claimed) == limit:
                break
            if book.subscribers[delivery.subscriber].state is not SubscriberState.ACTIVE:
                book.end(delivery, DeliveryState.CANCELLED)
                continue
            counted = replace(delivery, attempts=delivery.attempts + 1)
            book.deliveries[delivery.id] = sending = replace(counted, state=DeliveryState.SENDING)
            claimed.append(self._as_now(sending))
        return sorted(claimed, key=lambda each: each.id)

    async def settle(self, settlements: Sequence[Settlement]) -> None:
        book = self._book
        for each in settlements:
            delivery = book.deliveries.get(each.delivery)
            if delivery is None or delivery.state is not DeliveryState.SENDING:
                continue
            noted = replace(delivery, state=each.state, due_at=each.due_at, reply=each.reply)
            noted = replace(noted, attempts=each.attempts, doubts=each.doubts)
            book.deliveries[delivery.id] = noted
            if each.returned:
                who = book.subscribers[delivery.subscriber]
                book.change(replace(who, held_over=(*who.held_over, *each.returned)))

    async def papers(self, wanted: Iterable[PaperVersion]) -> Mapping[PaperVersion, Paper]:
        stored = self._book.papers
        return {which: stored[which] for which in wanted if which in stored}

    async def counts(self) -> Mapping[str, int]:
        states = [delivery.state for delivery in self._book.deliveries.values()]
        return {state.value: states.count(state) for state in DeliveryState}

    def _holds(self, plan: Plan) -> bool:
        who = self._book.subscribers.get(plan.subscriber)
        if not who or who.state is not SubscriberState.ACTIVE or who.version != plan.version:
            return False
        his = [each for each in self._book.deliveries.values() if each.subscriber == who.id]
        waiting = {each.id for each in his if each.state in SUPERSEDABLE}
        served = plan.slot.name in (each.digest.slot.name for each in his)
        return not served and (plan.supersedes is None or plan.supersedes in waiting)

    def _commit(self, plan: Plan, given: Mapping[PaperVersion, Paper]) -> None:
        book, who = self._book, self._book.subscribers[plan.subscriber]
        for pick in (*(plan.digest.picks if plan.digest else ()), *plan.held_over):
            book.papers.setdefault(pick.which, book.papers.get(pick.which) or given[pick.which])
        if plan.supersedes:
            book.end(book.deliveries[plan.supersedes], DeliveryState.SUPERSEDED)
        if plan.digest:
            new = DeliveryId(len(book.deliveries) + 1)
            book.deliveries[new] = Delivery(
                new, who.id, who.uid, who.address, plan.digest, (),
                plan.message_id, plan.planned_at, due_at=plan.planned_at,
            )  # fmt: skip
        moved = replace(who, cursor=plan.cursor, held_over=plan.held_over)
        book.change(replace(moved, last_slot=plan.slot.day))

    def _due(self, now: datetime) -> Sequence[Delivery]:
        waiting = [each for each in self._book.deliveries.values() if each.state in WAITING]
        due = [each for each in waiting if each.due_at and each.due_at <= now]
        return sorted(due, key=lambda each: (each.due_at or now, each.id))

    def _as_now(self, delivery: Delivery) -> Delivery:
        who = self._book.subscribers[delivery.subscriber]
        papers = tuple(self._book.papers[pick.which] for pick in delivery.digest.picks)
        return replace(delivery, uid=who.uid, address=who.address, papers=papers)

    def _set_free(self, after: PaperNumber) -> None:
        """Papers beyond that number move below 0: the log gives their numbers to others."""
        book = self._book
        numbers = [number for number, _ in book.papers]
        shift = max(numbers, default=0) + 1 - min(0, *numbers, 0)

        def freed(picks: Iterable[Pick]) -> tuple[Pick, ...]:
            return tuple(replace(pick, paper=number(pick.paper)) for pick in picks)

        def number(old: PaperNumber) -> PaperNumber:
            return PaperNumber(old - shift) if old > after else old

        stored = [replace(paper, number=number(old)) for (old, _), paper in book.papers.items()]
        book.papers = {paper.which: paper for paper in stored}
        for who in book.subscribers.values():
            book.subscribers[who.id] = replace(who, held_over=freed(who.held_over))
        for each in book.deliveries.values():
            digest = replace(each.digest, picks=freed(each.digest.picks))
            book.deliveries[each.id] = replace(each, digest=digest)
