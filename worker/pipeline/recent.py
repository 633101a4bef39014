"""The last weeks of the paper log for planning: indexed once, anew only when the log has grown."""

from __future__ import annotations

import asyncio

from worker.core.past import NO_PAST, Past
from worker.model import Cursor, PaperNumber
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
                papers = await self.papers.papers(PaperNumber(0))
                self._past = await asyncio.to_thread(Past, papers, self._past)
                self._end = end
            return self._past
