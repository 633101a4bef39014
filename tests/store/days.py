"""Days of papers for the tests of the paper log."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta

from worker.model import Cursor, Intake, Paper, PaperNumber
from worker.ports import PaperLog

FIRST_DAY = date(2025, 9, 8)


def paper(number: int, keys: Sequence[str] = (), day: date = FIRST_DAY) -> Paper:
    return Paper(
        number=PaperNumber(number),
        day=day,
        keys=tuple(keys) or (f"arxiv:2509.{number:05}", f"title:paper{number}"),
        title=f"Paper “{number}” on naïve 量子 \u2028 fields",
        abstract="An abstract.\n" * 3,
        authors=("Erwin Schrödinger", "N. N."),
        ids=(f"arxiv:2509.{number:05}",),
        url=f"https://example.org/{number}",
        categories=("cs.CV",),
        published=day if number % 2 else None,
    )


def intake(
    number: int, newest: int, new: int = 0, day: date = FIRST_DAY, days_later: int | None = None
) -> Intake:
    """A file taken in, one a day unless it is said how many days after the first."""
    return Intake(
        number=number,
        sha256=f"{number:064x}",
        name=f"day {number}.txt",
        day=day,
        format="hf text",
        listed=new,
        new=new,
        seen=0,
        rejected=0,
        newest=PaperNumber(newest),
        at=datetime(2025, 9, 8, 6, 30, 1, 123456, UTC)
        + timedelta(days=number if days_later is None else days_later),
    )


async def take_in_day(
    log: PaperLog,
    count: int,
    *,
    day: date = FIRST_DAY,
    days_later: int | None = None,
    learned: Mapping[PaperNumber, Sequence[str]] | None = None,
    unread: PaperNumber | None = None,
) -> tuple[Intake, tuple[Paper, ...]]:
    """Take in the next daily file, of ``count`` fresh papers."""
    end: Cursor = await log.end()
    fresh = tuple(paper(end.paper + n, day=day) for n in range(1, count + 1))
    taken = intake(end.intake + 1, end.paper + count, count, day, days_later)
    await log.take_in(taken, fresh, learned or {}, (), unread)
    return taken, fresh


async def everything(log: PaperLog) -> tuple[object, ...]:
    """All that a log can be asked."""
    keys = [f"k{n}" for n in range(8)] + [f"title:paper{n}" for n in range(40)]
    hashes = [await log.taken(f"{n:064x}") for n in range(8)]
    papers = [await log.papers(PaperNumber(n)) for n in (0, 1, 3)]
    intakes = [await log.intakes(n) for n in (0, 1, 3)]
    known, sightings = await log.known(keys), [await log.sightings(n) for n in (0, 1, 3)]
    return await log.id(), await log.end(), hashes, known, papers, intakes, sightings
