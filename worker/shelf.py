"""The kept papers for pages: indexed once, anew only when the log has grown."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar, TypeVarTuple

from worker.core.stock import Stock, lately
from worker.core.window import Window
from worker.model import Cursor, Intake, Paper, PaperNumber
from worker.ports import PaperLog

T = TypeVar("T")
Ts = TypeVarTuple("Ts")


class Shelf:
    """One index of all papers that the log keeps serves trial, archive and search."""

    def __init__(self, papers: PaperLog) -> None:
        self._papers = papers
        self._end = Cursor()
        self._stock = lately(Window((), ()))
        self._thread = ThreadPoolExecutor(1, "shelf")
        self._making: asyncio.Task[None] | None = None

    async def window(self) -> Window:
        """Everything that the log keeps at this moment."""
        return (await self.stock()).window

    async def stock(self) -> Stock:
        """The papers of the last 30 days, as of this moment."""
        while await self._papers.end() != self._end:
            if self._making is None:
                self._making = asyncio.create_task(self._anew())
            # Whoever asked first may hang up: the others wait for it all the same.
            await asyncio.shield(self._making)
        return self._stock

    async def look(self, at: Callable[[Stock], T]) -> T:
        """What comes of this (a trial, a search), in a thread: it may take its time.

        All in the same thread, so that however many ask, the rest of us has its share of the
        machine.
        """
        return await self._apart(at, await self.stock())

    async def _anew(self) -> None:
        try:
            end = await self._papers.end()
            papers = await self._papers.papers(PaperNumber(0))
            intakes = await self._papers.intakes(0)
            self._stock = await self._apart(indexed, papers, intakes)
            self._end = end
        finally:
            self._making = None

    async def _apart(self, do: Callable[[*Ts], T], *what: *Ts) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, do, *what)


def indexed(papers: Sequence[Paper], intakes: Sequence[Intake]) -> Stock:
    """The last 30 days of what the log keeps. Takes a second for each thousand papers."""
    return lately(Window(papers, intakes))
