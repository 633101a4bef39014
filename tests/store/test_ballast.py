"""The room that is kept for what must be written, on a disk that is really full (F8)."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Connection, insert, select, update

from tests.disks import disk, fill
from tests.made import NOON, paper, pick, subscriber
from tests.store.ledgers import Stores, database_of, plan_for, settled, stores
from worker.deliveries import DeliveryState
from worker.model import Refused, Subscriber, SubscriberState
from worker.store import schema
from worker.store.ballast import NAME, SIZE, Ballast
from worker.store.rows import subscriber_values

PEOPLE = 300


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Path]:
    with disk(tmp_path / "disk", "size=6m") as folder:
        yield folder


@asynccontextmanager
async def populated(folder: Path) -> AsyncIterator[tuple[Stores, list[Subscriber]]]:
    """A ledger of many people, and its ballast."""
    async with stores("sqlite", folder) as store:
        everyone = [subscriber(number=n, address=f"{n}@a") for n in range(PEOPLE)]
        rows = [subscriber_values(who) | {"address_hash": who.address} for who in everyone]
        await database_of(store).write(lambda c: c.execute(insert(schema.subscriber), rows))
        Ballast(folder).take()
        yield store, list(await store.subscribers.everyone())


def left(who: Subscriber) -> Subscriber:
    return replace(who, state=SubscriberState.UNSUBSCRIBED)


async def test_everybody_may_leave_while_the_disk_is_full(small: Path) -> None:
    async with populated(small) as (store, people):
        filler = fill(small)
        with pytest.raises(Refused, match="full"):
            await joined_by_many(store)
        await all_leave(store, people)
        assert not Ballast(small).is_whole(), "it was needed"
        filler.unlink()
        one = await store.join(1000)
        await store.subscribers.change(left(one))
        assert Ballast(small).is_whole(), "and is there again"
    async with stores("sqlite", small) as again:
        states = {who.id: who.state for who in await again.subscribers.everyone()}
    assert {states[who.id] for who in people} == {SubscriberState.UNSUBSCRIBED}


async def all_leave(store: Stores, people: list[Subscriber]) -> None:
    for who in people:
        assert await store.subscribers.change(left(who)) is not None


async def joined_by_many(store: Stores) -> None:
    for number in range(2000, 2200):
        await store.join(number)


async def test_what_was_sent_is_noted_while_the_disk_is_full(small: Path) -> None:
    async with populated(small) as (store, people):
        await store.ledger.plan([plan_for(who, pick(1)) for who in people], [paper(1)])
        claimed = await store.ledger.claim(NOON, PEOPLE)
        fill(small)
        for delivery in claimed:
            await store.ledger.settle([settled(delivery)])
        assert {one.state for one in await store.every_delivery()} == {DeliveryState.SENT}


async def test_nobody_who_only_looks_takes_the_room_while_another_needs_it(small: Path) -> None:
    async with populated(small) as (store, _):
        database, kept = database_of(store), list[bool]()
        trying, looked = threading.Event(), threading.Event()

        def work(connection: Connection) -> None:
            kept.append(Ballast(small).is_whole())
            if len(kept) == 2:  # the first try found the disk full
                trying.set()
                looked.wait(0.5)
                kept.append(Ballast(small).is_whole())
            connection.execute(update(schema.subscriber).values(rules=f'["{"x" * 500}"]'))

        fill(small)
        writing = asyncio.create_task(database.write(work, must=True))
        await asyncio.to_thread(trying.wait, 20)
        await database.read(lambda connection: connection.scalar(select(schema.subscriber.c.id)))
        looked.set()
        await writing
        assert kept == [True, False, False]


async def test_nothing_is_claimed_with_the_room_that_is_kept(small: Path) -> None:
    """So that sending stops before the dot: what is not recorded as under way does not leave."""
    async with populated(small) as (store, people):
        await store.ledger.plan([plan_for(who, pick(1)) for who in people], [paper(1)])
        fill(small)
        with pytest.raises(Refused, match="full"):
            await claimed_one_by_one(store)
        assert Ballast(small).is_whole()


async def claimed_one_by_one(store: Stores) -> None:
    for _ in range(PEOPLE):
        await store.ledger.claim(NOON, 1)


async def test_a_ledger_that_is_opened_on_a_full_disk_lets_people_leave(small: Path) -> None:
    async with populated(small) as (_, people):
        pass
    fill(small)
    async with stores("sqlite", small) as store:
        assert await store.subscribers.change(left(people[0])) is not None


async def test_without_ballast_a_full_disk_is_said_in_one_line(small: Path) -> None:
    async with populated(small) as (store, people):
        Ballast(small).give_up()
        fill(small)
        with pytest.raises(Refused, match="full"):
            await all_leave(store, people)


def test_the_ballast_is_real_room_and_only_for_its_owner(tmp_path: Path) -> None:
    Ballast(tmp_path).take()
    status = (tmp_path / NAME).stat()
    assert (status.st_size, status.st_mode & 0o777) == (SIZE, 0o600)
    assert status.st_blocks * 512 >= SIZE
    assert Ballast(tmp_path).give_up()
    assert not Ballast(tmp_path).give_up()


def test_a_folder_that_cannot_be_written_has_no_ballast_and_no_fault(tmp_path: Path) -> None:
    Ballast(tmp_path / "none").take()
    assert not Ballast(tmp_path / "none").is_whole()
    assert not Ballast(tmp_path / "none").give_up()
