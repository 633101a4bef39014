"""The suppression list in plain memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from tests.plain.book import GONE, Book
from worker.core.plan import WAITING
from worker.deliveries import Delivery, DeliveryState, Reason, Suppression
from worker.model import Rule, Subscriber, SubscriberState

BARE = (Rule("erased", "*"),)


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
            self._forget_strikes(who)
        return self._book.suppressed.pop(address.casefold(), None) is not None

    async def erase(self, address: str, at: datetime) -> bool:
        book = self._book
        known, who = book.listed(address), book.with_address(address)
        if known is None and who is None:
            return False
        entry = known or Suppression("", Reason.ERASED, at)
        book.suppressed[address.casefold()] = replace(entry, address="", note="")
        if who:
            self._forget(who)
        return True

    def _forget(self, who: Subscriber) -> None:
        book = self._book
        state = who.state if who.state in GONE else SubscriberState.REMOVED
        nobody = replace(who, address=f"erased-{who.id}@erased.invalid", state=state)
        book.change(replace(nobody, rules=(), held_over=(), timezone="UTC", from_file=False))
        book.erased.add(who.id)
        self._forget_strikes(who)
        for delivery in book.his(who):
            if delivery.state in WAITING:
                book.end(delivery, DeliveryState.CANCELLED)
        his = {delivery.id: _bare(delivery) for delivery in book.his(who)}
        book.deliveries |= his
        book.attempts = [
            (of, replace(attempt, reply="") if of in his else attempt)
            for of, attempt in book.attempts
        ]

    def _forget_strikes(self, who: Subscriber) -> None:
        his = {each.id for each in self._book.his(who)}
        strikes = self._book.strikes.items()
        self._book.strikes = {key: one for key, one in strikes if key[0] not in his}


def _bare(delivery: Delivery) -> Delivery:
    """Which papers they were stays, and that is all."""
    picks = tuple(replace(pick, rules=BARE) for pick in delivery.digest.picks)
    digest = replace(delivery.digest, picks=picks, notes=())
    return replace(delivery, digest=digest, reply="", answers="")
