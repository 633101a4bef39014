"""What comes back by mail, noted in SQL; each in one transaction, and twice is once."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, func, insert, select

from worker.core import strikes
from worker.core.retry import comes_back
from worker.deliveries import (
    Answer,
    Delivery,
    DeliveryId,
    DeliveryKind,
    DeliveryState,
    Settlement,
)
from worker.model import Subscriber, SubscriberId
from worker.returns import Undelivered
from worker.store import rows, rows_mails, sql_attempts, sql_subscribers
from worker.store.engine import Database, fetch
from worker.store.schema import delivery, subscriber

_HANDED_OVER = (DeliveryState.SENT, DeliveryState.UNCERTAIN)


class SqlReturns:
    """The port ``Returns`` on a SQL database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def delivery(self, id_: DeliveryId) -> Delivery | None:
        """The delivery of that number."""
        return await self._database.read(lambda connection: _delivery(connection, id_))

    async def subscriber(self, uid: int) -> Subscriber | None:
        """Whoever has that ``uid``."""
        query = select(subscriber).where(subscriber.c.uid == uid)
        found = await self._database.read(lambda connection: fetch(connection, query))
        return rows.subscriber(found[0]) if found else None

    async def bounced(self, undelivered: Undelivered, at: datetime) -> bool:
        """What was handed over came back."""
        return await self._database.write(lambda c: _bounced(c, undelivered, at), must=True)

    async def answer(self, answer: Answer, change: Subscriber | None = None) -> bool | None:
        """Plan the answer to a mail, with the change that the mail asked for."""
        return await self._database.write(lambda c: _answer(c, answer, change), must=True)

    async def answers(self, who: SubscriberId, since: datetime) -> int:
        """How many answers he was given since then."""
        query = select(func.count()).where(
            delivery.c.subscriber == who,
            delivery.c.kind == DeliveryKind.ANSWER,
            delivery.c.planned_at >= since,
        )
        return await self._database.read(lambda connection: connection.scalar(query) or 0)


def _delivery(connection: Connection, id_: DeliveryId) -> Delivery | None:
    found = sql_attempts.deliveries(connection, delivery.c.id == id_)
    return found[0] if found else None


def _bounced(connection: Connection, undelivered: Undelivered, at: datetime) -> bool:
    """Only what was handed over can come back: anything else is no news, or none of ours."""
    sql_attempts.locked(connection, [undelivered.delivery])
    came = _delivery(connection, undelivered.delivery)
    if came is None or came.state not in _HANDED_OVER:
        return False
    sql_attempts.conclude(
        connection,
        Settlement(
            delivery=came.id,
            state=DeliveryState.FAILED,
            due_at=None,
            attempts=came.attempts,
            doubts=came.doubts,
            reply=undelivered.reply,
            at=at,
            returned=came.digest.owed if comes_back(came, undelivered.cause) else (),
            strike=strikes.of_bounce(undelivered.cause, at, undelivered.reply),
            small=came.small,
        ),
        came.state,
    )
    return True


def _answer(connection: Connection, answer: Answer, change: Subscriber | None) -> bool | None:
    known = select(delivery.c.id).where(
        delivery.c.subscriber == answer.subscriber, delivery.c.slot == answer.slot.name
    )
    if connection.scalar(known) is not None:
        return False
    if change is not None and sql_subscribers.written(connection, change) is None:
        return None
    found = fetch(connection, select(subscriber).where(subscriber.c.id == answer.subscriber))
    values = rows_mails.answer_values(answer, rows.subscriber(found[0]))
    connection.execute(insert(delivery).values(values))
    return True
