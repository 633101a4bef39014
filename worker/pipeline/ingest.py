"""A daily file is taken in: settled, copied, hashed; then parsed, cleaned, diffed, logged.

Once per file: its hash is in the same atomic write as its papers, so it may be killed anywhere and
run again.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from worker.core.diff import NEW_ONLY, Diff, diff
from worker.core.identity import keys
from worker.core.sighted import sightings
from worker.ledgers import (
    Binding,
)
from worker.model import (
    DailyFile,
    Edition,
    Incomplete,
    Intake,
    Kind,
    Paper,
    PaperNumber,
    Refused,
    Unreadable,
)
from worker.ports import (
    Clock,
    Inbox,
    PaperLog,
    Perished,
    Reader,
)

log = logging.getLogger(__name__)

_FIRST = PaperNumber(0)


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a daily file. ``again`` says that this very content was known already."""

    intake: Intake
    edition: Edition | None
    again: bool


@dataclass(frozen=True, slots=True)
class Ingest:
    """Takes daily files into the paper log. Only listings of ``wanted`` kinds make new papers.

    ``binding`` is told of each intake before it is written, so that a ledger which is older than
    its log is known by that.
    """

    reader: Reader
    papers: PaperLog
    clock: Clock
    wanted: frozenset[Kind] = NEW_ONLY
    binding: Binding | None = None

    async def take_in(self, file: DailyFile, unread: PaperNumber | None = None) -> Taken:
        """Take a daily file in, wholly or not at all.

        ``unread``: the log lets go of no paper after this number, old as it may be.
        Raises Unreadable; then nothing was changed.
        """
        known = await self.papers.taken(file.sha256)
        if known and not file.again:
            return Taken(known, None, again=True)
        edition = await self.reader.read(file, await self._newest_edition())
        end = await self.papers.end()
        found, kept = await self._diff(edition, end.paper)
        intake = Intake(
            number=end.intake + 1,
            sha256=file.sha256,
            name=file.name,
            day=edition.day,
            format=edition.format,
            listed=len(edition.listings) - len(found.unasked),
            new=len(found.fresh),
            seen=len(found.seen),
            rejected=len(edition.rejected),
            newest=found.fresh[-1].number if found.fresh else end.paper,
            at=self.clock.now(),
            unasked=len(found.unasked),
            again=file.again,
        )
        if self.binding:
            await self.binding.expect(intake.number)
        # What was listed by this very content was so once, however often it is read.
        listed = () if known else sightings(found, intake, kept)
        await self.papers.take_in(
            intake, found.fresh, found.learned, found.completed, unread, listed
        )
        return Taken(intake, edition, again=False)

    async def _diff(
        self, edition: Edition, end: PaperNumber
    ) -> tuple[Diff, Mapping[PaperNumber, Paper]]:
        """What is new, and those of its papers that the log has whole."""
        keyed = [key for listing in edition.listings for key in keys(listing)]
        known = await self.papers.known(keyed)
        seen = {one.number for one in known.values()}
        kept = {one.number: one for one in await self.papers.papers(_FIRST) if one.number in seen}
        found = diff(
            edition.listings,
            known,
            end,
            edition.day,
            source=edition.source,
            wanted=self.wanted,
            kept=kept,
        )
        return found, kept

    async def _newest_edition(self) -> date | None:
        """For the year of a date without one. A mistyped day in the future is no measure of it."""
        tomorrow = self.clock.now().date() + timedelta(days=1)
        days = (intake.day for intake in await self.papers.intakes(0))
        return max((day for day in days if day <= tomorrow), default=None)


async def empty_inbox(
    inbox: Inbox,
    ingest: Ingest,
    stop: asyncio.Event | None = None,
    unread: PaperNumber | None = None,
) -> int:
    """Take in every file that is complete; what cannot be read is set aside, or left for later.

    Gives how many were moved out of the way; raises Refused at the end if one could not be. Once
    ``stop`` is set, the files that are left stay for next time, and so does the one that is being
    read.
    """
    if stop is not None:
        ingest = replace(ingest, reader=_UntilStop(ingest.reader, stop))
    count = 0
    stuck: Refused | None = None
    for file in await inbox.settled():
        if stop is not None and stop.is_set():
            break
        try:
            outcome = await _looked_at(ingest, file, unread)
        except _Stopped:
            break
        try:
            count += await _put_away(inbox, file, outcome, ingest.clock.now())
        except Refused as refused:  # one that cannot be moved must not keep the others waiting
            stuck = refused
    if stuck:
        raise stuck
    return count


async def _looked_at(
    ingest: Ingest, file: DailyFile, unread: PaperNumber | None
) -> Taken | Unreadable:
    try:
        return await ingest.take_in(file, unread)
    except Unreadable as no:
        return no


async def _put_away(
    inbox: Inbox, file: DailyFile, outcome: Taken | Unreadable, at: datetime
) -> bool:
    """Whether the file was moved out of the way, and not left for later."""
    if isinstance(outcome, Unreadable):
        return await _is_refused(inbox, file, outcome)
    _tell(file, outcome)
    await inbox.archive(file, at)
    return True


async def _is_refused(inbox: Inbox, file: DailyFile, no: Unreadable) -> bool:
    """Whether it was, and not left for later."""
    left, what = await _left(inbox, file, no), {"file": file.name, "why": str(no)}
    if not left:
        await inbox.refuse(file, no.reasons)
    log.warning("file left for later" if left else "file refused", extra=what)
    return not left


async def _left(inbox: Inbox, file: DailyFile, no: Unreadable) -> bool:
    match no:
        case Incomplete():
            return await inbox.hold(file)
        case Perished():
            return await inbox.retry(file)
        case _:
            return False


class _Stopped(Exception):
    """It is time to end."""


@dataclass(frozen=True, slots=True)
class _UntilStop:
    """A Reader that lets go of the file it is reading when ``stop`` is set: raises _Stopped."""

    reader: Reader
    stop: asyncio.Event

    async def read(self, file: DailyFile, newest: date | None) -> Edition:
        reading = asyncio.ensure_future(self.reader.read(file, newest))
        stopping = asyncio.ensure_future(self.stop.wait())
        try:
            await asyncio.wait((reading, stopping), return_when=asyncio.FIRST_COMPLETED)
            if reading.done():
                return reading.result()
            raise _Stopped
        finally:
            reading.cancel()
            stopping.cancel()
            await asyncio.gather(reading, stopping, return_exceptions=True)


def _tell(file: DailyFile, taken: Taken) -> None:
    log.info("file taken in", extra=_counts(file, taken))
    if taken.edition is None:
        return
    for rejected in taken.edition.rejected:
        what = {"file": file.name, "where": rejected.where, "why": rejected.why}
        log.warning("listing set aside", extra=what)
    for note in taken.edition.notes:
        log.warning("file odd", extra={"file": file.name, "why": note})


def _counts(file: DailyFile, taken: Taken) -> dict[str, object]:
    """What this file brought: nothing, if its content was taken in before under any name."""
    intake = taken.intake
    new = 0 if taken.again else intake.new
    return {
        "file": file.name,
        "again": taken.again,
        "listed": intake.listed,
        "new": new,
        "seen": intake.listed - new,
        "rejected": intake.rejected,
        "unasked": intake.unasked,
    }
