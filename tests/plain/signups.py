"""What strangers ask for on the site, in plain memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from tests.plain.book import Book
from worker.asks import (
    CONFIRM_WITHIN,
    NETWORK_KEPT,
    Ask,
    Asked,
    AskState,
    Limits,
    Notice,
    Scope,
    Traces,
)
from worker.core.limits import exceeded, moves_too_often, unheard
from worker.deliveries import Delivery, DeliveryKind, DeliveryState
from worker.digests import Digest, Receipt
from worker.model import Refused, Subscriber, SubscriberId, SubscriberState
from worker.ports import Suppressed

OPEN = {AskState.NEW, AskState.MAILED}
OLD = {SubscriberState.UNSUBSCRIBED, SubscriberState.UNLISTED}


class PlainSignups:
    """The port ``Signups``."""

    def __init__(self, book: Book) -> None:
        self._book = book

    async def ask(self, ask: Ask, limits: Limits) -> Scope | None:
        asks = self._book.asks
        if ask.form in (each.form for each in asks.values()):
            return None
        recent = [Asked(each.at, each.traces) for each in asks.values()]
        scope = exceeded(ask.traces, ask.at, recent, limits)
        moves = [each.at for each in asks.values() if ask.mover and each.mover == ask.mover]
        if scope is None and moves_too_often(ask.at, moves, limits):
            scope = Scope.ADDRESS
        noted = ask if scope is None else unheard(ask, scope)
        if noted is not None:
            asks[ask.number] = noted
        return scope

    async def waiting(self, limit: int) -> Sequence[Ask]:
        new = [each for each in self._book.asks.values() if each.state is AskState.NEW]
        return sorted(new, key=lambda each: (each.at, each.number))[:limit]

    async def admit(
        self, ask: Ask, notices: Sequence[Notice] = (), joining: Subscriber | None = None
    ) -> bool:
        book = self._book
        known = book.asks.get(ask.number)
        named = {notice.subscriber for notice in notices if notice.subscriber}
        if known is None or known.state is not AskState.NEW or named - book.subscribers.keys():
            return False
        if book.listed(ask.address):
            book.asks[ask.number] = replace(known, state=AskState.CLOSED)
            return True
        if joining and book.with_address(joining.address):
            return False
        new = book.add(joining).id if joining else SubscriberId(0)
        told = [replace(each, subscriber=each.subscriber or new) for each in notices]
        for notice in told:
            self._plan(notice)
        confirms = [each for each in told if each.kind is DeliveryKind.CONFIRM]
        state = AskState.MAILED if confirms else AskState.CLOSED
        about = next((each.subscriber for each in (*confirms, *told)), None)
        book.asks[ask.number] = replace(known, state=state, subscriber=about)
        return True

    async def find(self, number: int) -> Ask | None:
        return self._book.asks.get(number)

    async def confirm(self, ask: Ask, who: Subscriber, at: datetime) -> Subscriber | None:
        book = self._book
        known, him = book.asks.get(ask.number), book.subscribers.get(who.id)
        if known is None or known.state is not AskState.MAILED:
            return None
        if him is None or him.version != who.version:
            return None
        if book.listed(who.address):
            raise Suppressed("subscribers: the address is on the suppression list")
        self._make_way(who)
        confirmed = replace(known, state=AskState.CONFIRMED, confirmed_at=at, subscriber=who.id)
        book.asks[ask.number] = replace(confirmed, address="", wanted=None)
        return book.write(who)

    async def consents(self, subscriber: SubscriberId) -> Sequence[Ask]:
        asks = sorted(self._book.asks.values(), key=lambda each: (each.at, each.number))
        confirmed = [each for each in asks if each.confirmed_at]
        return [each for each in confirmed if each.subscriber == subscriber]

    async def forget(self, now: datetime) -> int:
        asks = list(self._book.asks.values())
        unconfirmed = [each for each in asks if not each.confirmed_at]
        late = [each for each in unconfirmed if each.at <= now - CONFIRM_WITHIN]
        for ask in late:
            del self._book.asks[ask.number]
        for who in list(self._book.subscribers.values()):
            if who.state is SubscriberState.PENDING and not self._is_waited_for(who):
                self._book.delete(who)
        for ask in self._book.asks.values():
            if ask.confirmed_at and ask.at <= now - NETWORK_KEPT:
                bare = replace(ask, network="", traces=Traces("", "", ask.traces.domain))
                self._book.asks[ask.number] = bare
        return len(late)

    def _plan(self, notice: Notice) -> None:
        who, new = self._book.subscribers[notice.subscriber], self._book.delivery_id()
        self._book.deliveries[new] = Delivery(
            new, who.id, who.uid, who.address,
            Digest(notice.slot, (), Receipt(), notice.lines), (),
            notice.message_id, notice.at, due_at=notice.at, kind=notice.kind,
            manner=who.manner, epoch=who.epoch, ask=notice.ask,
        )  # fmt: skip

    def _make_way(self, who: Subscriber) -> None:
        other = self._book.with_address(who.address)
        if other is None or other.id == who.id:
            return
        if other.state is SubscriberState.PENDING:
            self._book.close(other)
            self._book.delete(other)
        elif other.state in OLD:
            self._book.close(other)
            self._book.forget(other)
        else:
            raise Refused("subscribers: the address is on the list already")

    def _is_waited_for(self, who: Subscriber) -> bool:
        """By an ask that can still be confirmed, or by a mail that is just going out."""
        his = [each for each in self._book.asks.values() if each.subscriber == who.id]
        sending = [each.state is DeliveryState.SENDING for each in self._book.his(who)]
        return any(each.state in OPEN for each in his) or any(sending)
