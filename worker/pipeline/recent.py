"""The last weeks of the paper log for planning: indexed once, anew only when the log has grown."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from worker.core.past import NO_PAST, Past
from worker.model import Cursor, Paper, PaperNumber
from worker.ports import PaperLog


class Recent:
    """The past of a log, kept from one planning to the next; it is made once, whoever asks."""

    def __init__(self, papers: PaperLog) -> None:
        self.papers = papers
        self._end = Cursor()
        self._past = NO_PAST
        self._making = asyncio.Lock()

    async def past(self) -> Past:
        """As of this moment. Takes a second for each thousand papers of days that are new."""
        async with self._making:  # else a tick and a page would both index the same day
            end = await self.papers.end()
            if end != self._end:
                await self._make(end)
            return self._past

    async def kept(self) -> tuple[Sequence[Paper], Past]:
        """All that the log keeps now, read once, and its past."""
        async with self._making:
            end = await self.papers.end()
            if end != self._end:
                return await self._make(end), self._past
            return await self.papers.papers(PaperNumber(0)), self._past

    async def _make(self, end: Cursor) -> Sequence[Paper]:
        papers = await self.papers.papers(PaperNumber(0))
        self._past = await asyncio.to_thread(Past, papers, self._past)
        self._end = end
        return papers
