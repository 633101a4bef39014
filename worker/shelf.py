"""The kept papers for pages: indexed once, anew only when the log has grown."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from worker.core.stock import Stock, lately
from worker.core.window import Window
from worker.model import Cursor, Intake, Paper, PaperNumber
from worker.ports import PaperLog


class Shelf:
    """One index of all papers that the log keeps serves trial, archive and search.

    ``on_indexed`` is called in the thread that made it.
    """

    def __init__(self, papers: PaperLog) -> None:
        self._papers = papers
        self._end = Cursor()
        self._stock = lately(Window((), ()))
        self._making: asyncio.Task[None] | None = None
        self.on_indexed: Callable[[], None] = lambda: None

    async def window(self) -> Window:
        """Everything that the log keeps at this moment."""
        return (await self.stock()).window

    async def stock(self) -> Stock:
        """The papers of the last 30 days, as of this moment."""
        while await self._papers.end() != self._end:
            # Whoever asked first may hang up: the others wait for it all the same.
            await asyncio.shield(self._make())
        return self._stock

    async def at_hand(self) -> Stock:
        """The same, without the newest papers while these are indexed: then nobody waits, but for
        the first index of all.
        """
        if self._end == Cursor():
            return await self.stock()
        if await self._papers.end() != self._end:
            self._make()
        return self._stock

    def _make(self) -> asyncio.Task[None]:
        if self._making is None:
            self._making = asyncio.create_task(self._anew())
            # That it failed is for who waits for it, if anybody does.
            self._making.add_done_callback(lambda made: made.cancelled() or made.exception())
        return self._making

    async def _anew(self) -> None:
        try:
            end = await self._papers.end()
            papers = await self._papers.papers(PaperNumber(0))
            intakes = await self._papers.intakes(0)
            self._stock = await asyncio.to_thread(self._indexed, papers, intakes)
            self._end = end
        finally:
            self._making = None

    def _indexed(self, papers: Sequence[Paper], intakes: Sequence[Intake]) -> Stock:
        made = indexed(papers, intakes)
        self.on_indexed()
        return made


def indexed(papers: Sequence[Paper], intakes: Sequence[Intake]) -> Stock:
    """The last 30 days of what the log keeps. Takes a second for each thousand papers."""
    return lately(Window(papers, intakes))
