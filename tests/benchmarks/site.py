"""How long the ledger takes for the site: ``python -m tests.benchmarks.site [PEOPLE] [DAYS]``.

Everybody had a digest on each of so many days, tried once; as many asks as the limits let in were
noted today, and everybody is on the list because he once confirmed one.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path

from sqlalchemy import Connection, insert

from tests.benchmarks.claim import PICKS
from tests.made import MONDAY, NOON, paper, subscriber
from tests.store.asking import NO_LIMITS, ask
from tests.store.ledgers import plan_for
from worker.asks import Ask, AskState, Limits, Traces
from worker.deliveries import DeliveryState
from worker.model import SubscriberId, SubscriberState
from worker.store import rows, rows_asks
from worker.store.engine import Database, chunks, many
from worker.store.rows_digests import Values
from worker.store.schema import ask as asks
from worker.store.schema import attempt, delivery
from worker.store.schema import paper as papers
from worker.store.schema import subscriber as people
from worker.store.sql import open_database
from worker.store.sql_figures import SqlStatistics
from worker.store.sql_signups import SqlSignups
from worker.store.sql_subscribers import SqlSubscribers

TIMES = 50
DAY = timedelta(days=1)
RULES = [f"topic{number} (video OR image) -survey" for number in range(5000)]
A_DAY = 2400
"""Asks that the limit in all lets in within a day."""


async def filled(database: Database, count: int, days: int) -> None:
    """So many subscribers with a digest a day, sent but for each hundredth, and their asks."""
    await database.write(_fill_papers)
    for numbers in chunks(range(1, count + 1)):
        await database.write(partial(_fill, numbers, days))
    today = [ask(10**9 + n, at=NOON - n * DAY / A_DAY) for n in range(1, A_DAY)]
    await database.write(lambda c: many(c, insert(asks), [*map(rows_asks.ask_values, today)]))


def _fill_papers(connection: Connection) -> None:
    many(connection, insert(papers), [rows.paper_values(paper(1))])


def _fill(numbers: Sequence[int], days: int, connection: Connection) -> None:
    many(connection, insert(people), list(_people(numbers)))
    many(connection, insert(asks), [rows_asks.ask_values(_confirmed(each)) for each in numbers])
    digests = list(_digests(numbers, days))
    many(connection, insert(delivery), digests)
    tried = [each | {"delivery": each["id"]} for each in digests]
    many(connection, insert(attempt), [_attempt(each) for each in tried])


def _people(numbers: Sequence[int]) -> Iterator[Values]:
    for number in numbers:
        mine = [RULES[number * step % len(RULES)] for step in range(1, 6)]
        who = subscriber(*mine, address=f"r{number}@d{number % 500}.org", number=number)
        yield rows.subscriber_values(who) | {"id": number, "address_hash": f"{number:064x}"}


def _digests(numbers: Sequence[int], days: int) -> Iterator[Values]:
    for number in numbers:
        for past in range(days):
            at = NOON - past * DAY
            plan = plan_for(subscriber(number=number), *PICKS, day=MONDAY - past * DAY, now=at)
            assert plan.digest
            state = DeliveryState.FAILED if number % 100 == 0 else DeliveryState.SENT
            values = rows.delivery_values(plan, plan.digest)
            yield values | {"id": number * days + past, "state": state.value, "due_at": None}


def _attempt(of: Values) -> Values:
    reply = "250 2.0.0 Ok: queued as 4Ff3hJ2bY5z1Qk"
    return {
        "delivery": of["id"], "at": of["planned_at"], "state": of["state"], "server": "mx:587",
        "reply": reply,
    }  # fmt: skip


def _confirmed(number: int) -> Ask:
    at = NOON - 40 * DAY + number * timedelta(seconds=30)
    bare = replace(ask(number, at=min(at, NOON - DAY)), wanted=None, address="")
    return replace(bare, state=AskState.CONFIRMED, subscriber=SubscriberId(number), confirmed_at=at)


async def tell(what: str, ask_: Callable[[int], Awaitable[object]], times: int = TIMES) -> None:
    """Print the milliseconds that one answer takes, and how many of them it is computed."""
    begun, used = time.perf_counter(), time.process_time()
    for number in range(times):
        await ask_(number)
    spent, used = time.perf_counter() - begun, time.process_time() - used
    print(f"{what}: {spent / times * 1000:.2f} ms ({used / times * 1000:.2f} ms computed)")


def fresh(number: int, minutes: float = 0) -> Ask:
    """An ask that has nothing in common with any other."""
    new = ask(2 * 10**9 + number, at=NOON + minutes * timedelta(minutes=1))
    return replace(new, traces=Traces(f"a{number}", f"n{number}", f"d{number}"))


async def main(count: int, days: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        async with open_database(Path(folder) / "ledger.db", create=True) as database:
            await filled(database, count, days)
            signups, statistics = SqlSignups(database), SqlStatistics(database)
            people_ = SqlSubscribers(database)
            room = replace(Limits(), all=())
            print(f"{count:,} people, {count * days:,} deliveries, {A_DAY:,} asks today")
            await tell("ask, the site being closed", lambda n: signups.ask(fresh(n), Limits()))
            await tell("ask, noted", lambda n: signups.ask(fresh(n, 1), room))
            await tell("ask, without limits", lambda n: signups.ask(fresh(100 + n), NO_LIMITS))
            await tell("find", lambda n: signups.find(n + 1))
            await tell("asked", lambda n: signups.consents(SubscriberId(n + 1)))
            await tell("waiting", lambda n: signups.waiting(20))
            await tell("leaving", lambda n: _leaves(people_, n))
            for since in (1, days, 30):
                ask_ = partial(_figures, statistics, since)
                await tell(f"figures of {since} days", ask_, 3)
            await tell("forget", lambda n: signups.forget(NOON), 3)


async def _figures(statistics: SqlStatistics, days: int, _: int) -> None:
    await statistics.figures(NOON - days * DAY)


async def _leaves(people_: SqlSubscribers, number: int) -> None:
    who = await people_.find(f"r{number + 1}@d{(number + 1) % 500}.org")
    assert who
    assert await people_.change(replace(who, state=SubscriberState.UNSUBSCRIBED))


if __name__ == "__main__":
    asyncio.run(main(*map(int, sys.argv[1:] or ("100000", "10"))))
