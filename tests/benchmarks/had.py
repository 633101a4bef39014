"""How long planning asks who had what: ``python -m tests.benchmarks.had [SUBSCRIBERS] [DAYS]``.

Everybody was sent a digest of nine papers on each of these days; then five papers are listed once
more. It is told for papers of some days ago, as they are, and for papers of the first day, which is
the worst that there is.
"""

from __future__ import annotations

import asyncio
import random
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path

from sqlalchemy import Connection, insert, update

from tests.made import MONDAY, NOON, paper, pick, subscriber
from tests.store.ledgers import plan_for
from worker.deliveries import DeliveryState
from worker.model import PaperNumber, SubscriberId
from worker.store import rows
from worker.store.engine import Database, chunks, many
from worker.store.rows_digests import Values
from worker.store.schema import delivery
from worker.store.schema import paper as papers
from worker.store.schema import subscriber as people
from worker.store.sql import open_database
from worker.store.sql_ledger import SqlLedger

A_DAY = 50
IN_A_DIGEST = 9


async def filled(database: Database, count: int, days: int) -> None:
    """So many subscribers and days of digests, all of them sent."""
    await database.write(lambda connection: _fill(connection, count, days))


def _fill(connection: Connection, count: int, days: int) -> None:
    numbers = range(1, days * A_DAY + 1)
    many(connection, insert(papers), [rows.paper_values(paper(number)) for number in numbers])
    for some in chunks(range(1, count + 1)):
        many(connection, insert(people), list(_people(some)))
    for day in range(days):
        for some in chunks(range(1, count + 1)):
            many(connection, insert(delivery), list(_digests(some, day)))
    connection.execute(update(delivery).values(state=DeliveryState.SENT, due_at=None))


def _people(numbers: Sequence[int]) -> Iterator[Values]:
    for number in numbers:
        who = subscriber(address=f"r{number}@example.org", number=number)
        yield rows.subscriber_values(who) | {"id": number, "address_hash": f"{number:064x}"}


def _digests(numbers: Sequence[int], day: int) -> Iterator[Values]:
    listed = range(day * A_DAY + 1, day * A_DAY + A_DAY + 1)
    for number in numbers:
        chosen = random.Random(number * 100 + day).sample(listed, IN_A_DIGEST)
        picks = (pick(each, "neural operators", "diffusion AND video -survey") for each in chosen)
        on = MONDAY + timedelta(days=day)
        now = NOON + timedelta(days=day)
        plan = plan_for(subscriber(number=number), *picks, day=on, now=now)
        assert plan.digest
        yield rows.delivery_values(plan, plan.digest)


async def asked(ledger: SqlLedger, count: int, day: int) -> str:
    """What one answer took, about five papers of that day."""
    everyone = [SubscriberId(number) for number in range(1, count + 1)]
    wanted = [PaperNumber(day * A_DAY + 7 * n) for n in range(1, 6)]
    begun, worked = time.perf_counter(), time.process_time()
    had = await ledger.had(everyone, wanted, NOON + timedelta(days=day - 1))
    taken, worked = time.perf_counter() - begun, time.process_time() - worked
    return f"{taken:.2f} s, of the processor {worked:.2f} s; {len(had):,} had one"


async def main(count: int, days: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "ledger.db"
        async with open_database(path, create=True) as database:
            await filled(database, count, days)
            ledger = SqlLedger(database)
            print(f"{count:,} subscribers, {count * days:,} digests, {_size(path)} MB")
            for ago in (2, 7, days):
                print(f"papers of {ago} days ago: {await asked(ledger, count, days - ago)}")
            print(f"one subscriber, first day: {await asked(ledger, 1, 0)}")


def _size(path: Path) -> int:
    return sum(each.stat().st_size for each in path.parent.iterdir()) // 1_000_000


if __name__ == "__main__":
    given = [int(word) for word in sys.argv[1:]]
    asyncio.run(main(*(given or [10_000, 45])))
