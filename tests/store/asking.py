"""Asks and notices to test with, made in one line each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time

from tests.made import MONDAY, NOON, pick, subscriber
from tests.store.ledgers import Stores
from worker.asks import Ask, AskKind, AskState, Limits, Notice, Traces
from worker.deliveries import DeliveryKind
from worker.digests import Slot
from worker.manner import Language, Manner
from worker.model import Preferences, Rule, Subscriber, SubscriberId, SubscriberState, WhenEmpty
from worker.schedules import OnDays

NO_LIMITS = Limits((), (), (), (), ())
NEWCOMER = SubscriberId(0)
ADDRESS = "Ann@Example.org"


def wanted(address: str = ADDRESS) -> Preferences:
    """Preferences of which nothing is as usual."""
    return Preferences(
        address=address,
        schedule=OnDays(frozenset({0, 3}), time(18, 30)),
        timezone="Asia/Tokyo",
        rules=(Rule("Koopman", 'koopman* "naïve 量子"'), Rule("b", "b -c")),
        when_empty=WhenEmpty.SAY_SO,
        max_papers=7,
        paused_until=date(2026, 1, 1),
        manner=Manner(Language.JA, plain=True),
    )


def ask(
    number: int = 1,
    kind: AskKind = AskKind.SUBSCRIBE,
    address: str = ADDRESS,
    at: datetime = NOON,
    mover: int | None = None,
) -> Ask:
    """One that has nothing in common with those of other numbers but the address."""
    return Ask(
        number=number,
        kind=kind,
        at=at,
        address=address,
        wanted=wanted(address) if kind is AskKind.SUBSCRIBE else None,
        traces=Traces(f"address {number}", f"network {number}", f"domain {number}"),
        network="192.0.2.0/24",
        form=1000 + number,
        mover=mover,
    )


def joining(address: str = ADDRESS, number: int = 7) -> Subscriber:
    """Who is to be added for an ask, in a manner of his own."""
    who = replace(subscriber(address=address, number=number), id=NEWCOMER)
    return replace(who, state=SubscriberState.PENDING, manner=Manner(Language.DE, plain=True))


def confirming(of: Ask, who: SubscriberId = NEWCOMER) -> Notice:
    """The mail with the link that confirms it."""
    slot = Slot(f"ask-{of.number}", MONDAY)
    lines = ("Please confirm", "The link holds for two days.")
    message_id = f"<ask-{of.number}@x.org>"
    return Notice(who, DeliveryKind.CONFIRM, slot, lines, message_id, of.at, of.number)


def telling(of: Ask, who: SubscriberId) -> Notice:
    """A mail about it that confirms nothing."""
    slot = Slot(f"word-{of.number}", MONDAY)
    return Notice(
        who, DeliveryKind.NOTICE, slot, ("You are subscribed",), f"<word-{of.number}@x.org>", of.at
    )


async def noted(store: Stores, *asks: Ask) -> Ask:
    """They are all asked; gives the first."""
    for each in asks:
        assert await store.signups.ask(each, NO_LIMITS) is None
    return asks[0]


async def pending(store: Stores, of: Ask | None = None, number: int = 7) -> tuple[Ask, Subscriber]:
    """Somebody new who asked and was mailed about it."""
    of = await noted(store, of or ask())
    new = joining(of.address, number)
    assert await store.signups.admit(of, [confirming(of)], new)
    return await found(store, of), await store.now(new)


async def mailed(store: Stores, of: Ask, who: Subscriber) -> Ask:
    """An ask that somebody who is known already was mailed about."""
    await noted(store, of)
    assert await store.signups.admit(of, [confirming(of, who.id)])
    return await found(store, of)


async def found(store: Stores, of: Ask) -> Ask:
    """The ask as it is now."""
    known = await store.signups.find(of.number)
    assert known is not None
    return known


async def state_of(store: Stores, of: Ask) -> AskState:
    """How far it has come."""
    return (await found(store, of)).state


def active(who: Subscriber) -> Subscriber:
    """He, on the list."""
    return replace(who, state=SubscriberState.ACTIVE, created_at=datetime(2025, 9, 9, tzinfo=UTC))


def numbers(asks: Sequence[Ask]) -> list[int]:
    """Which they are."""
    return [each.number for each in asks]


async def turned(store: Stores, who: Subscriber, into: SubscriberState) -> Subscriber:
    """He, in that state now."""
    changed = await store.subscribers.change(replace(await store.now(who), state=into))
    assert changed is not None
    return changed


async def moving(store: Stores, *, was: SubscriberState | None = None) -> tuple[Ask, Subscriber]:
    """Somebody who asked to be mailed at another address, where somebody of that state was."""
    mover = await store.join(1)
    given = ask(kind=AskKind.MOVE, mover=mover.uid)
    if was is None:
        return (await pending(store, given))[0], mover
    other = await store.join(2, ADDRESS)
    await store.planned(other, pick(1, "secret"))
    other = await turned(store, other, was)
    return await mailed(store, given, other), mover
