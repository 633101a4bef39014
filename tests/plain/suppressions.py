"""The suppression list in plain memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from tests.plain.book import Book
from worker.deliveries import Reason, Suppression


class PlainSuppressions:
    """The port ``Suppressions``."""

    def __init__(self, book: Book) -> None:
        self._book = book

    async def listed(self) -> Sequence[Suppression]:
        return sorted(self._book.suppressed.values(), key=lambda entry: entry.at)

    async def find(self, address: str) -> Suppression | None:
        return self._book.listed(address)

    async def suppress(self, address: str, reason: Reason, at: datetime, note: str = "") -> bool:
        return self._book.suppress(Suppression(address, reason, at, note))

    async def unsuppress(self, address: str) -> bool:
        """His strikes are forgiven: else the next no alone would put him there again."""
        who = self._book.with_address(address)
        if who:
            self._book.forget_strikes(who)
        return self._book.suppressed.pop(address.casefold(), None) is not None

    async def erase(self, address: str, at: datetime) -> bool:
        book, key = self._book, address.casefold()
        known, who = book.listed(address), book.with_address(address)
        asked = [each for each in book.asks.values() if each.address.casefold() == key]
        if known is None and who is None and not asked:
            return False
        for each in asked:
            book.bare(each)
        entry = known or Suppression("", Reason.ERASED, at)
        book.suppressed[key] = replace(entry, address="", note="")
        if who:
            book.forget(who)
        return True
