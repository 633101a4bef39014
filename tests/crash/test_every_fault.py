"""A day's run with a real mail server, killed or failed at the n-th system call, for n = 1, 2, 3 …

F2, F3, F8, F10, F11, F12: the fault comes once, at one call; then the run is started again. I1 to
I6 are checked after each. Which calls are counted is said by file, since strace counts those of
each thread by themselves: ledger, paper log and inbox are each written by a thread of their own.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.crash import mailed_day, recipients
from tests.crash.forked import ran
from tests.crash.tracing import traced
from tests.smtpd import MailServer

AT_ONCE = 2
MOST = 400
"""Calls of one name that a run may make; far more than it does."""

LEDGER = ("ledger.db", "ledger.db-wal", "ledger.db-shm")
MONTH = f"archive/{mailed_day.DAY[:4]}/{mailed_day.DAY[5:7]}"
LOG = (".", "papers.json", ".papers.json.tmp", "papers.json.1", "papers.json.lock")
INBOX = (
    "inbox", f"inbox/{mailed_day.DAY}.txt", f"inbox/{mailed_day.DAY}.txt.done",
    "archive", "archive/2025", MONTH, f"{MONTH}/{mailed_day.DAY}.txt",
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
        options = ["-o", f"{folder}.trace", "-e", f"trace={self.call}", "-e", inject]
        paths = [word for name in self.files for word in ("-P", str(folder / name).rstrip("/."))]
        return [*options, *(["-f", *paths] if self.files else [])]

    def __str__(self) -> str:
        where = {LEDGER: "ledger", LOG: "log", INBOX: "inbox"}.get(self.files, "socket")
        return f"{self.call}-{where}-{self.what.partition('=')[2]}"


KILL = "signal=SIGKILL"
FAULTS = (KILL, "error=EIO", "error=ENOSPC")
SHORT = [
    *(Fault(call, what, LEDGER) for call in ("fdatasync", "ftruncate") for what in FAULTS),
    Fault("unlink", KILL, LEDGER),
    *(Fault(call, what, LOG) for call in ("write", "fsync", "rename", "link") for what in FAULTS),
    *(Fault(call, what, INBOX) for call in ("fsync", "rename", "mkdir") for what in FAULTS),
    Fault("rename", "error=EROFS", LOG),
    Fault("sendto", KILL),
    Fault("sendto", "error=ECONNRESET"),
]
LONG = [
    *(Fault("pwrite64", what, LEDGER) for what in FAULTS),
    Fault("openat", KILL, LOG),
    Fault("openat", KILL, INBOX),
    Fault("recvfrom", KILL),
]


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    folder = tmp_path / "installed"
    asyncio.run(mailed_day.install(folder))
    return folder


async def hurt(installed: Path, fault: Fault, number: int) -> int | None:
    """Run with the fault, run again without, check; None if the run made no such call.

    Gives how the first of the two ended.
    """
    folder = installed.with_name(f"{fault}-{number}")
    shutil.copytree(installed, folder)
    async with MailServer() as server:
        day = (mailed_day.day, str(folder), server.port)
        options = fault.options(folder, number)
        first = await ran(*day, 0, said=folder / "said", strace=options)
        after = shutil.copytree(folder, folder.with_name(f"{folder.name}.after"))
        twice = recipients.unrecorded(after / "ledger.db", server.messages)
        again = await ran(*day, 1, said=folder / "again")
        recipients.check(server.messages, mailed_day.EXPECTED, twice)
    assert again.code == os.EX_OK, again.said
    for said in (first.said, again.said):
        assert "@example.org" not in said
        assert "Traceback" not in said
    assert not any((folder / "inbox").glob("*.txt"))
    happened = first.code < 0 or "INJECTED" in Path(f"{folder}.trace").read_text()
    return first.code if happened else None


async def sweep(installed: Path, fault: Fault, step: int = 1) -> list[int]:
    """The fault at each such call, two runs at a time, until a run makes none any more."""
    codes: list[int | None] = []
    for start in range(1, MOST, AT_ONCE * step):
        numbers = [start + step * beside for beside in range(AT_ONCE)]
        async with asyncio.TaskGroup() as group:
            runs = [group.create_task(hurt(installed, fault, number)) for number in numbers]
        codes += [run.result() for run in runs]
        if None in codes:
            break
    return [code for code in codes if code is not None]


def as_it_should(fault: Fault, codes: list[int]) -> bool:
    """Whether it always ended as the matrix wants it, and was hurt at least once.

    A disk that fails is fatal for the stores (74). One that is full is not (75), unless a sync says
    so: nobody knows then what it holds. A file of the inbox that cannot be moved has time (75), as
    has SQLite's index of the journal, which is no store; and an end that is clean (0) had all in
    its journal, or sent the rest with the next run.
    """
    match fault.what, bool(fault.files):
        case "signal=SIGKILL", _:
            return set(codes) == {-signal.SIGKILL}
        case _, False:
            return set(codes) == {os.EX_OK}
        case "error=EIO", True:
            end = os.EX_TEMPFAIL if fault.files is INBOX else os.EX_IOERR
            return end in codes and set(codes) <= {os.EX_OK, end, os.EX_TEMPFAIL}
        case _:
            synced = {os.EX_IOERR} if "sync" in fault.call or fault.call == "ftruncate" else set()
            return bool(codes) and set(codes) <= {os.EX_OK, os.EX_TEMPFAIL, *synced}


@traced
@pytest.mark.parametrize("fault", SHORT, ids=str)
async def test_after_a_fault_at_any_call_everybody_has_his_mail(
    installed: Path, fault: Fault
) -> None:
    codes = await sweep(installed, fault)
    assert as_it_should(fault, codes), codes


@traced
@pytest.mark.parametrize("fault", LONG, ids=str)
async def test_after_a_fault_at_every_third_call_everybody_has_his_mail(
    installed: Path, fault: Fault
) -> None:
    codes = await sweep(installed, fault, step=3)
    assert as_it_should(fault, codes), codes


@traced
@pytest.mark.nightly
@pytest.mark.parametrize("fault", LONG, ids=str)
async def test_after_a_fault_at_any_write_everybody_has_his_mail(
    installed: Path, fault: Fault
) -> None:
    codes = await sweep(installed, fault)
    assert as_it_should(fault, codes), codes
