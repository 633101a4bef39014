"""How it goes, in numbers, counted in plain memory."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime

from tests.plain.book import Book
from worker.core.plan import OUTSTANDING
from worker.deliveries import DeliveryKind, DeliveryState
from worker.figures import MOST_READ, Figures, Queue, Read
from worker.model import SubscriberState


class PlainStatistics:
    """The port ``Statistics``."""

    def __init__(self, book: Book) -> None:
        self._book = book

    async def figures(self, since: datetime) -> Figures:
        book = self._book
        planned = [each for each in book.deliveries.values() if each.planned_at >= since]
        digests = [each for each in planned if each.kind is DeliveryKind.DIGEST]
        attempts = [each for _, each in book.attempts if each.at >= since]
        listed = [each for each in book.suppressed.values() if each.at >= since]
        heard = [each for each in book.asks.values() if each.traces.domain]
        asks = [each for each in heard if each.at >= since]
        return Figures(
            subscribers=Counter(who.state for who in book.subscribers.values()),
            digests=Counter((_day(each.planned_at), each.state) for each in digests),
            others=Counter(each.kind for each in planned if each not in digests),
            attempts=Counter(
                (_day(each.at), each.state)
                for each in attempts
                if each.state is not DeliveryState.SENT
            ),
            suppressions=Counter((_day(each.at), each.reason) for each in listed),
            asks=Counter((_day(each.at), each.state) for each in asks),
            queue=self._queue(),
            rules=self._rules(),
        )

    def _queue(self) -> Queue:
        queue = [each for each in self._book.deliveries.values() if each.state in OUTSTANDING]
        states = Counter(each.state for each in queue)
        return Queue(
            waiting=states[DeliveryState.PLANNED],
            deferred=states[DeliveryState.DEFERRED],
            sending=states[DeliveryState.SENDING],
            uncertain=states[DeliveryState.UNCERTAIN],
            held=sum(each.held for each in queue),
            since=min((each.since for each in queue if each.due_at), default=None),
        )

    def _rules(self) -> tuple[Read, ...]:
        everyone = self._book.subscribers.values()
        active = [who for who in everyone if who.state is SubscriberState.ACTIVE]
        readers = Counter(query for who in active for query in {rule.query for rule in who.rules})
        most = sorted(readers.items(), key=lambda each: (-each[1], each[0]))
        return tuple(Read(*each) for each in most[:MOST_READ])


def _day(at: datetime) -> date:
    return at.astimezone(UTC).date()
