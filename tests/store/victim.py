"""Processes that are killed, and others that work on one ledger at the same time."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from itertools import count
from multiprocessing.connection import Connection
from pathlib import Path

from sqlalchemy import Engine, event

from tests.made import NOON, paper, pick
from tests.store.ledgers import Stores, on_sql, plan_for, settled
from worker.model import Cursor, PaperNumber, Refused, SubscriberState
from worker.store.engine import SqliteDatabase
from worker.store.migrate import upgrade
from worker.store.postgres_opening import open_postgres
from worker.store.server import Server
from worker.store.sql import open_database

Said = Callable[[object], None]


@asynccontextmanager
async def _opened(path: str, *, create: bool = False) -> AsyncIterator[Stores]:
    if path.startswith("postgres "):
        _, host, port, name = path.split()
        async with open_postgres(Server(host, int(port), name, "postgres")) as database:
            yield on_sql(database)
        return
    async with open_database(Path(path), create=create) as database:
        yield on_sql(database)


def serve(path: str, first: int, say: Connection) -> None:
    """Add people and send them their digests for ever, saying what is committed when it is."""
    asyncio.run(_serve(path, first, say.send))


async def _serve(path: str, first: int, say: Said) -> None:
    async with _opened(path) as store:
        for number in count(first):
            who = await store.join(number)
            say(("added", who.id))
            await store.ledger.plan([plan_for(who, pick(1))], [paper(1)])
            say(("planned", who.id))
            (claimed,) = await store.ledger.claim(NOON, 1)
            say(("claimed", claimed.subscriber))
            await store.ledger.settle([settled(claimed)])
            say(("sent", claimed.subscriber))


def begin(folder: str, say: Connection) -> None:
    """Make one ledger after the other for ever, saying each before and after."""
    asyncio.run(_begin(Path(folder), say.send))


async def _begin(folder: Path, say: Said) -> None:
    for number in count():
        path = folder / f"{number}.db"
        say(str(path))
        async with _opened(str(path), create=True):
            say("made")


def claim_all(path: str, say: Connection) -> None:
    """Claim one by one until nothing is due, then say what was claimed."""
    asyncio.run(_claim_all(path, say.send))


async def _claim_all(path: str, say: Said) -> None:
    async with _opened(path) as store:
        claimed = []
        while taken := await store.ledger.claim(NOON, 1):
            claimed += [each.id for each in taken]
        say(claimed)


def read_on(path: str, address: str, times: int, say: Connection) -> None:
    """Move one subscriber's cursor on that often, each time from where it is, and say so."""
    asyncio.run(_read_on(path, address, times, say.send))


async def _read_on(path: str, address: str, times: int, say: Said) -> None:
    async with _opened(path) as store:
        done = 0
        while done < times:
            (who,) = [await store.subscribers.find(address)]
            assert who is not None
            onward = replace(who, cursor=Cursor(PaperNumber(who.cursor.paper + 1)))
            done += await store.subscribers.change(onward) is not None
        say(done)


def leave_and_die(path: str, address: str, say: Connection) -> None:
    """Unsubscribe somebody, and be killed when all is done but the commit."""
    asyncio.run(_leave_and_die(path, address, say.send))


async def _leave_and_die(path: str, address: str, say: Said) -> None:
    async with _opened(path) as store:
        who = await store.subscribers.find(address)
        assert who is not None

        def die(_: object) -> None:
            say("about to commit")
            os.kill(os.getpid(), signal.SIGKILL)

        event.listen(Engine, "commit", die)
        await store.subscribers.change(replace(who, state=SubscriberState.UNSUBSCRIBED))


def migrate_and_die(path: str, say: Connection) -> None:
    """Run every migration, and be killed before the commit."""
    asyncio.run(_migrate_and_die(Path(path), say.send))


async def _migrate_and_die(path: Path, say: Said) -> None:
    database = SqliteDatabase(path, patience=1)

    def work(connection: object) -> None:
        upgrade(connection)  # type: ignore[arg-type]  # a Connection, which Database hands in
        say("migrated")
        os.kill(os.getpid(), signal.SIGKILL)

    await database.write(work)


def bring_up_to_date(path: str) -> int:
    """Open the ledger, which migrates it; gives the exit code, as the command would."""
    try:
        asyncio.run(_bring_up_to_date(path))
    except Refused as refused:
        sys.stderr.write(f"paperround: {refused}\n")
        return refused.exit_code
    return os.EX_OK


async def _bring_up_to_date(path: str) -> None:
    async with _opened(path):
        pass
