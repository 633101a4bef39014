"""A real process is killed, or its disk fails it, at every point of taking a file in."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from tests.plain.papers import PlainPaperLog
from tests.store.days import everything
from tests.store.taking_in import WINDOW_DAYS, take_in_next
from worker.store.papers_tinydb import TinyPaperLog

# strace counts each call of a name by itself, so each is swept by itself.
CALLS = {
    "openat": 5,
    "write,pwrite64": 1,
    "fsync,fdatasync": 2,
    "fchmod": 1,
    "rename,renameat,renameat2": 3,
    "link,linkat": 1,
}


def command(path: Path, count: int) -> list[str]:
    return [sys.executable, "-m", "tests.store.taking_in", str(path), str(count)]


def last_acknowledged(told: str) -> int:
    return max(
        (int(line.split()[1]) for line in told.splitlines() if line[:5] == "taken"), default=0
    )


async def told_by(log: TinyPaperLog) -> tuple[int, tuple[object, ...]]:
    return (await log.end()).intake, await everything(log)


async def story(days: int) -> tuple[object, ...]:
    """What a log that never met a fault says after so many days."""
    log = PlainPaperLog("log", WINDOW_DAYS)
    for _ in range(days):
        await take_in_next(log)
    return await everything(log)


def days_that_survived(path: Path) -> int:
    """Open the log as after a restart; it is whole, whatever day it is at."""
    with closing(TinyPaperLog.open(path, new_id="log", create=True)) as log:
        days, told = asyncio.run(told_by(log))
    assert told == asyncio.run(story(days))
    return days


def test_killed_at_any_time_nothing_acknowledged_is_lost_and_nothing_is_half(
    tmp_path: Path,
) -> None:  # F1
    path, before = tmp_path / "papers.json", 0
    for kill in range(25):
        with subprocess.Popen(command(path, 10_000), stdout=subprocess.PIPE, text=True) as child:
            assert child.stdout is not None
            assert child.stdout.readline() == "open\n"
            time.sleep(kill * 0.003)  # the fault: it comes whenever it comes
            child.kill()
            acknowledged = max(last_acknowledged(child.stdout.read()), before)
        before = days_that_survived(path)
        assert acknowledged <= before <= acknowledged + 1
    assert before > 25


def test_a_lock_dies_with_its_process(tmp_path: Path) -> None:  # F22, F24
    path = tmp_path / "papers.json"
    with subprocess.Popen(command(path, 10_000), stdout=subprocess.PIPE, text=True) as first:
        assert first.stdout is not None
        assert first.stdout.readline() == "open\n"

        second = subprocess.run(command(path, 1), capture_output=True, text=True, check=False)
        assert second.returncode == os.EX_TEMPFAIL
        assert second.stdout.startswith(f"refused another paperround is using {path}")
        assert first.stdout.readline().startswith("taken")  # and the first goes on

        first.kill()
    third = subprocess.run(command(path, 1), capture_output=True, text=True, check=False)
    assert third.returncode == os.EX_OK


@pytest.fixture(scope="module")
def strace() -> str:
    """The strace command, where it is there and may trace."""
    found = shutil.which("strace")
    if found is None:
        pytest.skip("strace is not installed")
    tried = subprocess.run([found, "-f", "true"], capture_output=True, text=True, check=False)
    if tried.returncode:
        pytest.skip(f"strace may not trace here: {tried.stderr.splitlines()[-1:]}")
    return found


@pytest.fixture(scope="module")
def two_days(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a log of two days, its generations and its lock."""
    folder = tmp_path_factory.mktemp("two days")
    subprocess.run(command(folder / "papers.json", 2), check=True, stdout=subprocess.DEVNULL)
    return folder


def inject(
    strace: str, folder: Path, calls: str, fault: str, count: int = 1
) -> subprocess.CompletedProcess[str]:
    """Take ``count`` days in, with a fault at one of these calls on the log's own files."""
    names = ["", "papers.json", ".papers.json.tmp", "papers.json.lock"]
    names += [f"papers.json.{n}" for n in (1, 2, 3)]
    paths = [part for name in names for part in ("-P", str(folder / name).rstrip("/"))]
    options = [
        "-f",
        "-qqq",
        "-o",
        os.devnull,
        "-e",
        f"trace={calls}",
        "-e",
        f"inject={calls}:{fault}",
    ]
    return subprocess.run(
        [strace, *options, *paths, *command(folder / "papers.json", count)],
        capture_output=True,
        text=True,
        check=False,
    )


def sweep(
    strace: str, start: Path, folder: Path, calls: str, fault: str, count: int = 1
) -> list[int]:
    """One run for each such call, the fault at it; gives the exit codes, the clean run's last.

    After each of them the log is whole: as it was acknowledged, or one day on.
    """
    codes: list[int] = []
    while not codes or codes[-1] != os.EX_OK:
        assert len(codes) < 200, "no run ends well"
        shutil.copytree(start, folder)
        before = days_that_survived(folder / "papers.json") if any(start.iterdir()) else 0
        ran = inject(strace, folder, calls, f"{fault}:when={len(codes) + 1}", count)
        codes.append(ran.returncode)
        after = days_that_survived(folder / "papers.json")
        acknowledged = max(last_acknowledged(ran.stdout), before)
        assert acknowledged <= after <= acknowledged + 1, ran.stdout
        shutil.rmtree(folder)
    assert after == before + count
    return codes[:-1]


@pytest.mark.parametrize("calls", CALLS)
def test_killed_at_any_call_the_log_is_as_before_or_as_after(
    strace: str, two_days: Path, tmp_path: Path, calls: str
) -> None:  # F2, F15
    codes = sweep(strace, two_days, tmp_path / "log", calls, "signal=SIGKILL")
    assert codes == [-signal.SIGKILL] * max(len(codes), CALLS[calls])


@pytest.mark.nightly
@pytest.mark.parametrize("calls", CALLS)
def test_killed_at_any_call_of_its_first_days_the_log_is_as_before_or_as_after(
    strace: str, tmp_path: Path, calls: str
) -> None:  # F2
    (tmp_path / "nothing").mkdir()
    codes = sweep(strace, tmp_path / "nothing", tmp_path / "log", calls, "signal=SIGKILL", 6)
    assert codes == [-signal.SIGKILL] * max(len(codes), 4 * CALLS[calls])


@pytest.mark.parametrize(
    ("calls", "fault", "least"),
    [
        ("fsync,fdatasync", "error=EIO", 2),
        ("write,pwrite64", "error=EIO", 1),
        ("rename,renameat,renameat2", "error=EIO", 3),
        ("read", "error=EIO", 3),
        ("flock", "error=ENOLCK", 1),
    ],
)
def test_a_disk_that_fails_once_is_not_trusted_again(
    strace: str, two_days: Path, tmp_path: Path, calls: str, fault: str, least: int
) -> None:  # F8, F10, F11
    codes = sweep(strace, two_days, tmp_path / "log", calls, fault)
    assert codes == [os.EX_IOERR] * max(len(codes), least)


@pytest.mark.parametrize("error", ["ENOSPC", "EDQUOT", "EROFS"])
@pytest.mark.parametrize(
    "calls", ["write,pwrite64", "fsync,fdatasync", "link,linkat", "rename,renameat,renameat2"]
)
def test_a_disk_that_was_full_once_is_written_to_when_it_has_room(
    strace: str, two_days: Path, tmp_path: Path, calls: str, error: str
) -> None:
    """F8, F12: the second try takes the day in, unless the first had reached the file already."""
    for number in range(1, 20):
        folder = shutil.copytree(two_days, tmp_path / str(number))
        ran = inject(strace, folder, calls, f"error={error}:when={number}")
        after = days_that_survived(folder / "papers.json")
        refusals = [line for line in ran.stdout.splitlines() if line.startswith("refused")]
        if not refusals:
            break
        if ran.returncode == os.EX_OK:
            assert after == 3
        else:  # the rename was done, its folder not synced: only a fresh start may tell
            assert (ran.returncode, calls, number) == (os.EX_IOERR, "fsync,fdatasync", 2)
            assert after == 3
    assert number > 1, "it was full once at least"
    assert ran.returncode == os.EX_OK
