"""F20, F21: the power goes during a day's run; what was not synced is gone, or there in part.

One run is recorded, a reader leaves in it and the others are mailed. From the record come the disks
that a power cut may leave at any moment, and the program is started on each.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.crash import mailed_day, recipients
from tests.crash.forked import ran
from tests.crash.powercut import TRACE, Call, Disk, calls, lay_out
from tests.crash.tracing import traced
from tests.smtpd import MailServer, Received
from worker.store.papers_tinydb import TinyPaperLog

LEFT = b"left\n"
STRICT = "only what was synced"


@dataclass(frozen=True, slots=True)
class Moment:
    """A disk that the power cut left, after so many calls; ``out`` are messages that had gone,
    ``left`` says whether the reader had been told that he has left.
    """

    number: int
    what: str
    files: dict[Path, bytes]
    out: int
    left: bool


async def recorded(folder: Path) -> tuple[list[Call], list[Received], Disk]:
    """A day's run under strace, and the disk as it was before."""
    await mailed_day.install(folder)
    await mailed_day.join(folder)
    before = Disk(folder)
    trace = folder.with_name("trace")
    async with MailServer() as server:
        work = (mailed_day.day_and_leaving, str(folder), server.port, 0)
        done = await ran(*work, said=folder.with_name("said"), strace=["-o", str(trace), *TRACE])
        assert done.code == os.EX_OK, done.said
        return list(calls(trace)), server.messages, before


def moments(recording: Sequence[Call], disk: Disk) -> list[Moment]:
    """Each different disk once."""
    found: dict[tuple[object, ...], Moment] = {}
    out, left = 0, False
    for number, call in enumerate(recording):
        out += call.is_dot
        left |= call.content == LEFT
        if not disk.play(call) and not call.is_dot and call.content != LEFT:
            continue
        for what, files in disk.states(number).items():
            moment = Moment(number, what, files, out, left)
            found.setdefault((*sorted(files.items()), out, left), moment)
    return list(found.values())


async def restarted(moment: Moment, folder: Path, sent: Sequence[Received]) -> None:
    """Start the program on that disk; nothing acknowledged is lost, and nobody has mail twice."""
    lay_out(moment.files, folder)
    for name in ("inbox", "archive", "rejected"):
        (folder / name).mkdir(exist_ok=True)
    asked = Path(shutil.copytree(folder, folder.with_name(f"{folder.name}.asked")))
    before = list(sent[: moment.out])
    twice = recipients.unrecorded(asked / "ledger.db", before)
    is_gone = state_of(asked / "ledger.db", mailed_day.LEAVES) == "unsubscribed"
    assert is_gone or not moment.left, "who was told that he has left has left"
    async with MailServer() as server:
        again = await ran(mailed_day.day, str(folder), server.port, 1, said=folder / "said")
        assert again.code == os.EX_OK, (moment.what, moment.number, again.said)
        expected = dict(mailed_day.EXPECTED)
        if not is_gone:
            expected[mailed_day.LEAVES] = mailed_day.EXPECTED["all@example.org"]
        recipients.check([*before, *server.messages], expected, twice)
    with closing(TinyPaperLog.open(folder / "papers.json", new_id="", create=False)) as log:
        assert (await log.end()).paper == 2, "a file that was moved away was taken in for good"
    shutil.rmtree(asked)
    shutil.rmtree(folder)


def state_of(ledger: Path, address: str) -> str:
    with closing(sqlite3.connect(ledger)) as book:
        query = "SELECT state FROM subscriber WHERE address = ?"
        (state,) = book.execute(query, (address,)).fetchone()
    return str(state)


async def power_cuts(tmp_path: Path, step: int) -> None:
    """The disks with only what was synced, and of the others every so many."""
    recording, sent, disk = await recorded(tmp_path / "installed")
    every = moments(recording, disk)
    assert len(every) > 100
    assert {moment.out for moment in every} == {0, 1, 2}
    free = asyncio.Semaphore(2)

    async def one(number: int, moment: Moment) -> None:
        async with free:
            await restarted(moment, tmp_path / str(number), sent)

    async with asyncio.TaskGroup() as group:
        for number, moment in enumerate(every):
            if number % step and moment.what != STRICT:
                continue
            group.create_task(one(number, moment))


@traced
async def test_whatever_disk_a_power_cut_leaves_the_day_goes_on_from_it(tmp_path: Path) -> None:
    await power_cuts(tmp_path, step=4)


@traced
@pytest.mark.nightly
async def test_every_disk_that_a_power_cut_may_leave_is_gone_on_from(tmp_path: Path) -> None:
    await power_cuts(tmp_path, step=1)
