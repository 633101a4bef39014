"""What strangers ask for on the site, in SQL."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, bindparam, func, insert, select

from worker.asks import Ask, Asked, AskState, Limits, Notice, Scope
from worker.core.limits import ALIKE, exceeded, limited, moves_too_often, only, unheard
from worker.model import Subscriber, SubscriberId
from worker.store import rows_asks, sql_forgetting, sql_joining
from worker.store.engine import Database, fetch
from worker.store.schema import UtcDateTime
from worker.store.schema import ask as asks

_NEAR = select(asks.c.at, asks.c.address_trace, asks.c.network_trace, asks.c.domain).where(
    asks.c.at.between(bindparam("begin", type_=UtcDateTime), bindparam("end", type_=UtcDateTime))
)
_ALIKE: Final = {
    Scope.ALL: _NEAR.where(asks.c.domain != ""),
    Scope.ADDRESS: _NEAR.where(asks.c.address_trace == bindparam("trace")),
    Scope.NETWORK: _NEAR.where(asks.c.network_trace == bindparam("trace")),
    Scope.DOMAIN: _NEAR.where(asks.c.domain == bindparam("trace")),
}
"""Those that count together with an ask, by what they have in common."""

_WITH_FORM = select(asks.c.number).where(asks.c.form == bindparam("form"))


class SqlSignups:
    """The port ``Signups`` on a SQL database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def ask(self, ask: Ask, limits: Limits) -> Scope | None:
        """Note it, unless a limit is reached: then that one is given."""
        return await self._database.write(lambda connection: _noted(connection, ask, limits))

    async def waiting(self, limit: int) -> Sequence[Ask]:
        """Up to ``limit`` asks that nobody acted on yet, the oldest first."""
        new = asks.c.state == AskState.NEW
        query = select(asks).where(new).order_by(asks.c.at, asks.c.number).limit(limit)
        return await self._database.read(
            lambda connection: [rows_asks.ask(row) for row in fetch(connection, query)]
        )

    async def admit(
        self, ask: Ask, notices: Sequence[Notice] = (), joining: Subscriber | None = None
    ) -> bool:
        """Act on a new ask: add who joins, plan the mails."""
        return await self._database.write(
            lambda connection: sql_joining.admit(connection, ask, notices, joining)
        )

    async def find(self, number: int) -> Ask | None:
        """The ask of that number."""
        query = select(asks).where(asks.c.number == number)
        found = await self._database.read(lambda connection: fetch(connection, query))
        return rows_asks.ask(found[0]) if found else None

    async def confirm(self, ask: Ask, who: Subscriber, at: datetime) -> Subscriber | None:
        """Write who confirmed it, as he is to be, and that he did."""
        return await self._database.write(
            lambda connection: sql_joining.confirm(connection, ask, who, at)
        )

    async def consents(self, subscriber: SubscriberId) -> Sequence[Ask]:
        """What he confirmed, the oldest first."""
        his = (asks.c.subscriber == subscriber) & asks.c.confirmed_at.is_not(None)
        query = select(asks).where(his).order_by(asks.c.at, asks.c.number)
        return await self._database.read(
            lambda connection: [rows_asks.ask(row) for row in fetch(connection, query)]
        )

    async def forget(self, now: datetime) -> int:
        """Forget asks that nobody confirmed in time, and all that was kept for them only."""
        return await self._database.write(lambda connection: sql_forgetting.forget(connection, now))


def _noted(connection: Connection, ask: Ask, limits: Limits) -> Scope | None:
    _one_after_the_other(connection)
    if connection.scalar(_WITH_FORM, {"form": ask.form}) is not None:
        return None
    met = _met(connection, ask, limits)
    noted = ask if met is None else unheard(ask, met)
    if noted is not None:
        connection.execute(insert(asks).values(rows_asks.ask_values(noted)))
    return met


def _met(connection: Connection, ask: Ask, limits: Limits) -> Scope | None:
    for scope, trace in ALIKE.items():
        recent = _recent(connection, ask, scope, trace(ask.traces), limits)
        if exceeded(ask.traces, ask.at, recent, only(limits, scope)):
            return scope
    if ask.mover is not None and moves_too_often(ask.at, _moves(connection, ask.mover), limits):
        return Scope.ADDRESS
    return None


def _moves(connection: Connection, mover: int) -> list[datetime]:
    return [row["at"] for row in fetch(connection, select(asks.c.at).where(asks.c.mover == mover))]


def _one_after_the_other(connection: Connection) -> None:
    """Until this is committed nobody else asks. SQLite's writers queue up anyhow."""
    if connection.dialect.name == "postgresql":
        lock = func.pg_advisory_xact_lock(func.hashtextextended("paperround ask", 0))
        connection.execute(select(lock))


def _recent(
    connection: Connection, ask: Ask, scope: Scope, trace: str, limits: Limits
) -> list[Asked]:
    """Those that the limits on that count: no more than they let in, so one after the other is
    little work, and the least for a site that is closed.
    """
    within = [limit.within for limit in limited(limits, scope)]
    if not within or not trace:
        return []
    near = {"begin": ask.at - max(within), "end": ask.at + max(within)}
    asked = near if scope is Scope.ALL else near | {"trace": trace}
    return [rows_asks.asked(row) for row in fetch(connection, _ALIKE[scope], asked)]
