"""What is left of an ask that nobody confirmed in time, and of those of who leaves."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.made import NOON
from tests.store.asking import (
    ADDRESS,
    active,
    ask,
    found,
    mailed,
    moving,
    noted,
    numbers,
    pending,
    state_of,
    turned,
)
from tests.store.ledgers import KINDS, Stores, settled, stores, struck
from worker.asks import (
    CONFIRM_WITHIN,
    NETWORK_KEPT,
    Ask,
    AskKind,
    AskState,
    Traces,
)
from worker.deliveries import DeliveryState, Reason
from worker.model import Subscriber, SubscriberState

MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)
LATER = NOON + timedelta(hours=1)
TOO_LATE = NOON + CONFIRM_WITHIN
GONE = [SubscriberState.UNSUBSCRIBED, SubscriberState.REMOVED, SubscriberState.SUPPRESSED]


@pytest.fixture(params=KINDS)
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Stores]:
    async with stores(request.param, tmp_path) as opened:
        yield opened


# --- forget ---------------------------------------------------------------------


async def test_what_nobody_confirms_is_forgotten_with_who_was_pending_for_it(
    store: Stores,
) -> None:
    await pending(store)
    (claimed,) = await store.ledger.claim(NOON, 1)
    await store.ledger.settle([struck(settled(claimed, DeliveryState.DEFERRED, NOON), 3, NOON)])
    await noted(store, ask(2), ask(3, at=NOON + SECOND))
    assert await store.signups.forget(TOO_LATE - SECOND) == 0
    assert await store.signups.forget(TOO_LATE) == 2
    assert await store.subscribers.everyone() == []
    assert await store.every_delivery() == []
    assert await store.record.attempts(claimed.id) == []
    assert numbers(await store.signups.waiting(9)) == [3]
    assert await store.signups.find(1) is None
    _, who = await pending(store, ask(4))
    assert who.state is SubscriberState.PENDING


async def test_who_was_asked_for_again_is_waited_for(store: Stores) -> None:
    _, who = await pending(store)
    again = await mailed(store, ask(2, at=NOON + MINUTE), who)
    assert await store.signups.forget(TOO_LATE) == 1
    assert await store.now(who) == who
    assert await found(store, again) == again
    assert len(await store.every_delivery()) == 2
    assert await store.signups.forget(TOO_LATE + MINUTE) == 1
    assert await store.subscribers.everyone() == []


async def test_nobody_is_forgotten_while_a_mail_to_him_is_going_out(store: Stores) -> None:
    _, who = await pending(store)
    (claimed,) = await store.ledger.claim(NOON, 1)
    assert await store.signups.forget(TOO_LATE) == 1
    assert await store.now(who) == who
    await store.ledger.settle([settled(claimed)])
    assert await store.signups.forget(TOO_LATE) == 0
    assert await store.subscribers.everyone() == []


@pytest.mark.parametrize(
    "into", [each for each in SubscriberState if each is not SubscriberState.PENDING]
)
async def test_nobody_is_forgotten_who_is_more_than_pending(
    store: Stores, into: SubscriberState
) -> None:
    given, who = await pending(store)
    if into is SubscriberState.ACTIVE:
        await store.signups.confirm(given, active(who), LATER)
    else:
        await turned(store, who, into)
    before = await store.now(who)
    await store.signups.forget(TOO_LATE)
    assert await store.now(who) == before
    assert len(await store.every_delivery()) == 1


async def test_who_moves_leaves_nobody_pending_when_he_leaves_instead(store: Stores) -> None:
    given, mover = await moving(store)
    await turned(store, mover, SubscriberState.UNSUBSCRIBED)
    assert await state_of(store, given) is AskState.CLOSED
    await store.signups.forget(LATER)
    assert await store.subscribers.find(ADDRESS) is None
    assert await found(store, given) == replace(given, state=AskState.CLOSED, subscriber=None)


async def test_the_network_of_a_consent_is_kept_for_a_while_and_the_consent_on(
    store: Stores,
) -> None:
    given, who = await pending(store)
    await store.signups.confirm(given, active(who), LATER)
    before = await found(store, given)
    assert await store.signups.forget(NOON + NETWORK_KEPT - SECOND) == 0
    assert await found(store, given) == before
    assert await store.signups.forget(NOON + NETWORK_KEPT) == 0
    bare = replace(before, network="", traces=Traces("", "", given.traces.domain))
    assert await store.signups.consents(who.id) == [bare]


# --- whoever leaves ---------------------------------------------------------------


async def open_asks(store: Stores, who: Subscriber) -> list[Ask]:
    """One that he was mailed about, one to move, and one for his address that is quite new."""
    about = await mailed(store, ask(11, address=who.address), who)
    moves = ask(12, AskKind.MOVE, "new@example.org", mover=who.uid)
    moves = (await pending(store, moves, number=77))[0]
    return [about, moves, await noted(store, ask(13, address=who.address.upper()))]


@pytest.mark.parametrize("into", GONE)
async def test_whoever_leaves_or_is_suppressed_has_no_open_ask_from_then_on(
    store: Stores, into: SubscriberState
) -> None:
    who, other = await store.join(1), await store.join(2)
    his = await open_asks(store, who)
    anothers = await mailed(store, ask(20, address=other.address), other)
    await turned(store, who, into)
    assert [await state_of(store, each) for each in his] == [AskState.CLOSED] * 3
    assert await state_of(store, anothers) is AskState.MAILED
    assert await store.signups.waiting(9) == []
    now = await store.now(who)
    for each in his:
        assert await store.signups.confirm(each, replace(now, max_papers=3), LATER) is None


@pytest.mark.parametrize("into", [SubscriberState.UNLISTED, SubscriberState.ACTIVE])
async def test_who_does_not_leave_has_his_asks_open(store: Stores, into: SubscriberState) -> None:
    who = await store.join()
    his = await open_asks(store, who)
    await turned(store, who, into)
    assert [await found(store, each) for each in his] == his


@pytest.mark.parametrize("left_before", [False, True])
async def test_who_is_put_on_the_suppression_list_has_none_either(
    store: Stores, left_before: bool
) -> None:
    who = await store.join()
    if left_before:
        who = await turned(store, who, SubscriberState.UNSUBSCRIBED)
    given = await mailed(store, ask(address=who.address), who)
    await store.suppressions.suppress(who.address, Reason.COMPLAINT, NOON)
    assert await state_of(store, given) is AskState.CLOSED
    assert await store.ledger.claim(NOON, 9) == []


async def test_confirmed_stays_confirmed_when_he_leaves(store: Stores) -> None:
    given, who = await pending(store)
    await store.signups.confirm(given, active(who), LATER)
    await turned(store, who, SubscriberState.UNSUBSCRIBED)
    assert await state_of(store, given) is AskState.CONFIRMED


def nobodys(given: Ask) -> Ask:
    """What is left of it for two days: that somebody asked, as hashes for the limits."""
    bare = replace(given, address="", wanted=None, network="", mover=None, subscriber=None)
    traces = replace(given.traces, domain="")
    return replace(bare, traces=traces, state=AskState.CLOSED, confirmed_at=None)


async def test_of_who_is_erased_no_ask_is_left_but_to_count_by(store: Stores) -> None:
    given, who = await pending(store, ask(1))
    await store.signups.confirm(given, active(who), LATER)
    his = await open_asks(store, await store.now(who))
    other = await noted(store, ask(20, address="other@example.org"))
    assert await store.suppressions.erase(ADDRESS, NOON)
    for each in (given, *his):
        assert await found(store, each) == nobodys(each)
    assert await store.signups.consents(who.id) == []
    assert await store.signups.waiting(9) == [other]
    assert {each.ask for each in await store.ledger.deliveries(DeliveryState, who.id)} == {None}


async def test_who_is_known_by_an_ask_only_is_erased_too(store: Stores) -> None:
    given = await noted(store, ask())
    await store.signups.admit(given)
    assert await store.suppressions.erase(ADDRESS.lower(), NOON)
    assert await found(store, given) == nobodys(given)
    assert await store.signups.forget(TOO_LATE) == 1
    assert await store.signups.find(given.number) is None
    entry = await store.suppressions.find(ADDRESS)
    assert entry is not None
    assert (entry.address, entry.reason) == ("", Reason.ERASED)


async def test_a_pending_one_who_wants_never_to_be_mailed_is_not_mailed_again(
    store: Stores,
) -> None:
    """As the confirmation mail's own unsubscribe link does it."""
    given, who = await pending(store)
    assert await store.suppressions.suppress(who.address, Reason.COMPLAINT, NOON)
    assert (await store.now(who)).state is SubscriberState.SUPPRESSED
    assert await store.ledger.claim(NOON, 9) == []
    assert await store.signups.confirm(given, active(who), LATER) is None
    assert await store.signups.forget(TOO_LATE) == 1
    assert (await store.now(who)).state is SubscriberState.SUPPRESSED
