"""Everybody who was ever on the list, in SQL."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import Connection, Update, insert, select, update
from sqlalchemy.exc import IntegrityError

from worker.model import DeliveryState, Refused, Subscriber, SubscriberId, SubscriberState
from worker.store import rows
from worker.store.engine import Database, fetch
from worker.store.schema import delivery, subscriber

WAITING = (DeliveryState.PLANNED, DeliveryState.DEFERRED, DeliveryState.UNCERTAIN)


class SqlSubscribers:
    """The port ``Subscribers`` on a SQL database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def everyone(self) -> Sequence[Subscriber]:
        """All of them, in whatever state, by id."""
        query = select(subscriber).order_by(subscriber.c.id)
        return await self._database.read(
            lambda connection: [rows.subscriber(row) for row in fetch(connection, query)]
        )

    async def find(self, address: str) -> Subscriber | None:
        """By address, compared without case."""
        query = select(subscriber).where(subscriber.c.address_key == rows.address_key(address))
        found = await self._database.read(lambda connection: fetch(connection, query))
        return rows.subscriber(found[0]) if found else None

    async def add(self, who: Subscriber) -> Subscriber:
        """Add him under an id of his own. Raises Refused if the address is known already."""
        values = rows.subscriber_values(who)
        statement = insert(subscriber).values(values).returning(subscriber.c.id)
        try:
            given = await self._database.write(lambda connection: connection.scalar(statement))
        except IntegrityError:
            raise _known_already() from None
        return replace(who, id=SubscriberId(given))

    async def change(self, who: Subscriber) -> Subscriber | None:
        """Write him if nobody changed him meanwhile. Unless active, nothing of his waits on."""
        changed = replace(who, version=who.version + 1)
        try:
            written = await self._database.write(lambda connection: _written(connection, changed))
        except IntegrityError:
            raise _known_already() from None
        return changed if written else None


def _written(connection: Connection, changed: Subscriber) -> bool:
    """Whether he was still of the version before this one."""
    before = (subscriber.c.id == changed.id) & (subscriber.c.version == changed.version - 1)
    statement = update(subscriber).where(before).values(rows.subscriber_values(changed))
    if connection.execute(statement).rowcount == 0:
        return False
    if changed.state is not SubscriberState.ACTIVE:
        connection.execute(_cancelled(changed.id))
    return True


def _cancelled(who: SubscriberId) -> Update:
    waiting = (delivery.c.subscriber == who) & delivery.c.state.in_(WAITING)
    return update(delivery).where(waiting).values(state=DeliveryState.CANCELLED, due_at=None)


def _known_already() -> Refused:
    return Refused("subscribers: the address is on the list already; change that subscriber")
