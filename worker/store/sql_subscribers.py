"""Everybody who was ever on the list, in SQL."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import Connection, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from worker.core.mailed import stays
from worker.core.plan import SUPERSEDABLE, WAITING
from worker.core.roll import stands_back
from worker.deliveries import DeliveryKind, DeliveryState, Extent
from worker.model import PaperNumber, Pick, Refused, Subscriber, SubscriberId, SubscriberState
from worker.ports import Suppressed
from worker.store import departures, rows, rows_digests, sql_asks
from worker.store.engine import Database, fetch
from worker.store.schema import delivery, subscriber
from worker.store.sql_listed import entry, hash_of, reserve

# Without an index: a pass takes some 50 ms for 100,000, a few times a minute; keeping one up to
# date would cost each of them something with each plan.
_EXTENT = select(
    func.max(subscriber.c.last_slot).label("newest_slot"),
    func.min(subscriber.c.cursor_paper)
    .filter(subscriber.c.state == SubscriberState.ACTIVE)
    .label("least_read"),
    func.max(subscriber.c.cursor_paper).label("most_read"),
)

_MAILED = (SubscriberState.ACTIVE, SubscriberState.PENDING)
_CAME_AND_WENT = (departures.Word.UNSUBSCRIBED, departures.Word.REMOVED)


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

    async def extent(self) -> Extent:
        """How far they have come, in one pass over the table."""
        (row,) = await self._database.read(lambda connection: fetch(connection, _EXTENT))
        return Extent(row["newest_slot"], row["least_read"], row["most_read"] or PaperNumber(0))

    async def find(self, address: str) -> Subscriber | None:
        """By address, compared without case."""
        query = select(subscriber).where(subscriber.c.address_key == rows.address_key(address))
        found = await self._database.read(lambda connection: fetch(connection, query))
        return rows.subscriber(found[0]) if found else None

    async def add(self, who: Subscriber, *, again: bool = False) -> Subscriber:
        """Add him under an id of his own.

        Raises Refused if the address is known already, Suppressed if it is on that list or left.
        """
        try:
            given = await self._database.write(lambda c: _added(c, who, again=again))
        except IntegrityError:
            raise known_already() from None
        return replace(who, id=SubscriberId(given))

    async def change(self, who: Subscriber) -> Subscriber | None:
        """Write him if nobody changed him meanwhile. Nothing waits on for who leaves or pauses."""
        leaves = who.state is not SubscriberState.ACTIVE
        try:
            return await self._database.write(
                lambda connection: _changed(connection, who), must=leaves
            )
        except IntegrityError:
            raise known_already() from None


def _added(connection: Connection, who: Subscriber, *, again: bool) -> int:
    values = _values(connection, who)
    _refuse_gone(connection, values["address_hash"], who, again=again)
    statement = insert(subscriber).values(values).returning(subscriber.c.id)
    given: int = connection.execute(statement).scalar_one()
    return given


def _refuse_gone(connection: Connection, hash_: str, who: Subscriber, *, again: bool) -> None:
    """Raises Suppressed for one whom this ledger is too old to know, if he is to be mailed."""
    said = departures.last(connection, hash_)
    if said and who.state in _MAILED:
        if not (again and said.word in _CAME_AND_WENT):
            line = f"subscribers: left on {said.at.date()}, which this ledger is too old to know"
            raise Suppressed(line)
        departures.say(connection, hash_, departures.Word.BACK)
    departures.turned(connection, hash_, None, who.state)


def _changed(connection: Connection, who: Subscriber) -> Subscriber | None:
    """As written. Who only asked, and is on the list now without having confirmed, is new there.

    With new links, those that he confirmed by end as well.
    """
    query = select(subscriber).where(subscriber.c.id == who.id)
    before = [rows.subscriber(row) for row in fetch(connection, query.with_for_update())]
    was_pending = any(each.state is SubscriberState.PENDING for each in before)
    if was_pending and who.state is SubscriberState.ACTIVE:
        _refuse_gone(connection, hash_of(connection, who.address), who, again=False)
    after = written(connection, who)
    if after and after.epoch != before[0].epoch:
        sql_asks.end_links(connection, who)
    return after


def written(connection: Connection, who: Subscriber) -> Subscriber | None:
    """As written, if he was still of this version. Raises Suppressed, for who was erased too."""
    unchanged = (subscriber.c.id == who.id) & (subscriber.c.version == who.version)
    found = fetch(connection, select(subscriber).where(unchanged).with_for_update())
    if not found:
        return None
    if not found[0]["address_hash"]:  # his old mails still lead to the row
        raise Suppressed(f"subscribers: subscriber {who.id} was erased, and stays so")
    changed = replace(who, version=who.version + 1)
    if stands_back(rows.subscriber(found[0]), who):
        changed = replace(changed, held_over=(*who.held_over, *_taken_back(connection, who)))
    values = _values(connection, changed)
    connection.execute(update(subscriber).where(unchanged).values(values))
    his = delivery.c.subscriber == who.id
    if values["domain"] != found[0]["domain"]:
        connection.execute(update(delivery).where(his).values(domain=values["domain"]))
    if values["epoch"] != found[0]["epoch"]:  # else their links would be dead when they arrive
        waiting = his & delivery.c.state.in_(sorted(SUPERSEDABLE))
        connection.execute(update(delivery).where(waiting).values(epoch=values["epoch"]))
        sql_asks.close_moves(connection, who)
    before = rows.subscriber(found[0]).state
    departures.turned(connection, values["address_hash"], before, who.state)
    if who.state in departures.GONE:
        sql_asks.close(connection, who)
    return changed


def _values(connection: Connection, who: Subscriber) -> rows_digests.Values:
    """His row, unless he is to be mailed and the suppression list says never."""
    hash_ = hash_of(connection, who.address)
    reserve(connection, hash_)
    listed = entry(connection, hash_)
    if listed and who.state in _MAILED:
        raise Suppressed(
            f"subscribers: the address is on the suppression list ({listed.reason.value})"
        )
    return rows.subscriber_values(who) | {"address_hash": hash_}


def _taken_back(connection: Connection, who: Subscriber) -> list[Pick]:
    """Cancel what waits for him, and give the picks of what surely has not arrived.

    Who only pauses gets all that is no digest; who leaves, the answers to his mails.
    """
    states = SUPERSEDABLE if who.state is SubscriberState.ACTIVE else WAITING
    his = (delivery.c.subscriber == who.id) & delivery.c.state.in_(sorted(states))
    his &= delivery.c.kind.not_in([kind for kind in DeliveryKind if stays(kind, who.state)])
    query = select(delivery).where(his).order_by(delivery.c.id)
    waiting = fetch(connection, query.with_for_update())  # or it is claimed, and held over as well
    those = delivery.c.id.in_([row["id"] for row in waiting])  # what waits since is not among them
    connection.execute(
        update(delivery).where(those).values(state=DeliveryState.CANCELLED, due_at=None)
    )
    safe = [row for row in waiting if row["state"] in SUPERSEDABLE]
    digests = [rows_digests.out_of(rows_digests.digest, row, "row") for row in safe]
    return [pick for digest in digests for pick in digest.owed]


def known_already() -> Refused:
    """What is said to whoever is not the first with an address."""
    return Refused("subscribers: the address is on the list already; change that subscriber")
