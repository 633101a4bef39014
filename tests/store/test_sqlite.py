"""What the ledger's SQLite file stands, and what it refuses in one line."""

from __future__ import annotations

import os
import random
import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest

from tests.made import subscriber
from tests.store.ledgers import make
from worker.deliveries import DeliveryState
from worker.model import Refused
from worker.store.engine import SqliteDatabase
from worker.store.sql import open_ledger


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "ledger.db"


async def refusal(path: Path, *, create: bool = False) -> Refused:
    """The line with which this file is refused; nothing about it changes."""
    before = path.read_bytes() if path.is_file() else None
    with pytest.raises(Refused) as refused:
        async with open_ledger(path, create=create):
            pass
    assert (path.read_bytes() if path.is_file() else None) == before
    assert str(path) in str(refused.value)
    assert "\n" not in str(refused.value)
    return refused.value


# --- opening ----------------------------------------------------------------


async def test_a_new_ledger_is_for_its_owner_only(path: Path) -> None:
    umask = os.umask(0)
    try:
        async with open_ledger(path, create=True) as (subscribers, _):
            await subscribers.add(subscriber())
            files = sorted(path.parent.iterdir())
            modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in files}
    finally:
        os.umask(umask)
    assert modes == {"ledger.db": 0o600, "ledger.db-shm": 0o600, "ledger.db-wal": 0o600}
    assert [file.name for file in path.parent.iterdir()] == ["ledger.db"]


async def test_a_folder_with_an_odd_name_holds_a_ledger_too(tmp_path: Path) -> None:
    path = tmp_path / "100 % näive?mode=memory#x" / "ledger.db"
    path.parent.mkdir()
    await make(path, people=1)
    async with open_ledger(path) as (subscribers, _):
        assert len(await subscribers.everyone()) == 1


async def test_what_was_written_is_there_when_it_is_opened_again(path: Path) -> None:
    await make(path, people=3)
    async with open_ledger(path) as (subscribers, ledger):
        assert len(await subscribers.everyone()) == 3
        assert (await ledger.counts())["planned"] == 3


async def test_every_connection_waits_for_the_disk_and_minds_foreign_keys(path: Path) -> None:
    await make(path)
    database = SqliteDatabase(path, patience=2.5)
    pragmas = ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
    values = await database.read(
        lambda c: [c.exec_driver_sql(f"PRAGMA {pragma}").scalar() for pragma in pragmas]
    )
    await database.close()
    assert values == ["wal", 2, 1, 2500]


async def test_a_missing_ledger_is_only_begun_when_asked(path: Path) -> None:
    assert (await refusal(path)).exit_code == os.EX_NOINPUT
    assert list(path.parent.iterdir()) == []


async def test_a_journal_that_lost_its_ledger_is_not_played_into_a_new_one(path: Path) -> None:
    path.with_name("ledger.db-wal").write_bytes(b"rest of another ledger")
    assert "ledger.db-wal" in str(await refusal(path, create=True))
    assert not path.exists()


async def test_an_empty_file_is_never_taken_for_an_empty_ledger(path: Path) -> None:
    """F17."""
    path.touch()
    assert "empty" in str(await refusal(path, create=True))


@pytest.mark.parametrize("content", [b"<html>", b"SQLite format 2\0" + bytes(500)])
async def test_what_is_no_sqlite_file_is_refused(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    assert (await refusal(path, create=True)).exit_code == os.EX_DATAERR


async def test_a_folder_in_its_place_is_refused(path: Path) -> None:
    path.mkdir()
    await refusal(path, create=True)


async def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    refused = await refusal(tmp_path / "none" / "ledger.db", create=True)
    assert refused.exit_code == os.EX_CANTCREAT


async def test_the_database_of_another_program_is_refused(path: Path) -> None:
    with closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE bookmark (url TEXT)")
    with closing(sqlite3.connect(path)) as other:
        other.execute("PRAGMA journal_mode=WAL")  # as ours is: refusing it must change nothing
    assert (await refusal(path, create=True)).exit_code == os.EX_DATAERR


async def test_a_ledger_from_a_newer_program_is_refused(path: Path) -> None:
    """F18."""
    await make(path, people=1)
    with closing(sqlite3.connect(path)) as newer, newer:
        newer.execute("UPDATE alembic_version SET version_num = '9999'")
    refused = await refusal(path)
    assert refused.exit_code == os.EX_DATAERR
    assert "newer" in str(refused)


async def test_every_damaged_page_is_refused_or_does_no_harm(path: Path) -> None:
    """F16: a page of noise anywhere ends in one line or changes nothing, never in a traceback.

    Bytes flipped inside of a text cannot be known: SQLite keeps no checksum.
    """
    await make(path, people=40)
    whole = path.read_bytes()
    refused = 0
    for start in range(0, len(whole), 4096):
        noise = random.Random(start).randbytes(4096)
        path.write_bytes(whole[:start] + noise + whole[start + 4096 :])
        refused += await _is_refused(path)
    assert refused >= 0.9 * len(whole) / 4096


@pytest.mark.parametrize("step", [127, pytest.param(3, marks=pytest.mark.nightly)])
async def test_no_flipped_byte_ends_in_a_traceback(path: Path, step: int) -> None:
    """F16, at every so many bytes: each kind of page and of cell is hit."""
    await make(path, people=10)
    whole = path.read_bytes()
    for place in range(0, len(whole), step):
        if whole[place]:
            path.write_bytes(whole[:place] + bytes([whole[place] ^ 0xFF]) + whole[place + 1 :])
            await _is_refused(path)


async def _is_refused(path: Path) -> bool:
    """Whether opening or reading it ends in a Refused; any other exception is raised."""
    path.with_name("ledger.db-wal").unlink(missing_ok=True)
    path.with_name("ledger.db-shm").unlink(missing_ok=True)
    try:
        async with open_ledger(path) as (subscribers, ledger):
            await subscribers.everyone()
            await ledger.deliveries(DeliveryState)
    except Refused:
        return True
    return False


@pytest.mark.parametrize(
    ("table", "column"),
    [
        ("subscriber", "rules"),
        ("subscriber", "schedule"),
        ("subscriber", "created_at"),
        ("delivery", "picks"),
        ("delivery", "receipt"),
        ("delivery", "day"),
        ("paper_as_planned", "document"),
    ],
)
@pytest.mark.parametrize("rubbish", ["'{\"reader@example.org'", "cast(x'ff40fe' AS TEXT)"])
async def test_a_row_that_cannot_be_read_is_refused_and_not_quoted(
    path: Path, table: str, column: str, rubbish: str
) -> None:
    await make(path, people=1)
    with closing(sqlite3.connect(path)) as hand, hand:
        hand.execute(f"UPDATE {table} SET {column} = {rubbish}")  # noqa: S608  # our own words
    async with open_ledger(path) as (subscribers, ledger):
        with pytest.raises(Refused) as refused:
            _ = await subscribers.everyone(), await ledger.deliveries(DeliveryState)
    assert "@" not in str(refused.value)
    assert refused.value.__suppress_context__
