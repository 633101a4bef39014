"""What the ledger says when the disk, a lock or a task fails it, and what it keeps."""

from __future__ import annotations

import asyncio
import os
import shutil
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import insert

from tests.made import MONDAY, NOON, paper, pick, subscriber
from tests.store.ledgers import Stores, database_of, listening, make, plan_for, settled, stores
from worker.model import Refused
from worker.ports import Subscribers
from worker.store import schema
from worker.store.engine import SqliteDatabase
from worker.store.rows import subscriber_values
from worker.store.sql import open_ledger


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "ledger.db"


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Stores]:
    async with stores("sqlite", tmp_path) as opened:
        yield opened


async def test_a_lock_that_somebody_keeps_is_waited_for_and_then_said(path: Path) -> None:
    await make(path)
    async with open_ledger(path, patience=0.05) as (subscribers, ledger):
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(Refused, match="locked") as refused:
                await ledger.adopt("log")
            assert await subscribers.everyone() == []  # readers need no lock
        assert refused.value.exit_code == os.EX_TEMPFAIL
        await ledger.adopt("log")


@pytest.mark.parametrize(
    ("pragma", "word", "exit_code"),
    [("max_page_count=1", "full", os.EX_TEMPFAIL), ("query_only=1", "written", os.EX_TEMPFAIL)],
)
async def test_a_disk_that_takes_nothing_more_is_said_in_one_line(
    path: Path, pragma: str, word: str, exit_code: int
) -> None:
    """F8, F12: reading goes on, and writing does as soon as there is room."""
    await make(path, people=1)

    def restrict(connection: sqlite3.Connection, _: object) -> None:
        connection.execute(f"PRAGMA {pragma}")

    with listening("connect", restrict):
        async with open_ledger(path) as (subscribers, ledger):
            with pytest.raises(Refused, match=word) as refused:
                await _fill(subscribers)
            before = await subscribers.everyone()
            assert (await ledger.counts())["planned"] == 1
    assert refused.value.exit_code == exit_code
    assert "@" not in str(refused.value)
    async with open_ledger(path) as (subscribers, _):
        assert await subscribers.everyone() == before
        await subscribers.add(subscriber(number=999))


async def _fill(subscribers: Subscribers) -> None:
    for number in range(2, 200):
        await subscribers.add(subscriber("x" * 4000, address=f"{number}@a", number=number))


async def test_a_ledger_that_goes_while_open_is_not_begun_anew(path: Path) -> None:
    await make(path)
    async with open_ledger(path):
        shutil.move(path, path.with_name("gone.db"))
        with pytest.raises(Refused):
            await SqliteDatabase(path, patience=1).read(lambda c: c.exec_driver_sql("SELECT 1"))
    assert not path.exists()


async def test_plans_that_name_a_paper_nobody_gave_are_not_committed(store: Stores) -> None:
    first, second = await store.join(1), await store.join(2)
    plans = [plan_for(first, pick(1)), plan_for(second, pick(2))]
    with pytest.raises(ValueError, match=r"\[\(2, 1\)\]"):
        await store.ledger.plan(plans, [paper(1)])
    assert await store.subscribers.everyone() == [first, second]
    assert await store.every_delivery() == []


async def test_a_reply_of_whatever_characters_is_noted_with_the_others(store: Stores) -> None:
    people = [await store.join(n) for n in (1, 2)]
    await store.ledger.plan([plan_for(who, pick(1)) for who in people], [paper(1)])
    first, second = await store.ledger.claim(NOON, 2)
    odd = replace(settled(first), reply="550 \udcff\0 no")
    await store.ledger.settle([odd, settled(second)])
    assert [each.reply for each in await store.every_delivery()] == ["550 ?  no", "250 2.0.0 taken"]


async def test_a_task_that_is_cancelled_leaves_nothing_behind(path: Path, store: Stores) -> None:
    who = await store.join()
    begun, loop = asyncio.Event(), asyncio.get_running_loop()

    def note(_: object, __: object, statement: str, *___: object) -> None:
        if statement == "BEGIN IMMEDIATE":
            loop.call_soon_threadsafe(begun.set)

    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with listening("before_cursor_execute", note):
            planning = asyncio.create_task(store.ledger.plan([plan_for(who, pick(1))], [paper(1)]))
            await begun.wait()
            planning.cancel()
            with pytest.raises(asyncio.CancelledError):
                await planning
    await store.ledger.adopt("log")  # writers queue up: what was begun before has ended by now
    assert await store.every_delivery() == []
    assert await store.now(who) == who


async def test_more_plans_than_a_statement_may_name_are_planned_claimed_and_settled(
    store: Stores,
) -> None:
    template = await store.join(1)
    values = [
        subscriber_values(subscriber(number=n, address=f"{n}@a")) | {"address_hash": f"{n}"}
        for n in range(2, 2502)
    ]
    await database_of(store).write(lambda c: c.execute(insert(schema.subscriber), values))
    everyone = await store.subscribers.everyone()
    plans = [plan_for(who, pick(1)) for who in everyone]
    assert await store.ledger.plan(plans, [paper(1)]) == plans
    claimed = await store.ledger.claim(NOON, len(plans) + 1)
    assert len(claimed) == len(plans) == 2501
    await store.ledger.settle([settled(each) for each in claimed])
    assert (await store.ledger.counts())["sent"] == 2501
    assert (await store.now(template)).last_slot == MONDAY
