"""The suppression list, in SQL: entries by a hash of the address, so that they outlive it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from worker.core.plan import WAITING
from worker.deliveries import DeliveryState, Reason, Suppression
from worker.manner import USUAL
from worker.model import Pick, Rule, Subscriber, SubscriberState
from worker.store import departures, rows, rows_kept, sql_asks, sql_subscribers
from worker.store.engine import Database, fetch, many
from worker.store.rows_digests import picks_of, picks_text
from worker.store.schema import attempt, delivery, strike, subscriber, suppression
from worker.store.sql_listed import entry, hash_of, reserve

_FOR_GOOD = (departures.Word.SUPPRESSED, departures.Word.ERASED)
SINCE_THEN = "left before the ledger was restored"

_FORGOTTEN = Rule("erased", "*")

_BARE = (
    update(delivery)
    .where(delivery.c.id == bindparam("row"))
    .values(
        picks=bindparam("bare"),
        rest="[]",
        removed="[]",
        mentions="[]",
        told="{}",
        notes="[]",
        answers="",
        reply="",
    )
)


class SqlSuppressions:
    """The port ``Suppressions`` on a SQL database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def listed(self) -> Sequence[Suppression]:
        """All of them, the oldest first."""
        query = select(suppression).order_by(suppression.c.at, suppression.c.address_hash)
        return await self._database.read(
            lambda connection: [rows_kept.suppression(row) for row in fetch(connection, query)]
        )

    async def find(self, address: str) -> Suppression | None:
        """The entry of that address."""
        return await self._database.read(lambda c: find(c, hash_of(c, address)))

    async def suppress(self, address: str, reason: Reason, at: datetime, note: str = "") -> bool:
        """Put it on the list, and cancel what waits for whoever has it."""
        new = Suppression(address, reason, at, note)
        return await self._database.write(lambda c: suppress(c, new), must=True)

    async def unsuppress(self, address: str) -> bool:
        """Take it off the list, and its strikes with it."""
        return await self._database.write(lambda connection: _unsuppress(connection, address))

    async def erase(self, address: str, at: datetime) -> bool:
        """Forget the address everywhere but for its hash."""
        erased = await self._database.write(lambda c: erase(c, hash_of(c, address), at))
        if erased:
            await self._database.fold()
        return erased


def find(connection: Connection, hash_: str) -> Suppression | None:
    """The entry; also of one who was put on the list after the backup that this ledger is."""
    said = departures.last(connection, hash_)
    unknown = Suppression("", Reason.OPERATOR, said.at, SINCE_THEN) if said else None
    for_good = said is not None and said.word in _FOR_GOOD
    return entry(connection, hash_) or (unknown if for_good else None)


def suppress(connection: Connection, new: Suppression) -> bool:
    """Put an address on the list, and suppress whoever has it."""
    hash_ = hash_of(connection, new.address)
    reserve(connection, hash_)
    known = entry(connection, hash_)
    if known is None:
        _insert(connection, hash_, new)
        departures.say(connection, hash_, departures.Word.SUPPRESSED)
    elif new.reason is Reason.COMPLAINT and known.reason is not Reason.COMPLAINT:
        worse = {"reason": new.reason.value, "at": new.at, "note": rows.storable(new.note)}
        connection.execute(
            update(suppression).where(suppression.c.address_hash == hash_).values(worse)
        )
    who = with_hash(connection, hash_)
    if who and who.state not in departures.GONE:
        sql_subscribers.written(connection, replace(who, state=SubscriberState.SUPPRESSED))
    elif who:
        sql_asks.close(connection, who)
    return known is None


def _unsuppress(connection: Connection, address: str) -> bool:
    hash_ = hash_of(connection, address)
    who = with_hash(connection, hash_)
    if who:  # else the next no alone would put it there again
        connection.execute(delete(strike).where(strike.c.subscriber == who.id))
    known = find(connection, hash_)
    connection.execute(delete(suppression).where(suppression.c.address_hash == hash_))
    if known:
        left = who is not None and who.state is not SubscriberState.SUPPRESSED
        word = departures.GONE.get(who.state) if who and left else None
        departures.say(connection, hash_, word or departures.Word.BACK)
    return known is not None


def _insert(connection: Connection, hash_: str, new: Suppression) -> None:
    connection.execute(
        insert(suppression).values(
            address_hash=hash_,
            address=new.address,
            reason=new.reason.value,
            at=new.at,
            note=rows.storable(new.note),
        )
    )


def with_hash(connection: Connection, hash_: str) -> Subscriber | None:
    query = select(subscriber).where(subscriber.c.address_hash == hash_).with_for_update()
    found = fetch(connection, query)
    return rows.subscriber(found[0]) if found else None


def erase(connection: Connection, hash_: str, at: datetime) -> bool:
    """Forget whoever is known by that hash, but for the hash."""
    reserve(connection, hash_)
    known, who = entry(connection, hash_), with_hash(connection, hash_)
    asked = sql_asks.forget_address(connection, hash_)
    if known is None and who is None and not asked:
        return False
    if known is None:
        _insert(connection, hash_, Suppression("", Reason.ERASED, at))
    connection.execute(
        update(suppression).where(suppression.c.address_hash == hash_).values(address="", note="")
    )
    departures.say(connection, hash_, departures.Word.ERASED)
    if who:
        forget(connection, who)
    return True


def forget(connection: Connection, who: Subscriber) -> None:
    """Nothing is left that tells who he was or what he read for; the counts stay right."""
    nobody = f"erased-{who.id}@erased.invalid"
    connection.execute(
        update(subscriber)
        .where(subscriber.c.id == who.id)
        .values(
            address=nobody,
            address_key=nobody,
            address_hash="",
            domain="",
            state=who.state if who.state in departures.GONE else SubscriberState.REMOVED,
            rules="[]",
            held_over="[]",
            timezone="UTC",
            **rows.manner_values(USUAL),
            from_file=False,
            version=who.version + 1,
            epoch=who.epoch + 1,  # so that no link of his leads anywhere
        )
    )
    connection.execute(delete(strike).where(strike.c.subscriber == who.id))
    sql_asks.forget(connection, who)
    _forget_deliveries(connection, who)


def _forget_deliveries(connection: Connection, who: Subscriber) -> None:
    """What waits is cancelled. Servers' words go too: they may name him in ways of their own."""
    his = delivery.c.subscriber == who.id
    waiting = his & delivery.c.state.in_(sorted(WAITING))
    cancelled = {"state": DeliveryState.CANCELLED, "due_at": None}
    connection.execute(update(delivery).where(waiting).values(cancelled))
    bared = {"domain": "", "ask": None, **rows.manner_values(USUAL)}
    connection.execute(update(delivery).where(his).values(bared))
    found = fetch(connection, select(delivery.c.id, delivery.c.picks).where(his))
    bare = [{"row": row["id"], "bare": picks_text(map(_bare, picks_of(row)))} for row in found]
    many(connection, _BARE, bare)
    attempts = attempt.c.delivery.in_(select(delivery.c.id).where(his))
    connection.execute(update(attempt).where(attempts).values(reply=""))


def _bare(pick: Pick) -> Pick:
    return replace(pick, rules=(_FORGOTTEN,), score=0, because=())
