"""Every attempt, in plain memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from tests.plain.book import Book
from worker.core.quota import minute
from worker.deliveries import Attempt, DeliveryId, DeliveryState, HandedOver

WENT = {DeliveryState.SENT, DeliveryState.UNCERTAIN}


class PlainRecord:
    """The port ``Record``."""

    def __init__(self, book: Book) -> None:
        self._book = book

    async def attempts(self, delivery: DeliveryId) -> Sequence[Attempt]:
        return [attempt for of, attempt in self._book.attempts if of == delivery]

    async def handed_over(self, since: datetime) -> Sequence[HandedOver]:
        went = Counter(
            (attempt.server, self._domain(of), minute(attempt.at))
            for of, attempt in self._book.attempts
            if attempt.at >= since and attempt.server and attempt.state in WENT
        )
        return [HandedOver(*key, count) for key, count in sorted(went.items())]

    def _domain(self, of: DeliveryId) -> str:
        who = self._book.subscribers[self._book.deliveries[of].subscriber]
        return "" if who.id in self._book.erased else who.address.rpartition("@")[2].lower()
