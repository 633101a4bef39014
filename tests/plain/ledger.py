"""The subscribers and the ledger in plain memory: what they promise, with nothing in the way."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from tests.plain.book import Book
from worker.core.mailed import AWAITED, MAY_GET
from worker.core.plan import SUPERSEDABLE, WAITING
from worker.deliveries import (
    Brake,
    Delivery,
    DeliveryKind,
    DeliveryState,
    Extent,
    Plan,
    Settlement,
)
from worker.model import (
    Cursor,
    Paper,
    PaperNumber,
    PaperVersion,
    Pick,
    Subscriber,
    SubscriberId,
    SubscriberState,
)
from worker.sightings import Had

__all__ = ["Book", "PlainLedger", "PlainSubscribers"]


class PlainSubscribers:
    """The port ``Subscribers``."""

    def __init__(self, book: Book) -> None:
        self._book = book

    async def everyone(self) -> Sequence[Subscriber]:
        return sorted(self._book.subscribers.values(), key=lambda who: who.id)

    async def extent(self) -> Extent:
        everyone = self._book.subscribers.values()
        active = [who for who in everyone if who.state is SubscriberState.ACTIVE]
        return Extent(
            newest_slot=max((who.last_slot for who in everyone if who.last_slot), default=None),
            least_read=min((who.cursor.paper for who in active), default=None),
            most_read=max((who.cursor.paper for who in everyone), default=PaperNumber(0)),
        )

    async def find(self, address: str) -> Subscriber | None:
        return self._book.with_address(address)

    async def add(self, who: Subscriber, *, again: bool = False) -> Subscriber:
        return self._book.add(who)

    async def change(self, who: Subscriber) -> Subscriber | None:
        before = self._book.subscribers.get(who.id)
        after = self._book.write(who)
        if before and after and after.epoch != before.epoch:
            self._book.end_links(after)
        return after


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
        self,
        states: Iterable[DeliveryState],
        subscriber: SubscriberId | None = None,
        since: datetime | None = None,
    ) -> Sequence[Delivery]:
        wanted = set(states)
        return [
            self._as_now(delivery)
            for delivery in sorted(self._book.deliveries.values(), key=lambda each: each.id)
            if delivery.state in wanted
            and subscriber in (None, delivery.subscriber)
            and (since is None or delivery.planned_at >= since)
        ]

    async def plan(self, plans: Sequence[Plan], papers: Sequence[Paper]) -> Sequence[Plan]:
        given = {paper.which: paper for paper in papers}
        taken = []
        for plan in plans:
            if self._holds(plan):
                self._commit(plan, given)
                taken.append(plan)
        return taken

    async def claim(
        self, now: datetime, limit: int, avoid: Collection[str] = ()
    ) -> Sequence[Delivery]:
        book = self._book
        claimed: list[Delivery] = []
        for delivery in self._due(now, avoid):
            if len(claimed) == limit:
                break
            if not self._may_be_mailed(delivery):
                book.take_back(delivery)
                continue
            counted = replace(delivery, attempts=delivery.attempts + 1)
            book.deliveries[delivery.id] = sending = replace(counted, state=DeliveryState.SENDING)
            claimed.append(self._as_now(sending))
        return sorted(claimed, key=lambda each: each.id)

    async def settle(self, settlements: Sequence[Settlement]) -> None:
        for each in settlements:
            self._book.conclude(each, [DeliveryState.SENDING])

    async def papers(self, wanted: Iterable[PaperVersion]) -> Mapping[PaperVersion, Paper]:
        stored = self._book.papers
        return {which: stored[which] for which in wanted if which in stored}

    async def versions(self, papers: Collection[PaperNumber]) -> Sequence[Paper]:
        found = [paper for paper in self._book.papers.values() if paper.number in papers]
        return sorted(found, key=lambda each: (each.number, each.version != 1, each.version))

    async def had(
        self,
        subscribers: Collection[SubscriberId],
        papers: Collection[PaperNumber],
        since: datetime,
    ) -> Mapping[tuple[SubscriberId, PaperNumber], Had]:
        sent = await self.deliveries([DeliveryState.SENT, DeliveryState.UNCERTAIN], since=since)
        newest_first = [
            (delivery, pick)
            for delivery in reversed(sent)
            if delivery.kind is DeliveryKind.DIGEST and delivery.subscriber in subscribers
            for pick in delivery.digest.picks
            if pick.paper in papers
        ]
        return {
            (delivery.subscriber, pick.paper): Had(
                delivery.digest.slot.day, self._book.papers[pick.which]
            )
            for delivery, pick in newest_first
        }

    async def counts(self) -> Mapping[str, int]:
        states = [delivery.state for delivery in self._book.deliveries.values()]
        return {state.value: states.count(state) for state in DeliveryState}

    def _holds(self, plan: Plan) -> bool:
        who = self._book.subscribers.get(plan.subscriber)
        if not who or who.state is not SubscriberState.ACTIVE or who.version != plan.version:
            return False
        his = self._book.his(who)
        digests = [each for each in his if each.kind is DeliveryKind.DIGEST and not each.held]
        waiting = {each.id for each in digests if each.state in SUPERSEDABLE}
        served = plan.slot.name in (each.digest.slot.name for each in his)
        return not served and (plan.supersedes is None or plan.supersedes in waiting)

    def _commit(self, plan: Plan, given: Mapping[PaperVersion, Paper]) -> None:
        book, who = self._book, self._book.subscribers[plan.subscriber]
        for which in plan.named:
            book.papers.setdefault(which, book.papers.get(which) or given[which])
        if plan.supersedes:
            book.end(book.deliveries[plan.supersedes], DeliveryState.SUPERSEDED)
        if plan.digest:
            new = book.delivery_id()
            book.deliveries[new] = Delivery(
                new, who.id, who.uid, who.address, plan.digest, (),
                plan.message_id, plan.planned_at, due_at=plan.planned_at,
                waiting_since=plan.waiting_since, manner=plan.manner, epoch=plan.epoch,
            )  # fmt: skip
        moved = replace(who, cursor=plan.cursor, held_over=plan.held_over)
        book.change(replace(moved, last_slot=plan.slot.day))

    def _due(self, now: datetime, avoid: Collection[str]) -> Sequence[Delivery]:
        """What waits and is kept back by nobody: what is awaited first, then longest due first."""
        if any(brake is Brake.QUEUE for brake, _ in self._book.breakers):
            return []
        waiting = [each for each in self._book.deliveries.values() if each.state in WAITING]
        due = [each for each in waiting if each.due_at and each.due_at <= now and not each.held]
        due = [each for each in due if self._as_now(each).domain not in avoid]
        return sorted(due, key=lambda each: (each.kind not in AWAITED, each.due_at or now, each.id))

    def _may_be_mailed(self, delivery: Delivery) -> bool:
        """Whatever his state says: nobody whom the suppression list names, nobody erased."""
        who = self._book.subscribers[delivery.subscriber]
        if who.id in self._book.erased or self._book.listed(who.address):
            return False
        return who.state in MAY_GET[delivery.kind]

    def _as_now(self, delivery: Delivery) -> Delivery:
        who = self._book.subscribers[delivery.subscriber]
        papers = tuple(self._book.papers[which] for which in delivery.digest.shown)
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
            digest = replace(
                each.digest,
                picks=freed(each.digest.picks),
                rest=freed(each.digest.rest),
                removed=freed(each.digest.removed),
                mentions=tuple(
                    replace(one, paper=number(one.paper)) for one in each.digest.mentions
                ),
            )
            book.deliveries[each.id] = replace(each, digest=digest)
