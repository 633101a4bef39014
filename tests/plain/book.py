"""All that the plain stores know, and the changes that several of them make."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import count

from worker.asks import Ask, AskState
from worker.core.mailed import stays
from worker.core.plan import SUPERSEDABLE, WAITING
from worker.core.roll import stands_back
from worker.core.strikes import suppresses
from worker.deliveries import (
    Attempt,
    Brake,
    Breaker,
    Delivery,
    DeliveryId,
    DeliveryKind,
    DeliveryState,
    Reason,
    Settlement,
    Strike,
    Suppression,
)
from worker.digests import Digest
from worker.manner import USUAL
from worker.model import (
    Paper,
    PaperVersion,
    Pick,
    Refused,
    Rule,
    Subscriber,
    SubscriberId,
    SubscriberState,
)
from worker.ports import Suppressed

MAILED = {SubscriberState.ACTIVE, SubscriberState.PENDING}
BARE = (Rule("erased", "*"),)
GONE = {SubscriberState.REMOVED, SubscriberState.UNSUBSCRIBED, SubscriberState.SUPPRESSED}


@dataclass
class Book:
    """What everybody asked for, and what became of it.

    ``suppressed`` is keyed by what two spellings of an address have in common: that outlives the
    address, as a hash does in earnest. ``erased`` are those of whom no more is known.
    """

    subscribers: dict[SubscriberId, Subscriber] = field(default_factory=dict)
    deliveries: dict[DeliveryId, Delivery] = field(default_factory=dict)
    papers: dict[PaperVersion, Paper] = field(default_factory=dict)
    paper_log: str | None = None
    expected: int | None = None
    suppressed: dict[str, Suppression] = field(default_factory=dict)
    erased: set[SubscriberId] = field(default_factory=set)
    strikes: dict[tuple[DeliveryId, str, date], Strike] = field(default_factory=dict)
    attempts: list[tuple[DeliveryId, Attempt]] = field(default_factory=list)
    breakers: dict[tuple[Brake, str], Breaker] = field(default_factory=dict)
    asks: dict[int, Ask] = field(default_factory=dict)
    people_ids: Iterator[int] = field(default_factory=lambda: count(1))
    delivery_ids: Iterator[int] = field(default_factory=lambda: count(1))

    def delivery_id(self) -> DeliveryId:
        """One that no delivery ever had."""
        return DeliveryId(next(self.delivery_ids))

    def add(self, who: Subscriber) -> Subscriber:
        """Him, under an id that nobody ever had."""
        self.admit(replace(who, id=SubscriberId(0)))
        added = replace(who, id=SubscriberId(next(self.people_ids)))
        self.subscribers[added.id] = added
        return added

    def end(self, delivery: Delivery, state: DeliveryState) -> None:
        """No attempt will follow."""
        self.deliveries[delivery.id] = replace(delivery, state=state, due_at=None)

    def change(self, who: Subscriber) -> Subscriber:
        """Every change is a new version."""
        self.subscribers[who.id] = replace(who, version=who.version + 1)
        return self.subscribers[who.id]

    def his(self, who: Subscriber) -> list[Delivery]:
        """Every delivery of his."""
        return [each for each in self.deliveries.values() if each.subscriber == who.id]

    def with_address(self, address: str) -> Subscriber | None:
        """Whoever has that address, in whatever case it is written."""
        everyone = self.subscribers.values()
        same = (who for who in everyone if who.address.casefold() == address.casefold())
        return next(same, None)

    def listed(self, address: str) -> Suppression | None:
        """What the suppression list says of that address."""
        return self.suppressed.get(address.casefold())

    def admit(self, who: Subscriber) -> None:
        """Raises Suppressed if he is to be mailed and may not be, Refused if he is another one."""
        if who.state in MAILED and self.listed(who.address):
            raise Suppressed("subscribers: the address is on the suppression list")
        same = self.with_address(who.address)
        if same and same.id != who.id:
            raise Refused("subscribers: the address is on the list already")

    def write(self, who: Subscriber) -> Subscriber | None:
        """Him as he is to be, if nobody changed him meanwhile."""
        current = self.subscribers.get(who.id)
        if current is None or current.version != who.version:
            return None
        if who.id in self.erased:
            raise Suppressed("subscribers: he was erased, and stays so")
        self.admit(who)
        if stands_back(current, who):
            who = replace(who, held_over=(*who.held_over, *self._taken_back(who)))
        if who.epoch != current.epoch:
            for each in self.his(who):
                if each.state in SUPERSEDABLE:
                    self.deliveries[each.id] = replace(self.deliveries[each.id], epoch=who.epoch)
            self.close_moves(who)
        if who.state in GONE:
            self.close(who)
        return self.change(who)

    def close(self, who: Subscriber) -> None:
        """Nothing comes any more of what he asked for, or somebody asked for his address."""
        for ask in self.asks_of(who):
            if ask.state in {AskState.NEW, AskState.MAILED}:
                self.asks[ask.number] = replace(ask, state=AskState.CLOSED)

    def close_moves(self, who: Subscriber) -> None:
        """He moves nowhere: whoever had his link, and asked for it, has it no more."""
        for ask in self.asks.values():
            if ask.mover == who.uid and ask.state in {AskState.NEW, AskState.MAILED}:
                self.asks[ask.number] = replace(ask, state=AskState.CLOSED)

    def end_links(self, who: Subscriber) -> None:
        """No confirmation that was mailed leads anywhere; what was confirmed stays so."""
        for ask in self.asks.values():
            if ask.subscriber == who.id or ask.mover == who.uid:
                self.asks[ask.number] = replace(ask, state=AskState.CLOSED)

    def bare(self, ask: Ask) -> None:
        """Nothing is left of it but what the limits count by."""
        closed = replace(ask, state=AskState.CLOSED, confirmed_at=None, wanted=None)
        nobodys = replace(closed, address="", network="", subscriber=None, mover=None)
        self.asks[ask.number] = replace(nobodys, traces=replace(ask.traces, domain=""))

    def asks_of(self, who: Subscriber) -> list[Ask]:
        """Those that name him or his address."""
        key = who.address.casefold()
        asks = self.asks.values()
        his = [each for each in asks if each.subscriber == who.id or each.mover == who.uid]
        return his + [each for each in asks if each.address.casefold() == key and each not in his]

    def delete(self, who: Subscriber) -> None:
        """As if he had never been there."""
        self.forget_strikes(who)
        his = {each.id for each in self.his(who)}
        self.attempts = [(of, one) for of, one in self.attempts if of not in his]
        for id_ in his:
            del self.deliveries[id_]
        for ask in self.asks.values():
            if ask.subscriber == who.id:
                self.asks[ask.number] = replace(ask, subscriber=None)
        del self.subscribers[who.id]

    def _taken_back(self, who: Subscriber) -> list[Pick]:
        """All but digests goes on to who pauses, and answers to who leaves by himself."""
        ended = SUPERSEDABLE if who.state is SubscriberState.ACTIVE else WAITING
        picks: list[Pick] = []
        for delivery in self.his(who):
            if delivery.state in ended and not stays(delivery.kind, who.state):
                picks += delivery.digest.owed if delivery.state in SUPERSEDABLE else ()
                self.end(delivery, DeliveryState.CANCELLED)
        return picks

    def take_back(self, delivery: Delivery) -> None:
        """It is sent no more; its papers are held over, unless it may have arrived."""
        self.end(delivery, DeliveryState.CANCELLED)
        who = self.subscribers[delivery.subscriber]
        is_safe = not delivery.doubts and delivery.kind is DeliveryKind.DIGEST
        if is_safe and who.id not in self.erased:
            self.change(replace(who, held_over=(*who.held_over, *delivery.digest.owed)))

    def suppress(self, new: Suppression) -> bool:
        """On the list, and who has the address with it; a complaint takes the place of less."""
        known = self.listed(new.address)
        if known is None:
            self.suppressed[new.address.casefold()] = new
        elif new.reason is Reason.COMPLAINT and known.reason is not Reason.COMPLAINT:
            worse = replace(new, address=known.address)
            self.suppressed[new.address.casefold()] = worse
        who = self.with_address(new.address)
        if who and who.state not in GONE:
            self.write(replace(who, state=SubscriberState.SUPPRESSED))
        elif who:
            self.close(who)
        return known is None

    def forget(self, who: Subscriber) -> None:
        """Nothing is left that tells who he was or what he read for; the counts stay right."""
        state = who.state if who.state in GONE else SubscriberState.REMOVED
        nobody = replace(who, address=f"erased-{who.id}@erased.invalid", state=state)
        nobody = replace(nobody, rules=(), held_over=(), timezone="UTC", manner=USUAL)
        self.change(replace(nobody, from_file=False, epoch=who.epoch + 1))
        self.erased.add(who.id)
        self.forget_strikes(who)
        for ask in self.asks_of(who):
            self.bare(ask)
        for delivery in self.his(who):
            if delivery.state in WAITING:
                self.end(delivery, DeliveryState.CANCELLED)
        his = {delivery.id: _bare(delivery) for delivery in self.his(who)}
        self.deliveries |= his
        self.attempts = [
            (of, replace(attempt, reply="") if of in his else attempt)
            for of, attempt in self.attempts
        ]

    def forget_strikes(self, who: Subscriber) -> None:
        """His no more; the next one is the first."""
        his = {each.id for each in self.his(who)}
        self.strikes = {key: one for key, one in self.strikes.items() if key[0] not in his}

    def conclude(self, settlement: Settlement, before: Iterable[DeliveryState]) -> bool:
        """Note an attempt at a delivery that is in such a state, with all that follows from it."""
        delivery = self.deliveries.get(settlement.delivery)
        if delivery is None or delivery.state not in set(before):
            return False
        who = self.subscribers[delivery.subscriber]
        each = replace(settlement, reply="") if who.id in self.erased else settlement
        noted = replace(delivery, state=each.state, due_at=each.due_at, reply=each.reply)
        noted = replace(noted, attempts=each.attempts, doubts=each.doubts, small=each.small)
        self.deliveries[delivery.id] = noted
        self.attempts.append((delivery.id, Attempt(each.at, each.state, each.server, each.reply)))
        if who.id not in self.erased:
            if each.returned:
                who = self.change(replace(who, held_over=(*who.held_over, *each.returned)))
            if each.strike:
                self._strike(who, delivery, each.strike)
        return True

    def _strike(self, who: Subscriber, delivery: Delivery, new: Strike) -> None:
        """Once for each delivery and way, and a full mailbox once a day."""
        day = new.at.date() if new.via == "smtp" else delivery.digest.slot.day
        if (delivery.id, new.via, day) in self.strikes:
            return
        self.strikes[delivery.id, new.via, day] = new
        his = {each.id for each in self.his(who)}
        so_far = [one for (of, _, _), one in self.strikes.items() if of in his]
        if suppresses(so_far, new.at):
            self.suppress(Suppression(who.address, Reason.BOUNCES, new.at, new.reply))


def _bare(delivery: Delivery) -> Delivery:
    """Which papers they were stays, and that is all."""
    picks = tuple(replace(pick, rules=BARE, score=0, because=()) for pick in delivery.digest.picks)
    digest = Digest(delivery.digest.slot, picks, delivery.digest.receipt)
    return replace(delivery, digest=digest, reply="", answers="", manner=USUAL, ask=None)
