"""A daily file is taken in: settled, copied, hashed; then parsed, cleaned, diffed, logged.

Once per file: its hash is in the same atomic write as its papers, so it may be killed anywhere and
run again.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from datetime import date, timedelta

from worker.core.diff import diff
from worker.core.identity import keys
from worker.model import DailyFile, Edition, Intake, PaperNumber, Unreadable
from worker.ports import Clock, Inbox, PaperLog
from worker.sources import forms

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a daily file. ``again`` says that this very content was known already."""

    intake: Intake
    edition: Edition | None
    again: bool


async def ingest(
    file: DailyFile, papers: PaperLog, clock: Clock, unread: PaperNumber | None = None
) -> Taken:
    """Take a daily file in, wholly or not at all. Raises Unreadable; then nothing was changed.

    ``unread``: the log lets go of no paper after this number, old as it may be.
    """
    if known := await papers.taken(file.sha256):
        return Taken(known, None, again=True)
    # In a thread: a file of many megabytes must not keep the rest of the program waiting.
    edition = await asyncio.to_thread(forms.read, file, await _newest_edition(papers, clock))
    end = await papers.end()
    keyed = [key for listing in edition.listings for key in keys(listing)]
    found = diff(edition.listings, await papers.known(keyed), end.paper, edition.day)
    intake = Intake(
        number=end.intake + 1,
        sha256=file.sha256,
        name=file.name,
        day=edition.day,
        format=edition.format,
        listed=len(edition.listings),
        new=len(found.fresh),
        seen=len(found.seen),
        rejected=len(edition.rejected),
        newest=found.fresh[-1].number if found.fresh else end.paper,
        at=clock.now(),
    )
    await papers.take_in(intake, found.fresh, found.learned, unread)
    return Taken(intake, edition, again=False)


async def _newest_edition(papers: PaperLog, clock: Clock) -> date | None:
    """For the year of a date without one. A mistyped day in the future is no measure of it."""
    tomorrow = clock.now().date() + timedelta(days=1)
    days = (intake.day for intake in await papers.intakes(0))
    return max((day for day in days if day <= tomorrow), default=None)


async def empty_inbox(
    inbox: Inbox,
    papers: PaperLog,
    clock: Clock,
    stop: asyncio.Event | None = None,
    unread: PaperNumber | None = None,
) -> int:
    """Take in every file that is complete; what cannot be read is set aside. Gives how many.

    Once ``stop`` is set, the files that are left stay for next time.
    """
    files = await inbox.settled()
    for file in files:
        if stop is not None and stop.is_set():
            break
        try:
            taken = await ingest(file, papers, clock, unread)
        except Unreadable as no:
            await inbox.refuse(file, no.reasons)
            log.warning("file refused", extra={"file": file.name, "why": str(no)})
        else:
            await inbox.archive(file, clock.now())
            log.info("file taken in", extra=_counts(taken))
            for rejected in taken.edition.rejected if taken.edition else ():
                what = {"file": file.name, "where": rejected.where, "why": rejected.why}
                log.warning("listing set aside", extra=what)
    return len(files)


def _counts(taken: Taken) -> dict[str, object]:
    intake = taken.intake
    return {
        "file": intake.name,
        "again": taken.again,
        "listed": intake.listed,
        "new": intake.new,
        "seen": intake.seen,
        "rejected": intake.rejected,
    }
