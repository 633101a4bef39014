"""Taking files in from the command line: here, or through the inbox of a running daemon."""

from __future__ import annotations

import asyncio
import os
import stat
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from worker import letterbox, opening
from worker.clock import SystemClock
from worker.config.settings import Settings
from worker.core.settle import readable
from worker.folder import digest, modified
from worker.model import DailyFile, Edition, Intake, Refused, Rejected, Unreadable
from worker.opened import Opened
from worker.ports import PaperLog

LARGEST = 64 * 1024 * 1024
PATIENCE = 60.0
"""Seconds that a running daemon is given to take a file in."""


@dataclass(frozen=True, slots=True)
class Ingested:
    """What became of one file; ``why`` is empty unless it was refused."""

    name: str
    day: str = ""
    counts: dict[str, int] = field(default_factory=dict)
    again: bool = False
    set_aside: tuple[Rejected, ...] = ()
    notes: tuple[str, ...] = ()
    why: tuple[Rejected, ...] = ()
    exit_code: int = os.EX_DATAERR

    @property
    def remark(self) -> str:
        """In a word, for the table."""
        if self.why:
            return "refused"
        return "taken in before, nothing changed" if self.again else ""

    def as_json(self) -> dict[str, Any]:
        """The stable form of ``ingest --json``."""
        return {
            "file": self.name,
            "day": self.day,
            **self.counts,
            "again": self.again,
            "set_aside": [asdict(reason) for reason in self.set_aside],
            "notes": list(self.notes),
            "refused": [asdict(reason) for reason in self.why],
        }


def read_file(path: Path) -> DailyFile:
    """A file from the command line, whole. Raises Refused if it is no file or too large."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):
        os.close(descriptor)
        raise Refused(f"{path}: not a regular file", os.EX_NOINPUT)
    with open(descriptor, "rb") as file:
        content = file.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise Refused(f"{path}: larger than {LARGEST // 2**20} MB, which no daily file is")
    return DailyFile(readable(path.name), content, digest(content), modified(status))


async def ingest_here(
    files: Iterable[Path], opened: Opened, *, again: bool = False
) -> list[Ingested]:
    """Take the files in, in the order given; one that is refused does not stop the others.

    ``again``: also those whose content was taken in before.
    """
    unread = await opened.unread()
    ingest = opened.ingest(SystemClock())

    async def take_in(file: DailyFile) -> Ingested:
        taken = await ingest.take_in(replace(file, again=again), unread)
        return _ingested(file.name, taken.intake, taken.edition)

    return [await _unless_refused(path, take_in) for path in files]


async def _unless_refused(
    path: Path, take_in: Callable[[DailyFile], Awaitable[Ingested]]
) -> Ingested:
    try:
        return await take_in(read_file(path))
    except Unreadable as unreadable:
        return Ingested(readable(path.name), why=unreadable.reasons)
    except Refused as refused:
        if refused.exit_code == os.EX_TEMPFAIL:
            raise
        why = (Rejected("file", str(refused)),)
        return Ingested(readable(path.name), why=why, exit_code=refused.exit_code)
    except OSError as error:
        missing = isinstance(error, FileNotFoundError)
        where = readable(str(error.filename or path))
        why = (Rejected(where, error.strerror or type(error).__name__),)
        return Ingested(
            readable(path.name), why=why, exit_code=os.EX_NOINPUT if missing else os.EX_IOERR
        )


def _ingested(name: str, intake: Intake, edition: Edition | None) -> Ingested:
    """Without an edition, the content was known already."""
    new = intake.new if edition else 0
    counts = {
        "listed": intake.listed,
        "new": new,
        "seen": intake.listed - new,
        "rejected": intake.rejected,
        "unasked": intake.unasked,
    }
    if edition is None:
        return Ingested(name, str(intake.day), counts, again=True)
    return Ingested(name, str(intake.day), counts, set_aside=edition.rejected, notes=edition.notes)


async def hand_over(
    files: Iterable[Path], settings: Settings, *, again: bool = False
) -> list[Ingested]:
    """Put the files into the running daemon's inbox and wait until it has taken each in."""
    async with opening.beside(settings) as opened:

        async def take_in(file: DailyFile) -> Ingested:
            if not again and (known := await opened.papers.taken(file.sha256)):
                return _ingested(file.name, known, None)
            # What cannot be read is said at once, and not handed over.
            edition = await opened.reader.read(file, None)
            wished = replace(file, again=again)
            return _ingested(
                file.name, await _hand_over(wished, opened.papers, settings.inbox), edition
            )

        return [await _unless_refused(path, take_in) for path in files]


async def _hand_over(file: DailyFile, papers: PaperLog, inbox: Path) -> Intake:
    before = (await papers.end()).intake
    waiting = letterbox.put(inbox, file.name, file.content, again=file.again)
    for _ in range(int(PATIENCE / 0.25)):
        await asyncio.sleep(0.25)
        for intake in await papers.intakes(before):
            if intake.sha256 == file.sha256:
                return intake
    line = f"{waiting}: not taken in within {PATIENCE:.0f} s by the running daemon; see its log"
    raise Refused(line, os.EX_TEMPFAIL)
