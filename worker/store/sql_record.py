"""Every attempt there was, read from SQL."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select

from worker.core.quota import minute
from worker.deliveries import Attempt, DeliveryId, DeliveryState, HandedOver
from worker.store import rows_kept
from worker.store.engine import Database, fetch
from worker.store.schema import attempt, delivery, subscriber

_WENT = (DeliveryState.SENT.value, DeliveryState.UNCERTAIN.value)


class SqlRecord:
    """The port ``Record`` on a SQL database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def attempts(self, of: DeliveryId) -> Sequence[Attempt]:
        """Those at this delivery, oldest first."""
        query = select(attempt).where(attempt.c.delivery == of).order_by(attempt.c.id)
        return await self._database.read(
            lambda connection: [rows_kept.attempt(row) for row in fetch(connection, query)]
        )

    async def handed_over(self, since: datetime) -> Sequence[HandedOver]:
        """What became, or may have become, a server's since then."""
        query = (
            select(attempt.c.server, attempt.c.at, subscriber.c.domain)
            .join(delivery, delivery.c.id == attempt.c.delivery)
            .join(subscriber, subscriber.c.id == delivery.c.subscriber)
            .where(attempt.c.at >= since, attempt.c.server != "", attempt.c.state.in_(_WENT))
        )
        found = await self._database.read(lambda connection: fetch(connection, query))
        counts = Counter((row["server"], row["domain"], minute(row["at"])) for row in found)
        return [
            HandedOver(server, domain, at, count)
            for (server, domain, at), count in sorted(counts.items())
        ]
