"""The record of every delivery, in SQL."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, and_, func, select

from worker.deliveries import Delivery, DeliveryState, Plan, Settlement
from worker.model import Cursor, Paper, PaperNumber, PaperVersion, SubscriberId
from worker.sightings import Had
from worker.store import sql_adopt, sql_attempts, sql_had, sql_plan
from worker.store.engine import Database, fetch
from worker.store.schema import delivery


class SqlLedger:
    """The ports ``Ledger`` and ``Binding`` on a SQL database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def paper_log(self) -> str | None:
        """The id of the paper log that the cursors belong to, None before the first."""
        return await self._database.read(sql_adopt.paper_log)

    async def adopt(self, log_id: str, end: Cursor | None = None) -> None:
        """Remember that log. With ``end``, every subscriber's cursor moves there."""
        await self._database.write(lambda connection: sql_adopt.adopt(connection, log_id, end))

    async def expected(self) -> int | None:
        """The number of the last intake that the log was about to write; None if never told."""
        return await self._database.read(sql_adopt.expected)

    async def expect(self, intake: int) -> None:
        """Remember, before it is written, that the log is about to write this intake."""
        await self._database.write(lambda connection: sql_adopt.expect(connection, intake))

    async def skip(self, end: Cursor) -> None:
        """Mail nothing of what came up to ``end``, in one transaction."""
        await self._database.write(lambda connection: sql_adopt.skip(connection, end))

    async def deliveries(
        self,
        states: Iterable[DeliveryState],
        subscriber: SubscriberId | None = None,
        since: datetime | None = None,
    ) -> Sequence[Delivery]:
        """The deliveries in these states, oldest first; those planned ``since`` then, if told."""
        wanted: list[ColumnElement[bool]] = [delivery.c.state.in_(list(states))]
        if subscriber is not None:
            wanted.append(delivery.c.subscriber == subscriber)
        if since is not None:
            wanted.append(delivery.c.planned_at >= since)
        return await self._database.read(
            lambda connection: sql_attempts.deliveries(connection, and_(*wanted))
        )

    async def plan(self, plans: Sequence[Plan], papers: Sequence[Paper]) -> Sequence[Plan]:
        """Commit in one transaction the plans that still hold, and give those."""
        return await self._database.write(
            lambda connection: sql_plan.commit(connection, plans, papers)
        )

    async def claim(
        self, now: datetime, limit: int, avoid: Collection[str] = ()
    ) -> Sequence[Delivery]:
        """Take up to ``limit`` that are due as ``sending``: what is awaited, then longest due."""
        return await self._database.write(
            lambda connection: sql_attempts.claim(connection, now, limit, avoid)
        )

    async def settle(self, settlements: Sequence[Settlement]) -> None:
        """Note what became of attempts, in one transaction. Only ``sending`` rows are touched."""
        await self._database.write(
            lambda connection: sql_attempts.settle(connection, settlements), must=True
        )

    async def papers(self, wanted: Iterable[PaperVersion]) -> Mapping[PaperVersion, Paper]:
        """Those of these papers that were ever planned in that version."""
        named = set(wanted)
        return await self._database.read(lambda connection: sql_plan.stored(connection, named))

    async def versions(self, papers: Collection[PaperNumber]) -> Sequence[Paper]:
        """Every version of these papers that was ever planned, the first ones first."""
        return await self._database.read(lambda connection: sql_plan.versions(connection, papers))

    async def had(
        self,
        subscribers: Collection[SubscriberId],
        papers: Collection[PaperNumber],
        since: datetime,
    ) -> Mapping[tuple[SubscriberId, PaperNumber], Had]:
        """Which of these were sent which of these papers, in digests planned ``since`` then."""
        return await self._database.read(
            lambda connection: sql_had.had(connection, subscribers, papers, since)
        )

    async def counts(self) -> Mapping[str, int]:
        """How many deliveries are in each state, every state named."""
        query = select(delivery.c.state, func.count().label("number")).group_by(delivery.c.state)
        found = await self._database.read(lambda connection: fetch(connection, query))
        numbers = {row["state"]: row["number"] for row in found}
        return {state.value: numbers.get(state.value, 0) for state in DeliveryState}
