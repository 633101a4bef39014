"""F2: a day's run is killed at the n-th write, sync, rename …, for n = 1, 2, 3 until it runs clean.

After each kill it is run again, and everybody has his mail, each paper once.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
from email import message_from_bytes, policy
from pathlib import Path

import pytest

from tests.crash import one_day
from tests.crash.forked import ran
from tests.crash.tracing import traced
from tests.installation import daily

EXPECTED = {
    "2025-09-08-all@example.org.eml": ["Diffusion for video", "Neural operators"],
    "2025-09-08-some@example.org.eml": ["Diffusion for video"],
}

# strace counts each call of a name by itself; what leaves no trace on the disk is not swept.
CALLS = ("fsync", "fdatasync", "rename", "link", "mkdir", "unlink")
WRITES = ("write", "pwrite64", "openat")


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    folder = tmp_path / "installed"
    asyncio.run(one_day.install(folder))
    (folder / "inbox" / "2025-09-08.txt").write_text(
        daily("Sep 8", "Diffusion for video", "Neural operators")
    )
    (folder / "inbox" / "2025-09-08.txt.done").touch()
    return folder


async def killed(folder: Path, call: str, number: int) -> bool:
    """Run it, killed right before that call; False if it ended before making so many."""
    inject = ["-e", f"trace={call}", "-e", f"inject={call}:signal=SIGKILL:when={number}"]
    paths = [option for path in _touched(folder) for option in ("-P", str(path))]
    options = ["-f", "-o", os.devnull, *inject, *paths]
    done = await ran(one_day.start, str(folder), said=said(folder), strace=options)
    assert done.code in (0, -signal.SIGKILL), done.said
    return done.code != 0


def said(folder: Path) -> Path:
    return folder.with_name(f"{folder.name}.said")


def _touched(folder: Path) -> list[Path]:
    """The files and folders of the installation: calls on others (imports) are not counted."""
    stores = [
        folder / name
        for name in (
            "ledger.db",
            "ledger.db-wal",
            "ledger.db-shm",
            "papers.json",
            ".papers.json.tmp",
        )
    ]
    mails = [folder / "mailbox" / name for name in EXPECTED]
    hidden = [mail.with_name(f".{mail.name}.tmp") for mail in mails]
    folders = [folder, *(folder / name for name in ("inbox", "archive", "rejected", "mailbox"))]
    month = folder / "archive" / "2025" / "09"
    dropped = [folder / "inbox" / "2025-09-08.txt", month, month.parent, month / "2025-09-08.txt"]
    generations = [folder / f"papers.json.{number}" for number in (1, 2, 3)]
    return [*stores, *mails, *hidden, *folders, *dropped, *generations]


def titles(mail: Path) -> list[str]:
    body = message_from_bytes(mail.read_bytes(), policy=policy.default).get_body(("plain",))
    numbered = (line.partition(". ") for line in (body.get_content().splitlines() if body else []))
    return [title.replace("*", "") for number, _, title in numbered if number.isdigit()]


async def sweep(tmp_path: Path, installed: Path, call: str) -> int:
    number = 1
    while True:
        folder = tmp_path / f"{call}-{number}"
        shutil.copytree(installed, folder)
        died = await killed(folder, call, number)
        if died:
            again = await ran(one_day.start, str(folder), said=said(folder))
            assert again.code == os.EX_OK, again.said
        arrived = {mail.name: titles(mail) for mail in (folder / "mailbox").glob("*.eml")}
        assert arrived == EXPECTED, f"after a kill at {call} number {number}"
        assert not any((folder / "inbox").glob("*.txt"))
        shutil.rmtree(folder)
        if not died:
            return number
        number += 1


@traced
@pytest.mark.parametrize("call", CALLS)
async def test_killed_at_any_call_that_orders_or_names_what_is_on_the_disk(
    tmp_path: Path, installed: Path, call: str
) -> None:
    assert await sweep(tmp_path, installed, call) > 1, "it was killed at least once"


@traced
@pytest.mark.nightly
@pytest.mark.parametrize("call", WRITES)
async def test_killed_at_any_write(tmp_path: Path, installed: Path, call: str) -> None:
    assert await sweep(tmp_path, installed, call) > 1, "it was killed at least once"
