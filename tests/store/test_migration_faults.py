"""F19: a migration that is killed, or whose disk fails it, at any system call.

The ledger is of the first version or of the newest, never of both, and opens by itself.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import create_engine

from tests.crash.forked import ran
from tests.crash.tracing import traced
from tests.store import victim
from tests.store.ledgers import make, stores
from worker.deliveries import Delivery, DeliveryState
from worker.model import Subscriber
from worker.store import migrate

MOST = 300
Contents = tuple[list[Subscriber], list[Delivery]]


async def contents(folder: Path) -> Contents:
    async with stores("sqlite", folder) as store:
        everyone = list(await store.subscribers.everyone())
        return everyone, list(await store.ledger.deliveries(DeliveryState))


def schema_of(path: Path) -> list[tuple[str, str]]:
    """The tables and indexes, and the version that they claim to be."""
    with closing(sqlite3.connect(path)) as book:
        tables = book.execute("SELECT name, sql FROM sqlite_master ORDER BY name").fetchall()
        return [*tables, *book.execute("SELECT 'version', version_num FROM alembic_version")]


def make_first(path: Path, newest: Path) -> None:
    """A ledger of the first version, with what is in the newest one."""
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        config = migrate._config()
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
    engine.dispose()
    with closing(sqlite3.connect(path)) as book, book:
        book.execute("PRAGMA journal_mode=WAL")
        book.execute("ATTACH ? AS newest", (str(newest),))
        for table in ("subscriber", "delivery"):
            names = ", ".join(row[1] for row in book.execute(f"PRAGMA table_info({table})"))
            book.execute(f"INSERT INTO {table} ({names}) SELECT {names} FROM newest.{table}")  # noqa: S608  # our own words
        book.execute("INSERT INTO paper SELECT number, document FROM newest.paper_as_planned")
        book.execute("UPDATE delivery SET picks = replace(picks, ',1]]', ']]')")


@pytest.fixture
async def first(tmp_path: Path) -> Path:
    folder = tmp_path / "first"
    folder.mkdir()
    await make(tmp_path / "newest.db", people=10)
    make_first(folder / "ledger.db", tmp_path / "newest.db")
    return folder


async def hurt(first: Path, call: str, what: str, number: int) -> tuple[int | None, Path]:
    """Migrate with the fault at that call; gives how it ended, None if there was no such call."""
    folder = first.with_name(f"{call}-{number}")
    shutil.copytree(first, folder)
    trace, ledger = folder.with_name(f"{folder.name}.trace"), folder / "ledger.db"
    paths = [word for end in ("", "-wal", "-shm") for word in ("-P", f"{ledger}{end}")]
    inject = ["-e", f"trace={call}", "-e", f"inject={call}:{what}:when={number}"]
    options = ["-f", "-o", str(trace), *inject, *paths]
    said = folder.with_name(f"{folder.name}.said")
    done = await ran(victim.bring_up_to_date, str(ledger), said=said, strace=options)
    assert "Traceback" not in done.said
    assert "@example.org" not in done.said
    happened = done.code < 0 or "INJECTED" in trace.read_text()
    return (done.code if happened else None), folder


@traced
@pytest.mark.parametrize(
    ("call", "what", "ends"),
    [
        ("pwrite64", "signal=SIGKILL", {-signal.SIGKILL}),
        ("fdatasync", "signal=SIGKILL", {-signal.SIGKILL}),
        ("pwrite64", "error=ENOSPC", {os.EX_OK, os.EX_TEMPFAIL}),
        ("fdatasync", "error=EIO", {os.EX_OK, os.EX_IOERR}),
    ],
)
async def test_whatever_befalls_a_migration_the_ledger_is_of_one_version(
    first: Path, call: str, what: str, ends: set[int]
) -> None:
    async def look(folder: Path) -> None:
        copy = shutil.copytree(folder, folder.with_name(f"{folder.name}.copy"))
        assert schema_of(Path(copy) / "ledger.db") in (old, new)
        assert await contents(folder) == kept

    old = schema_of(first / "ledger.db")
    whole = Path(shutil.copytree(first, first.with_name("whole")))
    kept, new = await contents(whole), schema_of(whole / "ledger.db")
    assert old != new
    assert len(kept[0]) == len(kept[1]) == 10
    for number in range(1, MOST, 2):
        both = await asyncio.gather(*(hurt(first, call, what, number + n) for n in (0, 1)))
        for code, folder in both:
            assert code is None or code in ends
            await look(folder)
        if None in (code for code, _ in both):
            break
    assert number > 1, "it was hurt at least once"
