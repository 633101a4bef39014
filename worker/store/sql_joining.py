"""How an ask is acted on, and confirmed, in the caller's transaction.

Whoever is looked at is locked first, and then the ask: in the order of all who leave.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from worker.asks import Ask, AskState, Notice
from worker.core.consent import may_come
from worker.deliveries import DeliveryKind
from worker.model import Subscriber, SubscriberId, SubscriberState
from worker.ports import Suppressed
from worker.store import (
    departures,
    rows,
    rows_mails,
    sql_asks,
    sql_forgetting,
    sql_subscribers,
    sql_suppressions,
)
from worker.store.engine import fetch
from worker.store.schema import ask as asks
from worker.store.schema import delivery, subscriber
from worker.store.sql_listed import hash_of, reserve

_JOINS = SubscriberId(0)


# --- acted on ---------------------------------------------------------------


def admit(
    connection: Connection, ask: Ask, notices: Sequence[Notice], joining: Subscriber | None
) -> bool:
    """Add who joins, plan the mails. False, and nothing is written, if things changed meanwhile."""
    hash_ = hash_of(connection, ask.address)
    reserve(connection, hash_)
    named = {notice.subscriber for notice in notices} - {_JOINS}
    people = _locked(connection, named)
    if not _is(connection, ask, AskState.NEW) or named - people.keys():
        return False
    if _stays_out(connection, hash_):
        _write(connection, ask, state=AskState.CLOSED)
        return True
    if joining:
        joined = _joined(connection, joining, hash_)
        if joined is None:
            return False
        people = {**people, _JOINS: joined}
    _mail(connection, ask, notices, people)
    return True


def _joined(connection: Connection, joining: Subscriber, hash_: str) -> Subscriber | None:
    """He, with his id, unless somebody has the address.

    Who left before this backup is not back by asking, so ``gone.log`` is told nothing.
    """
    if _with_address(connection, joining.address):
        return None
    values = rows.subscriber_values(joining) | {"address_hash": hash_}
    statement = insert(subscriber).values(values).returning(subscriber.c.id)
    return replace(joining, id=SubscriberId(connection.execute(statement).scalar_one()))


def _mail(
    connection: Connection,
    ask: Ask,
    notices: Iterable[Notice],
    people: Mapping[SubscriberId, Subscriber],
) -> None:
    state, about = AskState.CLOSED, None
    for notice in notices:
        who = people[notice.subscriber]
        connection.execute(insert(delivery).values(rows_mails.notice_values(notice, who)))
        if notice.kind is DeliveryKind.CONFIRM and notice.ask == ask.number:
            state, about = AskState.MAILED, who.id
        about = about or who.id
    _write(connection, ask, state=state, subscriber=about)


# --- confirmed --------------------------------------------------------------


def confirm(connection: Connection, ask: Ask, who: Subscriber, at: datetime) -> Subscriber | None:
    """Write who confirmed it, and that he did. None, and nothing is written, if it is too late.

    Raises Suppressed and Refused.
    """
    hash_ = hash_of(connection, who.address)
    reserve(connection, hash_)
    him = _locked(connection, {who.id}).get(who.id)
    if him is None or him.version != who.version:
        return None
    if not _is(connection, ask, AskState.MAILED):
        return None
    if _stays_out(connection, hash_):
        raise Suppressed("subscribers: the address is on the suppression list, or was removed")
    kept = {"subscriber": who.id, "address": "", "wanted": ""}  # he has both himself from now on
    _write(connection, ask, state=AskState.CONFIRMED, confirmed_at=at, **kept)
    _make_way(connection, who)
    if departures.last(connection, hash_):
        departures.say(connection, hash_, departures.Word.BACK)
    return sql_subscribers.written(connection, who)


def _make_way(connection: Connection, who: Subscriber) -> None:
    """Whoever else has his address is no more: he who moves has proved that he reads its mail.

    Raises Refused if the other may not come back by himself.
    """
    other = _with_address(connection, who.address)
    if other is None or other.id == who.id:
        return
    if not may_come(other):
        raise sql_subscribers.known_already()
    sql_asks.close(connection, other)
    if other.state is SubscriberState.PENDING:
        sql_forgetting.delete_people(connection, [other.id])
    else:  # he was on the list once, and the counts stay right
        sql_suppressions.forget(connection, other)


# --- for both ---------------------------------------------------------------


def _locked(connection: Connection, ids: Iterable[int]) -> dict[SubscriberId, Subscriber]:
    """These people, whom nobody changes from here on."""
    wanted = select(subscriber).where(subscriber.c.id.in_(sorted(ids))).order_by(subscriber.c.id)
    people = map(rows.subscriber, fetch(connection, wanted.with_for_update()))
    return {who.id: who for who in people}


def _is(connection: Connection, ask: Ask, state: AskState) -> bool:
    """Whether it is in that state, in which it then stays until we write it."""
    query = select(asks.c.state).where(asks.c.number == ask.number).with_for_update()
    return connection.scalar(query) == state


def _stays_out(connection: Connection, hash_: str) -> bool:
    """Whether that address is on the list, or was removed after the backup that this ledger is."""
    said = departures.last(connection, hash_)
    removed = said is not None and said.word is departures.Word.REMOVED
    return removed or sql_suppressions.find(connection, hash_) is not None


def _with_address(connection: Connection, address: str) -> Subscriber | None:
    query = select(subscriber).where(subscriber.c.address_key == rows.address_key(address))
    found = fetch(connection, query.with_for_update())
    return rows.subscriber(found[0]) if found else None


def _write(connection: Connection, ask: Ask, **values: object) -> None:
    connection.execute(update(asks).where(asks.c.number == ask.number).values(values))
