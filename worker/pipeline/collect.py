"""The postboxes are emptied: each mail is acted on, then marked as done.

Killed between the two, the mail is found again, and acting on it twice is once.
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections import Counter
from collections.abc import Mapping
from typing import Final

from worker.model import Refused
from worker.pipeline.returns import Noted, Returning
from worker.ports import Postbox
from worker.returns import Found

log = logging.getLogger(__name__)

BATCH: Final = 20
"""Mails in memory at once."""

TRIES: Final = 3
"""How often we fail at a mail before it is set aside."""


class Collecting:
    """Looks into the postboxes, which are known by names that may be logged."""

    def __init__(self, postboxes: Mapping[str, Postbox], returning: Returning) -> None:
        self._postboxes = postboxes
        self._returning = returning
        self._trouble: dict[str, str] = {}
        self._tries: Counter[str] = Counter()

    async def collect(self, stop: asyncio.Event) -> Counter[str]:
        """Act on all that is there. Gives how many mails were what.

        A postbox that cannot be looked into is told of once, and tried again the next time.
        """
        counts: Counter[str] = Counter()
        for name, postbox in self._postboxes.items():
            try:
                await self._empty(postbox, counts, stop)
                self._tell(name, "")
            except Refused as refused:
                _raise_if_final(refused)
                self._tell(name, str(refused))
        return counts

    async def _empty(self, postbox: Postbox, counts: Counter[str], stop: asyncio.Event) -> None:
        """Batch by batch, as long as any of it gets done."""
        getting_on = True
        while getting_on and not stop.is_set():
            getting_on = False
            for found in await postbox.take(BATCH):
                noted = None if stop.is_set() else await self._noted(found)
                if noted:
                    await postbox.done(found, understood=noted.understood)
                    counts[noted.what] += 1
                    getting_on = True

    async def _noted(self, found: Found) -> Noted | None:
        """What the mail was; None if it has to wait, which holds up no other.

        One that we fail at again and again is left for a person, so that the others get their turn.
        """
        self._tries[found.mark] += 1
        if self._tries[found.mark] > TRIES:
            log.error("mail set aside", extra={"why": f"acting on it failed {TRIES} times"})
            del self._tries[found.mark]
            return Noted("unknown", "set aside", understood=False)
        try:
            noted = await self._returning.take(found.mail)
            del self._tries[found.mark]
            return noted
        except Refused as refused:
            _raise_if_final(refused)
            del self._tries[found.mark]  # it is not the mail that failed
            log.warning("mail has to wait", extra={"why": str(refused)})
            return None

    def _tell(self, name: str, trouble: str) -> None:
        """Once when it cannot be looked into, and once when it can again."""
        before = self._trouble.get(name, "")
        if trouble and not before:
            log.error("postbox out of reach", extra={"postbox": name, "why": trouble})
        elif before and not trouble:
            log.warning("postbox back", extra={"postbox": name})
        self._trouble[name] = trouble


def _raise_if_final(refused: Refused) -> None:
    if refused.exit_code != os.EX_TEMPFAIL:
        raise refused
