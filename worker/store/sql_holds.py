"""Breakers, and what the operator holds back, retries and drops, in SQL."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, delete, insert, select, update

from worker.core.plan import WAITING
from worker.deliveries import Brake, Breaker, DeliveryId, DeliveryState
from worker.store import rows, rows_kept
from worker.store.engine import Database, chunks, fetch
from worker.store.schema import breaker, delivery


class SqlHolds:
    """The port ``Holds`` on a SQL database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def breakers(self) -> Sequence[Breaker]:
        """All that are known, by name."""
        query = select(breaker).order_by(breaker.c.brake, breaker.c.name)
        return await self._database.read(
            lambda connection: [rows_kept.breaker(row) for row in fetch(connection, query)]
        )

    async def open(self, new: Breaker) -> None:
        """Remember it, in place of what was known."""
        values = {
            "brake": new.brake.value,
            "name": new.name,
            "since": new.since,
            "until": new.until,
            "failures": new.failures,
            "reply": rows.storable(new.reply),
            "ours": new.ours,
        }

        def replaced(connection: Any) -> None:
            connection.execute(delete(breaker).where(_is(new.brake, new.name)))
            connection.execute(insert(breaker).values(values))

        await self._database.write(replaced)

    async def close(self, brake: Brake, name: str) -> bool:
        """Forget it."""
        statement = delete(breaker).where(_is(brake, name))
        return await self._database.write(lambda c: c.execute(statement).rowcount > 0)

    async def hold(self, ids: Iterable[DeliveryId]) -> Sequence[DeliveryId]:
        """Keep these back."""
        return await self._change(ids, delivery.c.held.is_(False), {"held": True})

    async def release(self, ids: Iterable[DeliveryId]) -> Sequence[DeliveryId]:
        """Keep them back no longer."""
        return await self._change(ids, delivery.c.held.is_(True), {"held": False})

    async def retry(self, ids: Iterable[DeliveryId], now: datetime) -> Sequence[DeliveryId]:
        """Let them be due now."""
        return await self._change(ids, delivery.c.held.is_(False), {"due_at": now})

    async def drop(self, ids: Iterable[DeliveryId], now: datetime) -> Sequence[DeliveryId]:
        """Cancel them."""
        cancelled = {"state": DeliveryState.CANCELLED, "due_at": None, "settled_at": now}
        return await self._change(ids, delivery.c.state.in_(sorted(WAITING)), cancelled)

    async def _change(
        self, ids: Iterable[DeliveryId], where: ColumnElement[bool], values: Mapping[str, object]
    ) -> Sequence[DeliveryId]:
        """Those of the deliveries that wait and are so, changed."""
        named = sorted(ids)
        waits = delivery.c.state.in_(sorted(WAITING)) & where
        statement = update(delivery).values(dict(values)).returning(delivery.c.id)

        def changed(connection: Any) -> list[DeliveryId]:
            found = (
                fetch(connection, statement.where(delivery.c.id.in_(some), waits))
                for some in chunks(named)
            )
            return sorted(row["id"] for each in found for row in each)

        return await self._database.write(changed)


def _is(brake: Brake, name: str) -> ColumnElement[bool]:
    return (breaker.c.brake == brake.value) & (breaker.c.name == name)
