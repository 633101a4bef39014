"""What keeps mail back, in plain memory."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from tests.plain.book import Book
from worker.core.plan import WAITING
from worker.deliveries import Brake, Breaker, Delivery, DeliveryId, DeliveryState


class PlainHolds:
    """The port ``Holds``."""

    def __init__(self, book: Book) -> None:
        self._book = book

    async def breakers(self) -> Sequence[Breaker]:
        known = self._book.breakers.items()
        return [breaker for _, breaker in sorted(known, key=lambda item: item[0])]

    async def open(self, breaker: Breaker) -> None:
        self._book.breakers[breaker.brake, breaker.name] = breaker

    async def close(self, brake: Brake, name: str) -> bool:
        return self._book.breakers.pop((brake, name), None) is not None

    async def hold(self, ids: Iterable[DeliveryId]) -> Sequence[DeliveryId]:
        return self._change([replace(each, held=True) for each in self._waiting(ids, held=False)])

    async def release(self, ids: Iterable[DeliveryId]) -> Sequence[DeliveryId]:
        return self._change([replace(each, held=False) for each in self._waiting(ids, held=True)])

    async def retry(self, ids: Iterable[DeliveryId], now: datetime) -> Sequence[DeliveryId]:
        return self._change([replace(each, due_at=now) for each in self._waiting(ids, held=False)])

    async def drop(self, ids: Iterable[DeliveryId], now: datetime) -> Sequence[DeliveryId]:
        return self._change(
            [
                replace(each, state=DeliveryState.CANCELLED, due_at=None)
                for each in self._waiting(ids)
            ]
        )

    def _waiting(self, ids: Iterable[DeliveryId], held: bool | None = None) -> list[Delivery]:
        """Those of them that wait."""
        wanted = set(ids)
        return [
            each
            for each in self._book.deliveries.values()
            if each.id in wanted and each.state in WAITING and held in (None, each.held)
        ]

    def _change(self, changed: Sequence[Delivery]) -> list[DeliveryId]:
        self._book.deliveries |= {each.id: each for each in changed}
        return sorted(each.id for each in changed)
