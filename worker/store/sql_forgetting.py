"""What is not kept of those who never confirmed, in the caller's transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, delete, exists, select, update

from worker.asks import CONFIRM_WITHIN, NETWORK_KEPT
from worker.deliveries import DeliveryState
from worker.model import SubscriberId, SubscriberState
from worker.store.engine import chunks, fetch
from worker.store.schema import ask, attempt, delivery, strike, subscriber
from worker.store.sql_asks import OPEN

_CONFIRMED = ask.c.confirmed_at.is_not(None)

_HAS_ASKED = exists().where(ask.c.subscriber == subscriber.c.id, ask.c.state.in_(OPEN))

_IS_BEING_MAILED = exists().where(
    delivery.c.subscriber == subscriber.c.id, delivery.c.state == DeliveryState.SENDING
)

_PENDING_FOR_NOTHING = (
    select(subscriber.c.id)
    .where(subscriber.c.state == SubscriberState.PENDING, ~_HAS_ASKED, ~_IS_BEING_MAILED)
    .order_by(subscriber.c.id)
    .with_for_update()
)


def forget(connection: Connection, now: datetime) -> int:
    """Delete what nobody confirmed in time, and empty the networks that were kept long enough."""
    late = ~_CONFIRMED & (ask.c.at <= now - CONFIRM_WITHIN)
    forgotten = connection.execute(delete(ask).where(late)).rowcount
    found = _pending_for_nothing(connection)
    if found:  # once more, now that they are locked: one of them may have asked again meanwhile
        delete_people(connection, _pending_for_nothing(connection))
    old = _CONFIRMED & (ask.c.at <= now - NETWORK_KEPT)
    traced = (ask.c.network != "") | (ask.c.network_trace != "") | (ask.c.address_trace != "")
    bare = {"network": "", "network_trace": "", "address_trace": ""}
    connection.execute(update(ask).where(old, traced).values(bare))
    return forgotten


def delete_people(connection: Connection, people: Sequence[SubscriberId]) -> None:
    """As if they had never been there: for those who never were on the list."""
    for some in chunks(people):
        theirs = select(delivery.c.id).where(delivery.c.subscriber.in_(some))
        connection.execute(delete(attempt).where(attempt.c.delivery.in_(theirs)))
        connection.execute(delete(strike).where(strike.c.subscriber.in_(some)))
        connection.execute(delete(delivery).where(delivery.c.subscriber.in_(some)))
        connection.execute(update(ask).where(ask.c.subscriber.in_(some)).values(subscriber=None))
        connection.execute(delete(subscriber).where(subscriber.c.id.in_(some)))


def _pending_for_nothing(connection: Connection) -> list[SubscriberId]:
    return [row["id"] for row in fetch(connection, _PENDING_FOR_NOTHING)]
