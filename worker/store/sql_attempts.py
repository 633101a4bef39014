"""How deliveries are read, claimed and settled, in the caller's transaction."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    RowMapping,
    bindparam,
    case,
    exists,
    null,
    select,
    update,
)

from worker.deliveries import Delivery, DeliveryId, DeliveryState, Settlement
from worker.model import SubscriberState
from worker.store import rows, sql_plan
from worker.store.engine import chunks, fetch, many
from worker.store.schema import delivery, subscriber
from worker.store.sql_subscribers import WAITING

_NOT_WAITING = tuple(state for state in DeliveryState if state not in WAITING)

# What is due, longest due first. "Not in any other state" is said for the database: "in a waiting
# state" would have it sort all that waits, where the index on ``due_at`` has it in order already.
_DUE = (
    select(delivery.c.id)
    .where(delivery.c.due_at <= bindparam("now"), delivery.c.state.not_in(_NOT_WAITING))
    .order_by(delivery.c.due_at, delivery.c.id)
    .limit(bindparam("wanted", type_=Integer))
    .with_for_update(skip_locked=True)
)

_ACTIVE = exists().where(
    subscriber.c.id == delivery.c.subscriber, subscriber.c.state == SubscriberState.ACTIVE
)

# One statement, so that no two callers take the same row.
_CLAIM = (
    update(delivery)
    .where(delivery.c.id.in_(_DUE))
    .values(
        state=case((_ACTIVE, DeliveryState.SENDING), else_=DeliveryState.CANCELLED),
        due_at=case((_ACTIVE, delivery.c.due_at), else_=null()),
        attempts=case((_ACTIVE, delivery.c.attempts + 1), else_=delivery.c.attempts),
    )
    .returning(delivery.c.id, delivery.c.state)
)

_SETTLE = update(delivery).where(
    delivery.c.id == bindparam("ours"), delivery.c.state == bindparam("sending")
)

_READ = (
    select(delivery, subscriber.c.uid, subscriber.c.address)
    .join(subscriber, subscriber.c.id == delivery.c.subscriber)
    .order_by(delivery.c.id)
)


def deliveries(connection: Connection, wanted: ColumnElement[bool]) -> list[Delivery]:
    """The deliveries that are wanted, oldest first, each with its papers as first planned."""
    found = fetch(connection, _READ.where(wanted))
    named = {pick.which for row in found for pick in rows.picks_of(row)}
    papers = sql_plan.stored(connection, named)
    return [rows.delivery(row, papers) for row in found]


def claim(connection: Connection, now: datetime, limit: int) -> list[Delivery]:
    """Take up to ``limit`` that are due; those of people who are not active are cancelled."""
    taken: list[DeliveryId] = []
    while len(taken) < limit and (found := _claim_some(connection, now, limit - len(taken))):
        taken += [row["id"] for row in found if row["state"] == DeliveryState.SENDING]
    return [
        each
        for some in chunks(sorted(taken))
        for each in deliveries(connection, delivery.c.id.in_(some))
    ]


def _claim_some(connection: Connection, now: datetime, wanted: int) -> Sequence[RowMapping]:
    """Up to ``wanted`` that are due, claimed or cancelled; none when nothing is due any more."""
    return fetch(connection, _CLAIM, {"now": now, "wanted": wanted})


def settle(connection: Connection, settlements: Iterable[Settlement]) -> None:
    """Note what became of attempts that are still ``sending``, and what they gave back."""
    firsts: dict[DeliveryId, Settlement] = {}
    for each in settlements:
        firsts.setdefault(each.delivery, each)
    many(connection, _SETTLE, [_noted(each) for each in firsts.values() if not each.returned])
    for each in firsts.values():
        if each.returned and connection.execute(_SETTLE, _noted(each)).rowcount:
            _hold_over(connection, each)


def _noted(settlement: Settlement) -> rows.Values:
    which = {"ours": settlement.delivery, "sending": DeliveryState.SENDING.value}
    return rows.settled_values(settlement) | which


def _hold_over(connection: Connection, settlement: Settlement) -> None:
    """Put the picks that a delivery gives back behind those that its subscriber is held already."""
    whose = select(delivery.c.subscriber).where(delivery.c.id == settlement.delivery)
    query = select(subscriber).where(subscriber.c.id == whose.scalar_subquery()).with_for_update()
    (row,) = fetch(connection, query)
    owner = rows.subscriber(row)
    held_over = rows.picks_text((*owner.held_over, *settlement.returned))
    connection.execute(
        update(subscriber)
        .where(subscriber.c.id == owner.id)
        .values(held_over=held_over, version=owner.version + 1)
    )
