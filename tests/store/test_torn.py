"""F15, F16: journals torn at any byte, and bits that flip.

What a checksum covers is read as it was at some commit, or refused: the paper log as a whole
(``test_storage.py``), the ledger's journal frame by frame. The pages of the ledger have none:
SQLite cannot tell a letter that flipped inside of a text; but nobody is mailed for it who has left.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from tests.store.days import everything, take_in_day
from tests.store.ledgers import stores
from worker.model import Refused, SubscriberState
from worker.store.papers_tinydb import TinyPaperLog
from worker.store.sql import open_ledger

JOINED = 4
_HEADER = 32
_FRAME = 24 + 4096


async def journal(folder: Path) -> tuple[Path, list[list[str]]]:
    """A copy of a ledger whose journal holds every commit, and what it said after each of them."""
    torn = folder / "torn"
    torn.mkdir()
    async with stores("sqlite", folder) as store:
        said = [told(folder / "ledger.db")]
        for number in range(1, JOINED + 1):
            await store.join(number)
            said.append(told(folder / "ledger.db"))
        for name in ("ledger.db", "ledger.db-wal"):
            shutil.copy(folder / name, torn / name)
    return torn / "ledger.db", said


def told(path: Path) -> list[str]:
    """Read it, and leave the journal where it is."""
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as book:
        query = "SELECT address FROM subscriber ORDER BY id"
        return [address for (address,) in book.execute(query)]


def commits_read(path: Path, said: list[list[str]], wals: Iterable[bytes]) -> list[int]:
    """How many commits are read with each of these journals. Fails if what is read never was."""
    wal, found = path.with_name(f"{path.name}-wal"), []
    for content in wals:
        wal.write_bytes(content)
        path.with_name(f"{path.name}-shm").unlink(missing_ok=True)
        found.append(said.index(told(path)))
    return found


async def cut_short(folder: Path, step: int) -> None:
    path, said = await journal(folder)
    whole = path.with_name("ledger.db-wal").read_bytes()
    sizes = [*range(0, len(whole), step), len(whole)]
    read = commits_read(path, said, (whole[:size] for size in sizes))
    assert read == sorted(read), "the longer the journal, the more of it is read"
    assert (read[0], read[-1]) == (0, JOINED)


async def test_a_journal_cut_short_is_read_up_to_its_last_whole_commit(tmp_path: Path) -> None:
    await cut_short(tmp_path, step=197)


@pytest.mark.nightly
async def test_a_journal_cut_short_at_every_byte_is_too(tmp_path: Path) -> None:
    await cut_short(tmp_path, step=1)


async def flipped(folder: Path, step: int) -> None:
    path, said = await journal(folder)
    whole = path.with_name("ledger.db-wal").read_bytes()
    places = range(0, len(whole), step)
    read = commits_read(path, said, (flip(whole, place) for place in places))
    frames = [max(0, place - _HEADER) // _FRAME for place in places]
    starts = (whole[: _HEADER + frame * _FRAME] for frame in range(frames[-1] + 1))
    before = commits_read(path, said, starts)
    assert read == [before[frame] for frame in frames], "it ends before the frame that is flipped"


def flip(content: bytes, place: int) -> bytes:
    return content[:place] + bytes([content[place] ^ 0x10]) + content[place + 1 :]


async def test_a_flipped_bit_in_the_journal_ends_it_there(tmp_path: Path) -> None:
    await flipped(tmp_path, step=211)


@pytest.mark.nightly
async def test_a_bit_flipped_in_any_byte_of_the_journal_ends_it_there(tmp_path: Path) -> None:
    await flipped(tmp_path, step=1)


async def test_no_flipped_byte_brings_back_who_has_left(tmp_path: Path) -> None:
    """I4: whatever it does to the word that says so, the ledger is refused or says it still."""
    path = tmp_path / "ledger.db"
    async with stores("sqlite", tmp_path) as store:
        who = await store.join(1)
        await store.subscribers.change(replace(who, state=SubscriberState.UNSUBSCRIBED))
    whole, word = path.read_bytes(), SubscriberState.UNSUBSCRIBED.encode()
    row = whole.rindex(word, 0, whole.rindex(who.address.encode()) + 400)
    for place in range(row - 2, row + len(word) + 2):
        for bits in (0x01, 0x20, 0xFF):
            path.write_bytes(whole[:place] + bytes([whole[place] ^ bits]) + whole[place + 1 :])
            assert not await is_active(path)


async def is_active(path: Path) -> bool:
    try:
        async with open_ledger(path) as (subscribers, _):
            everyone = await subscribers.everyone()
            return any(who.state is SubscriberState.ACTIVE for who in everyone)
    except Refused:
        return False


async def test_a_torn_temporary_file_of_the_paper_log_is_never_looked_at(tmp_path: Path) -> None:
    """F15: at every length the log is as it was, and the next day is taken in."""
    path = tmp_path / "papers.json"
    with closing(TinyPaperLog.open(path, new_id="log", create=True)) as log:
        await take_in_day(log, 1)
        before = await everything(log)
    whole = path.read_bytes()
    for size in range(0, len(whole) + 1, 41):
        path.with_name(".papers.json.tmp").write_bytes(whole[:size])
        with closing(TinyPaperLog.open(path, new_id="", create=False)) as log:
            assert await everything(log) == before
    with closing(TinyPaperLog.open(path, new_id="", create=False)) as log:
        await take_in_day(log, 1)
    assert not path.with_name(".papers.json.tmp").exists()
