"""How deliveries are read, claimed and settled, in the caller's transaction."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import datetime

from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    Text,
    Update,
    bindparam,
    case,
    exists,
    func,
    insert,
    null,
    or_,
    select,
    update,
)

from worker.core.mailed import AWAITED, MAY_GET
from worker.core.plan import WAITING
from worker.deliveries import (
    Brake,
    Delivery,
    DeliveryId,
    DeliveryKind,
    DeliveryState,
    Settlement,
)
from worker.model import Pick
from worker.store import rows, rows_digests, sql_plan, sql_strikes
from worker.store.engine import chunks, fetch, many
from worker.store.schema import UtcDateTime, attempt, breaker, delivery, subscriber, suppression

_NOT_WAITING = tuple(state for state in DeliveryState if state not in WAITING)

_AVOIDED = delivery.c.domain.in_(bindparam("avoid", expanding=True))

_QUEUE_HELD = exists().where(breaker.c.brake == Brake.QUEUE)

# What is due.
_DUE = (
    select(delivery.c.id)
    .where(delivery.c.due_at <= bindparam("now"))
    .where(delivery.c.held.is_(False), ~_AVOIDED, ~_QUEUE_HELD)
    .limit(bindparam("wanted", type_=Integer))
    .with_for_update(skip_locked=True)
)

# In a waiting state: of what is awaited that is little, found by the index of the figures, and put
# in order. By ``due_at`` itself PostgreSQL would rather look for it through all that waits.
_DUE_AWAITED = _DUE.where(
    delivery.c.state.in_(sorted(WAITING)), delivery.c.kind.in_(sorted(AWAITED))
).order_by(func.coalesce(delivery.c.due_at, delivery.c.planned_at), delivery.c.id)

# "Not in any other state" is said for the database: "in a waiting state" would have it sort all
# that waits, where the index on ``due_at`` has it in order already.
_DUE_AT_ALL = _DUE.where(delivery.c.state.not_in(_NOT_WAITING)).order_by(
    delivery.c.due_at, delivery.c.id
)

# Who may be mailed: what the suppression list says counts, whatever the subscriber's state says. A
# row without a hash was erased, or put there by hand: it cannot be looked up, so it is not mailed.
_ACTIVE = exists().where(
    subscriber.c.id == delivery.c.subscriber,
    or_(
        *(
            (delivery.c.kind == kind) & subscriber.c.state.in_(sorted(states))
            for kind, states in MAY_GET.items()
        ),
    ),
    subscriber.c.address_hash != "",
    ~exists().where(suppression.c.address_hash == subscriber.c.address_hash),
)

# Each one statement, so that no two callers take the same row.
_CLAIMS = tuple(
    update(delivery)
    .where(delivery.c.id.in_(due))
    .values(
        state=case((_ACTIVE, DeliveryState.SENDING), else_=DeliveryState.CANCELLED),
        due_at=case((_ACTIVE, delivery.c.due_at), else_=null()),
        attempts=case((_ACTIVE, delivery.c.attempts + 1), else_=delivery.c.attempts),
    )
    .returning(delivery.c.id, delivery.c.state)
    for due in (_DUE_AWAITED, _DUE_AT_ALL)
)

_IS_OURS = (delivery.c.id == bindparam("ours")) & (delivery.c.state == bindparam("before"))

_SETTLE = update(delivery).where(_IS_OURS)

_RECORD = insert(attempt).from_select(
    ["delivery", "at", "state", "server", "reply"],
    select(
        delivery.c.id,
        bindparam("settled_at", type_=UtcDateTime),
        bindparam("came_to", type_=Text),
        bindparam("server", type_=Text),
        bindparam("reply", type_=Text),
    ).where(_IS_OURS),
)

_READ = (
    select(delivery, subscriber.c.uid, subscriber.c.address)
    .join(subscriber, subscriber.c.id == delivery.c.subscriber)
    .order_by(delivery.c.id)
)


def deliveries(connection: Connection, wanted: ColumnElement[bool]) -> list[Delivery]:
    """The deliveries that are wanted, oldest first, each with its papers as first planned."""
    found = fetch(connection, _READ.where(wanted))
    named = {pick.which for row in found for pick in rows_digests.picks_of(row)}
    named |= {mention.which for row in found for mention in rows_digests.mentions_of(row)}
    papers = sql_plan.stored(connection, named)
    return [rows.delivery(row, papers) for row in found]


def claim(
    connection: Connection, now: datetime, limit: int, avoid: Collection[str]
) -> list[Delivery]:
    """Take up to ``limit`` that are due, what is awaited first.

    Those of people who may not be mailed are cancelled. They were being sent when he left, and so
    not taken back then: their papers are now.
    """
    taken: list[DeliveryId] = []
    asked = {"now": now, "avoid": sorted(avoid)}
    for statement in _CLAIMS:
        taken += _taken(connection, statement, asked, limit - len(taken))
    return [
        each
        for some in chunks(sorted(taken))
        for each in deliveries(connection, delivery.c.id.in_(some))
    ]


def _taken(
    connection: Connection, statement: Update, asked: rows_digests.Values, limit: int
) -> list[DeliveryId]:
    taken: list[DeliveryId] = []
    while len(taken) < limit:
        found = fetch(connection, statement, asked | {"wanted": limit - len(taken)})
        if not found:
            break
        mailed = [row["id"] for row in found if row["state"] == DeliveryState.SENDING]
        _take_back(connection, {row["id"] for row in found}.difference(mailed))
        taken += mailed
    return taken


def _take_back(connection: Connection, cancelled: Collection[DeliveryId]) -> None:
    """Hold over what a cancelled digest owes, unless it may have arrived."""
    safe = (delivery.c.doubts == 0) & (delivery.c.kind == DeliveryKind.DIGEST)
    for some in chunks(sorted(cancelled)):
        query = select(delivery).where(delivery.c.id.in_(some), safe).order_by(delivery.c.id)
        for row in fetch(connection, query):
            owed = rows_digests.out_of(rows_digests.digest, row, "row").owed
            _hold_over(connection, row["id"], owed)


def settle(connection: Connection, settlements: Iterable[Settlement]) -> None:
    """Note what became of attempts that are still ``sending``, and what they gave back."""
    firsts: dict[DeliveryId, Settlement] = {}
    for each in settlements:
        firsts.setdefault(each.delivery, each)
    locked(connection, firsts)
    nobodys = _nobodys(connection, firsts)
    firsts |= {which: replace(firsts[which], reply="") for which in nobodys}
    plain = [each for each in firsts.values() if not each.returned and not each.strike]
    many(connection, _RECORD, [_recorded(each, DeliveryState.SENDING) for each in plain])
    many(connection, _SETTLE, [_noted(each, DeliveryState.SENDING) for each in plain])
    for each in firsts.values():
        if each.returned or each.strike:
            _conclude(connection, each, DeliveryState.SENDING)


def locked(connection: Connection, ids: Iterable[DeliveryId]) -> None:
    """From here on nobody else changes these deliveries. On SQLite nobody does anyhow."""
    for some in chunks(sorted(ids)):
        mine = select(delivery.c.id).where(delivery.c.id.in_(some)).order_by(delivery.c.id)
        connection.execute(mine.with_for_update()).all()


def conclude(connection: Connection, settlement: Settlement, before: DeliveryState) -> None:
    """Note one attempt at a delivery that was in that state, with all that follows from it."""
    if _nobodys(connection, [settlement.delivery]):
        settlement = replace(settlement, reply="")
    _conclude(connection, settlement, before)


def _nobodys(connection: Connection, ids: Iterable[DeliveryId]) -> list[DeliveryId]:
    """Those of people who were erased meanwhile: servers' words may name them."""
    erased = select(delivery.c.id).join(subscriber).where(subscriber.c.address_hash == "")
    return [
        row["id"]
        for some in chunks(sorted(ids))
        for row in fetch(connection, erased.where(delivery.c.id.in_(some)))
    ]


def _conclude(connection: Connection, settlement: Settlement, before: DeliveryState) -> None:
    connection.execute(_RECORD, _recorded(settlement, before))
    if not connection.execute(_SETTLE, _noted(settlement, before)).rowcount:
        return
    if settlement.returned:
        _hold_over(connection, settlement.delivery, settlement.returned)
    if settlement.strike:
        sql_strikes.note(connection, settlement.delivery, settlement.strike)


def _noted(settlement: Settlement, before: DeliveryState) -> rows_digests.Values:
    which = {"ours": settlement.delivery, "before": before.value}
    return rows.settled_values(settlement) | which


def _recorded(settlement: Settlement, before: DeliveryState) -> rows_digests.Values:
    return {
        "ours": settlement.delivery,
        "before": before.value,
        "settled_at": settlement.at,
        "came_to": settlement.state.value,
        "server": settlement.server,
        "reply": rows.storable(settlement.reply),
    }


def _hold_over(connection: Connection, of: DeliveryId, picks: Collection[Pick]) -> None:
    """Put the picks that a delivery gives back behind those that its subscriber is held already.

    Whoever was erased meanwhile is held nothing: picks name rules.
    """
    whose = select(delivery.c.subscriber).where(delivery.c.id == of)
    query = select(subscriber).where(
        subscriber.c.id == whose.scalar_subquery(), subscriber.c.address_hash != ""
    )
    found = fetch(connection, query.with_for_update())
    if not found:
        return
    owner = rows.subscriber(found[0])
    held_over = rows_digests.picks_text((*owner.held_over, *picks))
    connection.execute(
        update(subscriber)
        .where(subscriber.c.id == owner.id)
        .values(held_over=held_over, version=owner.version + 1)
    )
