"""Rules tried for strangers: in threads, a few at once, so that the site stays quick for others."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Final

from worker.core.stock import Stock
from worker.core.trial import Trial, trial
from worker.model import Rule

AT_ONCE: Final = 2
QUEUED: Final = 6
MOST: Final = 10
"""So many rules of one form are tried."""


class Busy(Exception):
    """So many wait already that one more would wait for too long."""


class Trials:
    """All that are under way."""

    def __init__(self) -> None:
        self._room = asyncio.Semaphore(AT_ONCE)
        self._there = 0

    async def __call__(self, rules: Sequence[Rule], stock: Stock) -> Trial:
        """What the first of the rules would have caught. Raises Busy."""
        if self._there >= AT_ONCE + QUEUED:
            raise Busy
        self._there += 1
        try:
            async with self._room:
                return await asyncio.to_thread(trial, rules, stock, MOST)
        finally:
            self._there -= 1
