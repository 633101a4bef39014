"""What comes back by mail, noted in plain memory."""

from __future__ import annotations

from datetime import datetime

from tests.plain.book import Book
from tests.plain.ledger import PlainLedger
from worker.core import strikes
from worker.core.retry import comes_back
from worker.deliveries import Answer, Delivery, DeliveryId, DeliveryKind, DeliveryState, Settlement
from worker.digests import Digest, Receipt
from worker.model import Subscriber, SubscriberId
from worker.returns import Undelivered

HANDED_OVER = {DeliveryState.SENT, DeliveryState.UNCERTAIN}


class PlainReturns:
    """The port ``Returns``."""

    def __init__(self, book: Book) -> None:
        self._book = book

    async def delivery(self, id_: DeliveryId) -> Delivery | None:
        every = await PlainLedger(self._book).deliveries(DeliveryState)
        return next((each for each in every if each.id == id_), None)

    async def subscriber(self, uid: int) -> Subscriber | None:
        return next((who for who in self._book.subscribers.values() if who.uid == uid), None)

    async def bounced(self, undelivered: Undelivered, at: datetime) -> bool:
        came = self._book.deliveries.get(undelivered.delivery)
        if came is None:
            return False
        failed = Settlement(
            came.id, DeliveryState.FAILED, None, came.attempts, came.doubts, undelivered.reply, at,
            returned=came.digest.owed if comes_back(came, undelivered.cause) else (),
            strike=strikes.of_bounce(undelivered.cause, at, undelivered.reply),
            small=came.small,
        )  # fmt: skip
        return self._book.conclude(failed, HANDED_OVER)

    async def answer(self, answer: Answer, change: Subscriber | None = None) -> bool | None:
        book, who = self._book, self._book.subscribers[answer.subscriber]
        if answer.slot.name in (each.digest.slot.name for each in book.his(who)):
            return False
        if change is not None and book.write(change) is None:
            return None
        who = book.subscribers[answer.subscriber]
        new = book.delivery_id()
        book.deliveries[new] = Delivery(
            new, who.id, who.uid, who.address,
            Digest(answer.slot, (), Receipt(), answer.lines), (),
            answer.message_id, answer.at, due_at=answer.at,
            kind=DeliveryKind.ANSWER, answers=answer.answers,
            manner=who.manner, epoch=who.epoch,
        )  # fmt: skip
        return True

    async def answers(self, subscriber: SubscriberId, since: datetime) -> int:
        his = self._book.his(self._book.subscribers[subscriber])
        answers = [each for each in his if each.kind is DeliveryKind.ANSWER]
        return sum(each.planned_at >= since for each in answers)
