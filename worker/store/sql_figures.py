"""How it goes, in numbers, counted in SQL."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any, Final, TypeVar

from sqlalchemy import ColumnElement, Connection, and_, bindparam, func, select

from worker.asks import AskState
from worker.core.plan import OUTSTANDING
from worker.deliveries import DeliveryKind, DeliveryState, Reason
from worker.figures import MOST_READ, Figures, Queue, Read
from worker.model import SubscriberState
from worker.store import rows
from worker.store.engine import Database, fetch
from worker.store.schema import UtcDateTime, ask, attempt, delivery, subscriber, suppression

What = TypeVar("What")

_SINCE: Final = bindparam("since", type_=UtcDateTime)
_NUMBER: Final = func.count().label("number")


def _by_day(at: ColumnElement[Any], what: ColumnElement[Any]) -> Any:
    """How many there are of each day, in UTC, as instants are kept and given; and of what."""
    day = func.date(at)
    counted = select(day.label("day"), what.label("what"), _NUMBER)
    return counted.where(at >= _SINCE).group_by(day, what)


def _planned(*kinds: DeliveryKind) -> ColumnElement[bool]:
    """Deliveries of those kinds. All states are named, as the index begins with them: of what was
    planned before, nothing is read then.
    """
    return and_(delivery.c.state.in_(list(DeliveryState)), delivery.c.kind.in_(kinds))


_DIGESTS = _by_day(delivery.c.planned_at, delivery.c.state).where(_planned(DeliveryKind.DIGEST))
_OTHERS = (
    select(delivery.c.kind, _NUMBER)
    .where(_planned(*(kind for kind in DeliveryKind if kind is not DeliveryKind.DIGEST)))
    .where(delivery.c.planned_at >= _SINCE)
    .group_by(delivery.c.kind)
)
_ATTEMPTS = _by_day(attempt.c.at, attempt.c.state).where(attempt.c.state != DeliveryState.SENT)
_SUPPRESSIONS = _by_day(suppression.c.at, suppression.c.reason)
_ASKS = _by_day(ask.c.at, ask.c.state).where(ask.c.domain != "")  # those that were heard

_SUBSCRIBERS = select(subscriber.c.state, _NUMBER).group_by(subscriber.c.state)

_OUTSTANDING = delivery.c.state.in_(sorted(OUTSTANDING))
_QUEUE = (
    select(delivery.c.state, _NUMBER, func.count().filter(delivery.c.held).label("held"))
    .where(_OUTSTANDING)
    .group_by(delivery.c.state)
)
_OLDEST = select(func.min(func.coalesce(delivery.c.waiting_since, delivery.c.planned_at))).where(
    delivery.c.due_at.is_not(None)
)

_RULES = select(subscriber.c.id, subscriber.c.rules).where(
    subscriber.c.state == SubscriberState.ACTIVE
)


class SqlStatistics:
    """The port ``Statistics`` on a SQL database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def figures(self, since: datetime) -> Figures:
        """All of them, of one moment."""
        return await self._database.read(lambda connection: _figures(connection, since))


def _figures(connection: Connection, since: datetime) -> Figures:
    def days(query: Any, what: Callable[[str], What]) -> Mapping[tuple[date, What], int]:
        found = fetch(connection, query, {"since": since})
        return {(_day(row["day"]), what(row["what"])): row["number"] for row in found}

    states = fetch(connection, _SUBSCRIBERS)
    others = fetch(connection, _OTHERS, {"since": since})
    return Figures(
        subscribers={SubscriberState(row["state"]): row["number"] for row in states},
        digests=days(_DIGESTS, DeliveryState),
        others={DeliveryKind(row["kind"]): row["number"] for row in others},
        attempts=days(_ATTEMPTS, DeliveryState),
        suppressions=days(_SUPPRESSIONS, Reason),
        asks=days(_ASKS, AskState),
        queue=_queue(connection),
        rules=_rules(connection),
    )


def _day(value: date | str) -> date:
    """SQLite has no type for it."""
    return date.fromisoformat(value) if isinstance(value, str) else value


def _queue(connection: Connection) -> Queue:
    found = fetch(connection, _QUEUE)
    numbers = {row["state"]: row["number"] for row in found}
    return Queue(
        waiting=numbers.get(DeliveryState.PLANNED, 0),
        deferred=numbers.get(DeliveryState.DEFERRED, 0),
        sending=numbers.get(DeliveryState.SENDING, 0),
        uncertain=numbers.get(DeliveryState.UNCERTAIN, 0),
        held=sum(row["held"] for row in found),
        since=connection.scalar(_OLDEST),
    )


def _rules(connection: Connection) -> tuple[Read, ...]:
    """Rules are JSON, so that they are counted here: each once for who has it twice."""
    readers: Counter[str] = Counter()
    for row in fetch(connection, _RULES):
        readers.update(rows.queries_of(row))
    most = sorted(readers.items(), key=lambda each: (-each[1], each[0]))
    return tuple(Read(query, number) for query, number in most[:MOST_READ])
