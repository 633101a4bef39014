"""Who was sent what: looked for in the digests themselves, as nothing else is kept of it."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date, datetime

from sqlalchemy import ColumnElement, Connection, func, or_, select

from worker.deliveries import DeliveryKind, DeliveryState
from worker.model import PaperNumber, PaperVersion, SubscriberId
from worker.sightings import Had
from worker.store import rows_digests, sql_plan
from worker.store.engine import BATCH, fetch
from worker.store.schema import delivery

_SENT = (DeliveryState.SENT, DeliveryState.UNCERTAIN)

Whose = tuple[SubscriberId, PaperNumber]


def had(
    connection: Connection,
    subscribers: Collection[SubscriberId],
    papers: Collection[PaperNumber],
    since: datetime,
) -> dict[Whose, Had]:
    """Which of these were sent which of these papers first, in digests planned since then."""
    firsts: dict[Whose, tuple[date, PaperVersion]] = {}
    for whose, day, which in _found(connection, subscribers, papers, since):
        firsts.setdefault(whose, (day, which))
    kept = sql_plan.stored(connection, {which for _, which in firsts.values()})
    return {whose: Had(day, kept[which]) for whose, (day, which) in firsts.items()}


def _found(
    connection: Connection,
    subscribers: Collection[SubscriberId],
    papers: Collection[PaperNumber],
    since: datetime,
) -> Iterator[tuple[Whose, date, PaperVersion]]:
    if not subscribers or not papers:
        return
    query = (
        select(delivery.c.id, delivery.c.subscriber, delivery.c.day, delivery.c.picks)
        .where(delivery.c.state.in_(_SENT), delivery.c.kind == DeliveryKind.DIGEST)
        .where(delivery.c.planned_at >= since, _naming(connection, papers))
        .order_by(delivery.c.id)
    )
    if len(subscribers) <= BATCH:
        query = query.where(delivery.c.subscriber.in_(sorted(subscribers)))
    of, wanted = frozenset(subscribers), frozenset(papers)
    for row in fetch(connection, query):
        if row["subscriber"] in of:
            for pick in rows_digests.picks_of(row):
                if pick.paper in wanted:
                    yield (row["subscriber"], pick.paper), row["day"], pick.which


def _naming(connection: Connection, papers: Collection[PaperNumber]) -> ColumnElement[bool]:
    """Whether picks may name one of these, as ``rows_digests.picks_text`` writes them.

    Told by their text, in the database: to read the picks of all that was sent in a month would
    take minutes. Where a rule's name has the same signs, reading them tells.
    """
    place = func.strpos if connection.dialect.name == "postgresql" else func.instr
    return or_(*(place(delivery.c.picks, f"[{number},[") > 0 for number in sorted(papers)))
