"""All kinds of subscribers and ledger, and what to ask of them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Protocol

from sqlalchemy import Engine, event

from tests import postgres
from tests.made import MONDAY, NOON, NOTHING, paper, pick, subscriber
from tests.plain.book import Book
from tests.plain.holds import PlainHolds
from tests.plain.ledger import PlainLedger, PlainSubscribers
from tests.plain.record import PlainRecord
from tests.plain.returns import PlainReturns
from tests.plain.signups import PlainSignups
from tests.plain.statistics import PlainStatistics
from tests.plain.suppressions import PlainSuppressions
from worker.deliveries import Delivery, DeliveryState, Plan, Settlement, Strike
from worker.digests import Digest, Slot
from worker.ledgers import (
    Binding,
    Holds,
    Record,
    Returns,
    Signups,
    Statistics,
    Suppressions,
)
from worker.model import Cursor, PaperNumber, Pick, Subscriber
from worker.ports import (
    Ledger,
    Subscribers,
)
from worker.store.engine import Database
from worker.store.postgres_opening import open_postgres
from worker.store.sql import open_database
from worker.store.sql_figures import SqlStatistics
from worker.store.sql_holds import SqlHolds
from worker.store.sql_ledger import SqlLedger
from worker.store.sql_record import SqlRecord
from worker.store.sql_returns import SqlReturns
from worker.store.sql_signups import SqlSignups
from worker.store.sql_subscribers import SqlSubscribers
from worker.store.sql_suppressions import SqlSuppressions

KINDS = ("plain", "sqlite", "postgres")


class BoundLedger(Ledger, Binding, Protocol):
    """Both ports: whatever records deliveries also knows the log that its cursors belong to."""


@dataclass(frozen=True)
class Stores:
    """The ports over one store."""

    subscribers: Subscribers
    ledger: BoundLedger
    suppressions: Suppressions
    record: Record
    holds: Holds
    returns: Returns
    signups: Signups
    statistics: Statistics

    async def join(self, number: int = 1, address: str = "") -> Subscriber:
        """Somebody new on the list."""
        address = address or f"reader{number}@example.org"
        return await self.subscribers.add(subscriber(address=address, number=number))

    async def planned(self, who: Subscriber, *picks: Pick, day: date = MONDAY) -> Delivery:
        """A digest for him, planned now, as the delivery that it becomes."""
        plan = plan_for(who, *picks or (pick(1),), day=day)
        papers = [paper(each.paper) for each in picks or (pick(1),)]
        assert await self.ledger.plan([plan], papers) == [plan]
        return (await self.ledger.deliveries([DeliveryState.PLANNED], who.id))[-1]

    async def now(self, who: Subscriber) -> Subscriber:
        """The subscriber as stored."""
        found = await self.subscribers.find(who.address)
        assert found is not None
        return found

    async def every_delivery(self) -> Sequence[Delivery]:
        """All of them, in whatever state."""
        return await self.ledger.deliveries(DeliveryState)


@asynccontextmanager
async def stores(kind: str, folder: Path) -> AsyncIterator[Stores]:
    """A store of that kind with nobody in it."""
    if kind == "plain":
        yield plain(Book())
    elif kind == "postgres":
        async with open_postgres(await postgres.running().fresh(folder)) as server:
            yield on_sql(server)
    else:
        async with open_database(folder / "ledger.db", create=True) as database:
            yield on_sql(database)


def plain(book: Book) -> Stores:
    """The ports over a book."""
    return Stores(
        PlainSubscribers(book),
        PlainLedger(book),
        PlainSuppressions(book),
        PlainRecord(book),
        PlainHolds(book),
        PlainReturns(book),
        PlainSignups(book),
        PlainStatistics(book),
    )


def on_sql(database: Database) -> Stores:
    """The ports over a database."""
    return Stores(
        SqlSubscribers(database),
        SqlLedger(database),
        SqlSuppressions(database),
        SqlRecord(database),
        SqlHolds(database),
        SqlReturns(database),
        SqlSignups(database),
        SqlStatistics(database),
    )


def plan_for(
    who: Subscriber,
    *picks: Pick,
    day: date = MONDAY,
    held_over: Sequence[Pick] = (),
    supersedes: Delivery | None = None,
    now: datetime = NOON,
) -> Plan:
    """A digest of these picks as planned from the subscriber at hand; none, without picks."""
    slot = Slot(str(day), day)
    return Plan(
        subscriber=who.id,
        version=who.version,
        slot=slot,
        digest=Digest(slot, picks, NOTHING, ("A note.",)) if picks else None,
        cursor=Cursor(PaperNumber(9), 3),
        held_over=tuple(held_over),
        supersedes=supersedes.id if supersedes else None,
        message_id=f"<{who.id}.{day}@example.org>",
        planned_at=now,
    )


def settled(
    delivery: Delivery, state: DeliveryState = DeliveryState.SENT, due_at: datetime | None = None
) -> Settlement:
    """The attempt at this delivery, come to that state."""
    return Settlement(
        delivery.id, state, due_at, delivery.attempts, delivery.doubts, "250 2.0.0 taken", NOON
    )


def returning(settlement: Settlement, *picks: Pick) -> Settlement:
    """The same, giving these picks back."""
    return replace(settlement, returned=picks)


def struck(settlement: Settlement, points: int, at: datetime) -> Settlement:
    """The same, at that instant, as a strike against the address."""
    strike = Strike(at, points, "smtp", "550 5.1.1 no such user")
    return replace(settlement, at=at, strike=strike)


async def make(path: Path, people: int = 0) -> None:
    """A ledger with so many people in it, each with a digest that waits."""
    async with open_database(path, create=True) as database:
        here = on_sql(database)
        plans = [plan_for(await here.join(n), pick(1)) for n in range(1, people + 1)]
        await here.ledger.plan(plans, [paper(1)])


def database_of(store: Stores) -> Database:
    """What a store on SQL runs on."""
    assert isinstance(store.ledger, SqlLedger)
    return store.ledger._database


@contextmanager
def listening(name: str, listener: Callable[..., None]) -> Iterator[None]:
    """Be told of this event of every engine."""
    event.listen(Engine, name, listener)
    try:
        yield
    finally:
        event.remove(Engine, name, listener)
