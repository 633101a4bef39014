"""A day's run with a real mail server, killed or failed at the n-th system call, for n = 1, 2, 3 …

F2, F3, F8, F10, F11, F12: the fault comes once, at one call; then the run is started again. I1 to
I6 are checked after each. Which calls are counted is said by file, since strace counts those of
each thread by themselves: the ledger is written by one thread, the paper log by another.
"""

from __future__ import annotations

import asyncio
import errno
import os
import shutil
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.crash import mailed_day, recipients
from tests.crash.forked import Ran, ran, traced
from tests.smtpd import MailServer

AT_ONCE = 2
MOST = 400
"""Calls of one name that a run may make; far more than it does."""

LEDGER = ("ledger.db", "ledger.db-wal", "ledger.db-shm")
MONTH = f"archive/{mailed_day.DAY[:4]}/{mailed_day.DAY[5:7]}"
REST = (
    ".", "papers.json", ".papers.json.tmp", "papers.json.1", "papers.json.lock", "inbox",
    f"inbox/{mailed_day.DAY}.txt", f"inbox/{mailed_day.DAY}.txt.done", "archive", "archive/2025",
    MONTH, f"{MONTH}/{mailed_day.DAY}.txt",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Fault:
    """What happens at a call on these files, or, where none are named, of the main thread."""

    call: str
    what: str
    files: tuple[str, ...] = ()

    def options(self, folder: Path, number: int) -> list[str]:
        """For strace: the fault at the call of this number."""
        inject = f"inject={self.call}:{self.what}:when={number}"
        options = ["-o", os.devnull, "-e", f"trace={self.call}", "-e", inject]
        paths = [word for name in self.files for word in ("-P", str(folder / name).rstrip("/."))]
        return [*options, *(["-f", *paths] if self.files else [])]

    def __str__(self) -> str:
        where = self.files[0].partition(".")[0] or "files" if self.files else "socket"
        return f"{self.call}-{where}-{self.what.partition('=')[2]}"


KILL = "signal=SIGKILL"
FAULTS = (KILL, "error=EIO", "error=ENOSPC")
LONG = [Fault("pwrite64", what, LEDGER) for what in FAULTS]
SHORT = [
    *(Fault(call, what, LEDGER) for call in ("fdatasync", "ftruncate") for what in FAULTS),
    Fault("unlink", KILL, LEDGER),
    *(Fault(call, what, REST) for call in ("write", "fsync", "rename", "link") for what in FAULTS),
    *(Fault(call, what, REST) for call in ("mkdir", "unlink") for what in FAULTS),
    Fault("pwrite64", "error=EROFS", LEDGER),
    Fault("rename", "error=EROFS", REST),
    Fault("sendto", KILL),
    Fault("recvfrom", KILL),
    Fault("sendto", "error=EIO"),
    Fault("sendto", "error=ECONNRESET"),
]


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    folder = tmp_path / "installed"
    asyncio.run(mailed_day.install(folder))
    return folder


async def hurt(installed: Path, fault: Fault, number: int) -> Ran:
    """Run with the fault, run again without, check; gives how the first of the two ended."""
    folder = installed.with_name(f"{fault}-{number}")
    shutil.copytree(installed, folder)
    async with MailServer() as server:
        day = (mailed_day.day, str(folder), server.port)
        options = fault.options(folder, number)
        first = await ran(*day, 0, said=folder / "said", strace=options)
        after = shutil.copytree(folder, installed.with_name(f"{fault}-{number}-after"))
        twice = recipients.unrecorded(after / "ledger.db", server.messages)
        again = await ran(*day, 1, said=folder / "again")
        recipients.check(server.messages, mailed_day.EXPECTED, twice)
    assert again.code == os.EX_OK, again.said
    for said in (first.said, again.said):
        assert "@example.org" not in said
        assert "Traceback" not in said
    assert not any((folder / "inbox").glob("*.txt"))
    shutil.rmtree(after)
    shutil.rmtree(folder)
    return first


async def sweep(installed: Path, fault: Fault, step: int = 1) -> list[int]:
    """The fault at each call, a few runs at a time, until one run makes no such call any more."""
    codes: list[int] = []
    for start in range(1, MOST, AT_ONCE * step):
        numbers = [start + step * beside for beside in range(AT_ONCE)]
        async with asyncio.TaskGroup() as group:
            runs = [group.create_task(hurt(installed, fault, number)) for number in numbers]
        codes += [run.result().code for run in runs]
        print(fault, numbers, codes[-2:], [r.result().said.splitlines()[-1:] for r in runs])
        if start > 60: break
    return codes


@traced
@pytest.mark.parametrize("fault", SHORT + LONG, ids=str)
async def test_x(installed: Path, fault: Fault) -> None:
    await sweep(installed, fault)
