"""What is asked before news of papers can be told: what was listed once more, and who had it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta

from worker.core.news import Heard
from worker.model import Cursor, Paper, PaperNumber, Subscriber
from worker.ports import PaperLog
from worker.sightings import Carried

SLACK = timedelta(days=1)
"""A clock that was set back may have planned a digest before its papers came."""


async def hear(
    kept: Sequence[Paper],
    papers: PaperLog,
    ledger: Carried,
    readers: Sequence[Subscriber],
    end: Cursor,
) -> tuple[Heard, tuple[Paper, ...]]:
    """The news for these readers up to that place, of what the log has kept up to there, and the
    papers that it may name.

    The ledger is asked only of whom there may be something to tell, and of nothing older than that.
    """
    sightings = await papers.sightings(0)
    heard = Heard(sightings, kept, end)
    wanted = await asyncio.to_thread(lambda: {who.id: heard.wanted(who) for who in readers})
    asked = {id_: numbers for id_, numbers in wanted.items() if numbers}
    if not asked:
        return heard, ()
    numbers = frozenset[PaperNumber]().union(*asked.values())
    had = await ledger.had(asked.keys(), numbers, await _since(papers, min(numbers)))
    return Heard(sightings, kept, end, had), heard.papers(numbers)


async def _since(papers: PaperLog, number: PaperNumber) -> datetime:
    """When that paper came, or somewhat before: nobody was sent it until then.

    By the day of its edition, if that is earlier: who rehearses older days sends as of then.
    """
    intakes = await papers.intakes(0)
    first = next(intake for intake in intakes if intake.newest >= number)
    return min(first.at, datetime.combine(first.day, time(), UTC)) - SLACK
