"""Taking files in from the command line: here, or through the inbox of a running daemon."""

from __future__ import annotations

import asyncio
import hashlib
import itertools
import os
import stat
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from worker import durable, opening
from worker.clock import SystemClock
from worker.config.settings import Settings
from worker.core.settle import ignored, numbered
from worker.model import DailyFile, Intake, Refused, Rejected, Unreadable
from worker.pipeline.ingest import Ingest
from worker.ports import PaperLog
from worker.sources import forms

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
    return DailyFile(
        name=path.name,
        content=content,
        sha256=hashlib.sha256(content).hexdigest(),
        modified=datetime.fromtimestamp(status.st_mtime, UTC),
    )


async def ingest_here(files: Iterable[Path], opened: opening.Opened) -> list[Ingested]:
    """Take the files in, in the order given; one that is refused does not stop the others."""

    unread = await opened.unread()
    ingest = Ingest(opened.reader, opened.papers, SystemClock(), opened.settings.wanted)

    async def take_in(file: DailyFile) -> Ingested:
        taken = await ingest.take_in(file, unread)
        ingested = _ingested(file.name, taken.intake, again=taken.again)
        return replace(ingested, set_aside=taken.edition.rejected if taken.edition else ())

    return [await _unless_refused(path, take_in) for path in files]


async def _unless_refused(
    path: Path, take_in: Callable[[DailyFile], Awaitable[Ingested]]
) -> Ingested:
    try:
        return await take_in(read_file(path))
    except Unreadable as unreadable:
        return Ingested(path.name, why=unreadable.reasons)
    except Refused as refused:
        if refused.exit_code == os.EX_TEMPFAIL:
            raise
        why = (Rejected("file", str(refused)),)
        return Ingested(path.name, why=why, exit_code=refused.exit_code)
    except OSError as error:
        missing = isinstance(error, FileNotFoundError)
        why = (Rejected(str(path), error.strerror or type(error).__name__),)
        return Ingested(path.name, why=why, exit_code=os.EX_NOINPUT if missing else os.EX_IOERR)


def _ingested(name: str, intake: Intake, *, again: bool) -> Ingested:
    new = 0 if again else intake.new
    counts = {
        "listed": intake.listed,
        "new": new,
        "seen": intake.listed - new,
        "rejected": intake.rejected,
    }
    return Ingested(name, str(intake.day), counts, again)


async def hand_over(files: Iterable[Path], settings: Settings) -> list[Ingested]:
    """Put the files into the running daemon's inbox and wait until it has taken each in."""
    async with opening.beside(settings) as opened:

        async def take_in(file: DailyFile) -> Ingested:
            if known := await opened.papers.taken(file.sha256):
                return _ingested(file.name, known, again=True)
            forms.read(file, None)  # what cannot be read is said at once, and not handed over
            return await _hand_over(file, opened.papers, settings.inbox)

        return [await _unless_refused(path, take_in) for path in files]


async def _hand_over(file: DailyFile, papers: PaperLog, inbox: Path) -> Ingested:
    waiting = _free_name(inbox, file.name)
    durable.write(waiting, file.content)
    for _ in range(int(PATIENCE / 0.25)):
        await asyncio.sleep(0.25)
        if intake := await papers.taken(file.sha256):
            return _ingested(file.name, intake, again=False)
    line = f"{waiting}: not taken in within {PATIENCE:.0f} s by the running daemon; see its log"
    raise Refused(line, os.EX_TEMPFAIL)


def _free_name(inbox: Path, name: str) -> Path:
    """A name that the inbox does not ignore and that nobody has taken."""
    plain = f"handed-over-{name}.txt" if ignored(name) else name
    numbers = (inbox / numbered(plain, number) for number in itertools.count(1))
    return next(path for path in numbers if not path.exists())
