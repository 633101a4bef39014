"""Taking files in from the command line: here, or through the inbox of a running daemon."""

from __future__ import annotations

import asyncio
import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from worker import durable, opening
from worker.config.settings import Settings
from worker.model import DailyFile, Intake, Refused, Rejected, Unreadable
from worker.pipeline.ingest import ingest

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
    why: tuple[Rejected, ...] = ()

    @property
    def remark(self) -> str:
        """In a word, for the table."""
        if self.why:
            return "refused: " + "; ".join(f"{reason.where}: {reason.why}" for reason in self.why)
        return "taken in before, nothing changed" if self.again else ""

    def as_json(self) -> dict[str, Any]:
        """The stable form of ``ingest --json``."""
        why = [{"where": reason.where, "why": reason.why} for reason in self.why]
        return {
            "file": self.name,
            "day": self.day,
            **self.counts,
            "again": self.again,
            "refused": why,
        }


def read_file(path: Path) -> DailyFile:
    """A file from the command line, whole. Raises Refused if it is no file or too large."""
    with path.open("rb") as file:
        status = os.fstat(file.fileno())
        content = file.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise Refused(f"{path}: larger than {LARGEST // 2**20} MB, which no daily file is")
    return DailyFile(
        name=path.name,
        content=content,
        sha256=hashlib.sha256(content).hexdigest(),
        modified=datetime.fromtimestamp(status.st_mtime, UTC),
    )


async def ingest_here(files: Sequence[Path], opened: opening.Opened) -> list[Ingested]:
    """Take the files in, in the order given; one that is refused does not stop the others."""
    return [await _ingest(read_file(path), opened) for path in files]


async def _ingest(file: DailyFile, opened: opening.Opened) -> Ingested:
    try:
        taken = await ingest(file, opened.papers, opening.SystemClock())
    except Unreadable as unreadable:
        return Ingested(file.name, why=unreadable.reasons)
    return _ingested(file.name, taken.intake, again=taken.again)


def _ingested(name: str, intake: Intake, *, again: bool) -> Ingested:
    new = 0 if again else intake.new
    counts = {
        "listed": intake.listed,
        "new": new,
        "seen": intake.listed - new,
        "rejected": intake.rejected,
    }
    return Ingested(name, str(intake.day), counts, again)


async def hand_over(files: Sequence[Path], settings: Settings) -> list[Ingested]:
    """Put the files into the running daemon's inbox and wait for what becomes of each."""
    return [await _hand_over(read_file(path), settings) for path in files]


async def _hand_over(file: DailyFile, settings: Settings) -> Ingested:
    async with opening.beside(settings) as opened:
        papers = opened.papers
        if known := await papers.taken(file.sha256):
            return _ingested(file.name, known, again=True)
        waiting = _free_name(settings.inbox / file.name)
        durable.write(waiting, file.content)
        reason = settings.rejected / f"{waiting.name}.reason.txt"
        for _ in range(int(PATIENCE / 0.25)):
            await asyncio.sleep(0.25)
            if intake := await papers.taken(file.sha256):
                return _ingested(file.name, intake, again=False)
            if not waiting.exists() and reason.exists():
                return Ingested(file.name, why=_reasons(reason))
    line = (
        f"{waiting}: the running daemon has not taken it in within {PATIENCE:.0f} s; it stays there"
    )
    raise Refused(line, os.EX_TEMPFAIL)


def _free_name(path: Path) -> Path:
    number = 1
    free = path
    while free.exists():
        number += 1
        free = path.with_name(f"{path.stem} ({number}){path.suffix}")
    return free


def _reasons(file: Path) -> tuple[Rejected, ...]:
    where, _, why = file.read_text(encoding="utf-8").partition("\n")[0].partition(": ")
    return (Rejected(where, why),)
