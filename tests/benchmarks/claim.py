"""How long one claim takes: ``python -m tests.benchmarks.claim [DELIVERIES]``.

Everybody has a digest that is due, and the first half of them are of one domain. What counts is the
ratio of a claim that avoids that domain to one that avoids nothing: the milliseconds are those of
the machine.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from collections.abc import Awaitable, Iterator, Sequence
from pathlib import Path

from sqlalchemy import Connection, insert, select, update

from tests.made import NOON, paper, pick, subscriber
from tests.store.ledgers import plan_for
from worker.store import rows
from worker.store.engine import Database, chunks, many
from worker.store.rows_digests import Values
from worker.store.schema import delivery
from worker.store.schema import paper as papers
from worker.store.schema import subscriber as people
from worker.store.sql import open_database
from worker.store.sql_ledger import SqlLedger
from worker.store.sql_subscribers import SqlSubscribers

CLAIMS = 50
PICKS = tuple(pick(1, "a rule", "another") for _ in range(9))


async def filled(database: Database, count: int) -> None:
    """So many subscribers, each with a digest that is due: those of ``slow.org`` come first."""
    await database.write(lambda connection: _fill(connection, count))


def _fill(connection: Connection, count: int) -> None:
    many(connection, insert(papers), [rows.paper_values(paper(1))])
    for numbers in chunks(range(1, count + 1)):
        many(connection, insert(people), list(_people(numbers, count // 2)))
        many(connection, insert(delivery), list(_digests(numbers)))
    whose = select(people.c.domain).where(people.c.id == delivery.c.subscriber)
    connection.execute(update(delivery).values(domain=whose.scalar_subquery()))


def _people(numbers: Sequence[int], slow: int) -> Iterator[Values]:
    for number in numbers:
        domain = "slow.org" if number <= slow else f"d{number % 500}.org"
        who = subscriber(address=f"r{number}@{domain}", number=number)
        yield rows.subscriber_values(who) | {"id": number, "address_hash": f"{number:064x}"}


def _digests(numbers: Sequence[int]) -> Iterator[Values]:
    for number in numbers:
        plan = plan_for(subscriber(number=number), *PICKS)
        assert plan.digest
        yield rows.delivery_values(plan, plan.digest)


async def claims(ledger: SqlLedger, *avoid: str) -> float:
    """Milliseconds for one claim."""
    begun = time.perf_counter()
    for _ in range(CLAIMS):
        assert len(await ledger.claim(NOON, 1, avoid)) == 1
    return (time.perf_counter() - begun) / CLAIMS * 1000


async def asked(question: Awaitable[object]) -> float:
    """Milliseconds for one answer."""
    begun = time.perf_counter()
    await question
    return (time.perf_counter() - begun) * 1000


async def main(count: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        async with open_database(Path(folder) / "ledger.db", create=True) as database:
            await filled(database, count)
            ledger, subscribers = SqlLedger(database), SqlSubscribers(database)
            plain, avoiding = await claims(ledger), await claims(ledger, "slow.org")
            everyone = await asked(subscribers.everyone())
            extent = await asked(subscribers.extent())
    print(f"{count:,} deliveries, one claim: {plain:.2f} ms")
    print(f"past {count // 2:,} avoided: {avoiding:.2f} ms ({avoiding / plain:.1f}x)")
    print(f"everyone: {everyone:.0f} ms, their extent: {extent:.1f} ms ({everyone / extent:.0f}x)")


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000))
