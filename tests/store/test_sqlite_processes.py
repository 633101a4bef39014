"""Several processes on one ledger, and processes that are killed."""

from __future__ import annotations

import asyncio
import random
import signal
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.crash.forked import PROCESSES
from tests.made import subscriber
from tests.store import victim
from tests.store.ledgers import make, plan_for
from worker.deliveries import DeliveryState
from worker.model import SubscriberId
from worker.store.sql import open_ledger


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "ledger.db"


@contextmanager
def _running(work: Callable[..., None], *arguments: object) -> Iterator[tuple[Any, Any]]:
    """A process at this work, and the end of the pipe where it says what it has done."""
    hear, say = PROCESSES.Pipe(duplex=False)
    process = PROCESSES.Process(target=work, args=(*map(_plain, arguments), say))
    process.start()
    say.close()
    try:
        yield process, hear
    finally:
        process.kill()
        process.join()
        process.close()
        hear.close()


def _plain(argument: object) -> object:
    return str(argument) if isinstance(argument, Path) else argument


def _heard(pipe: Any) -> Iterator[Any]:
    """All that is still said before the pipe ends."""
    while True:
        try:
            yield pipe.recv()
        except (EOFError, OSError):
            return


async def test_no_kill_loses_what_was_acknowledged(path: Path) -> None:
    """F1, F15, F24, I1-I3: each time the ledger opens by itself, whole and unlocked."""
    await make(path)
    chance = random.Random(15)
    acknowledged: set[tuple[str, SubscriberId]] = set()
    for round_ in range(15):
        with _running(victim.serve, path, 1 + 1000 * round_) as (process, said):
            for _ in range(chance.randrange(1, 40)):
                acknowledged.add(said.recv())
            process.kill()
            acknowledged |= set(_heard(said))
        await _check(path, acknowledged)
    assert len(acknowledged) > 15 * 5


async def _check(path: Path, acknowledged: set[tuple[str, SubscriberId]]) -> None:
    async with open_ledger(path, patience=0.05) as (subscribers, ledger):
        everyone = {who.id: who for who in await subscribers.everyone()}
        deliveries = {each.subscriber: each for each in await ledger.deliveries(DeliveryState)}
        await ledger.adopt("log")  # the lock of whoever was killed has gone with him
    states = {
        "planned": set(DeliveryState),
        "claimed": {DeliveryState.SENDING, DeliveryState.SENT},
        "sent": {DeliveryState.SENT},
    }
    for what, who in acknowledged:
        assert who in everyone
        assert what == "added" or deliveries[who].state in states[what]
    for who, subscriber_ in everyone.items():
        assert (who in deliveries) == (subscriber_.last_slot is not None)


async def test_a_ledger_whose_making_was_killed_is_not_there_at_all(tmp_path: Path) -> None:
    """I3: there is no moment at which a half-made ledger has its name."""
    for kill_after in (1, 2, 3, 4, 5):
        folder = tmp_path / str(kill_after)
        folder.mkdir()
        with _running(victim.begin, folder) as (process, said):
            for _ in range(kill_after):
                said.recv()
            process.kill()
            made = sum(word == "made" for word in _heard(said)) + kill_after // 2
        ledgers = sorted(folder.glob("*.db"))
        assert len(ledgers) >= made
        for path in ledgers:
            async with open_ledger(path) as (subscribers, _):
                assert await subscribers.everyone() == []


async def test_no_two_processes_claim_the_same_delivery(path: Path) -> None:
    await make(path, people=120)
    with (
        _running(victim.claim_all, path) as (_, one),
        _running(victim.claim_all, path) as (_, other),
    ):
        claimed = [*one.recv(), *other.recv()]
    assert len(claimed) == len(set(claimed)) == 120


async def test_two_processes_lose_no_update_of_each_other(path: Path) -> None:
    """F23: 2 x 200 changes of one subscriber, each made from the newest version."""
    await make(path, people=1)
    address = "reader1@example.org"
    with (
        _running(victim.read_on, path, address, 200) as (_, one),
        _running(victim.read_on, path, address, 200) as (_, other),
    ):
        assert (one.recv(), other.recv()) == (200, 200)
    async with open_ledger(path) as (subscribers, _):
        who = await subscribers.find(address)
        assert who is not None
        assert who.cursor.paper == plan_for(who).cursor.paper + 400


async def test_two_processes_may_begin_the_ledger_at_once(path: Path) -> None:
    async def begin(number: int) -> None:
        async with open_ledger(path, create=True) as (subscribers, _):
            await subscribers.add(subscriber(address=f"{number}@example.org", number=number))

    await asyncio.gather(*(begin(n) for n in range(4)))
    async with open_ledger(path) as (subscribers, _):
        assert len(await subscribers.everyone()) == 4
    assert [file.name for file in path.parent.iterdir()] == ["ledger.db"]


def test_a_migration_killed_before_its_commit_never_was(path: Path) -> None:
    """F19: DDL is inside the transaction."""
    path.touch()
    with _running(victim.migrate_and_die, path) as (process, said):
        assert said.recv() == "migrated"
        process.join()
        assert process.exitcode == -signal.SIGKILL
    with closing(sqlite3.connect(path)) as left:
        assert left.execute("SELECT count(*) FROM sqlite_master").fetchone() == (0,)
