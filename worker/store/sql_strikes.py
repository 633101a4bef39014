"""Strikes against an address, and the suppression that enough of them lead to."""

from __future__ import annotations

from sqlalchemy import Connection, insert, select

from worker.core.strikes import suppresses
from worker.deliveries import DeliveryId, Reason, Strike, Suppression
from worker.store import rows, sql_suppressions
from worker.store.engine import fetch
from worker.store.schema import delivery, strike, subscriber


def note(connection: Connection, of: DeliveryId, new: Strike) -> None:
    """Count it, once for each delivery and way (a full mailbox once a day), and draw the line."""
    query = (
        select(subscriber.c.id, subscriber.c.address, delivery.c.day)
        .join(subscriber, subscriber.c.id == delivery.c.subscriber)
        .where(delivery.c.id == of, subscriber.c.address_hash != "")  # nobody's, once erased
    )
    found = fetch(connection, query.with_for_update(of=subscriber))  # his strikes, one by one
    if not found:
        return
    whose = found[0]
    day = new.at.date() if new.via == "smtp" else whose["day"]
    known = select(strike.c.via).where(
        strike.c.delivery == of, strike.c.via == new.via, strike.c.day == day
    )
    if connection.scalar(known) is not None:
        return
    connection.execute(
        insert(strike).values(
            delivery=of,
            via=new.via,
            day=day,
            subscriber=whose["id"],
            at=new.at,
            points=new.points,
            reply=rows.storable(new.reply),
        )
    )
    so_far = fetch(connection, select(strike).where(strike.c.subscriber == whose["id"]))
    strikes = [Strike(row["at"], row["points"], row["via"], row["reply"]) for row in so_far]
    if suppresses(strikes, new.at):
        sql_suppressions.suppress(
            connection, Suppression(whose["address"], Reason.BOUNCES, new.at, new.reply)
        )
