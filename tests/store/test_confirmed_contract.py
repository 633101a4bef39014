"""What every Signups does when somebody confirms what he asked for."""

from __future__ import annotations

import asyncio
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
    joining,
    mailed,
    moving,
    noted,
    numbers,
    pending,
    turned,
)
from tests.store.ledgers import KINDS, Stores, settled, stores, struck
from worker.asks import (
    CONFIRM_WITHIN,
    AskKind,
    AskState,
)
from worker.deliveries import DeliveryState, Reason
from worker.model import Refused, SubscriberState
from worker.ports import Suppressed

MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)
LATER = NOON + timedelta(hours=1)
TOO_LATE = NOON + CONFIRM_WITHIN
GONE = [SubscriberState.UNSUBSCRIBED, SubscriberState.REMOVED, SubscriberState.SUPPRESSED]


@pytest.fixture(params=KINDS)
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Stores]:
    async with stores(request.param, tmp_path) as opened:
        yield opened


# --- confirm --------------------------------------------------------------------


async def test_who_confirms_is_on_the_list_as_he_is_to_be(store: Stores) -> None:
    given, who = await pending(store)
    confirmed = await store.signups.confirm(given, active(who), LATER)
    assert confirmed == replace(active(who), version=who.version + 1)
    assert await store.now(who) == confirmed
    kept = replace(given, state=AskState.CONFIRMED, confirmed_at=LATER, address="", wanted=None)
    assert await found(store, given) == kept
    assert await store.signups.consents(who.id) == [kept]


async def test_who_unsubscribed_comes_back_by_himself(store: Stores) -> None:
    who = await turned(store, await store.join(), SubscriberState.UNSUBSCRIBED)
    given = await mailed(store, ask(address=who.address), who)
    confirmed = await store.signups.confirm(given, active(who), LATER)
    assert confirmed is not None
    assert confirmed.state is SubscriberState.ACTIVE


async def test_one_ask_is_confirmed_once(store: Stores) -> None:
    given, who = await pending(store)
    acts = [store.signups.confirm(given, active(who), LATER) for _ in range(4)]
    done = [each for each in await asyncio.gather(*acts) if each]
    assert [each.version for each in done] == [who.version + 1]
    assert await store.signups.confirm(given, active(done[0]), LATER) is None
    assert await store.now(who) == done[0]


async def test_what_is_not_mailed_cannot_be_confirmed(store: Stores) -> None:
    who = await store.join()
    given = await noted(store, ask(address=who.address))
    assert await store.signups.confirm(given, replace(who, max_papers=3), LATER) is None
    await store.signups.admit(given)
    assert await store.signups.confirm(given, replace(who, max_papers=3), LATER) is None
    assert await store.signups.confirm(ask(9), replace(who, max_papers=3), LATER) is None
    assert await store.now(who) == who


async def test_who_changed_meanwhile_confirms_nothing(store: Stores) -> None:
    given, who = await pending(store)
    changed = await store.subscribers.change(replace(who, max_papers=3))
    assert await store.signups.confirm(given, active(who), LATER) is None
    assert await found(store, given) == given
    assert await store.now(who) == changed


async def test_nobody_confirms_who_is_on_the_suppression_list(store: Stores) -> None:
    given, who = await pending(store)
    await store.suppressions.suppress("other@example.org", Reason.COMPLAINT, NOON)
    with pytest.raises(Suppressed) as refused:
        await store.signups.confirm(given, replace(active(who), address="other@example.org"), NOON)
    assert "@" not in str(refused.value)
    assert await found(store, given) == given
    assert await store.now(who) == who


async def test_what_he_confirmed_is_kept_for_him_and_for_nobody_else(store: Stores) -> None:
    first, who = await pending(store, ask(1))
    second = await mailed(store, ask(2, at=NOON - MINUTE), who)
    await mailed(store, ask(3), who)
    other = await store.join(2)
    for each in (first, second):
        now = await store.now(who)
        assert await store.signups.confirm(each, replace(active(now), max_papers=3), LATER)
    assert numbers(await store.signups.consents(who.id)) == [2, 1]
    assert await store.signups.consents(other.id) == []


# --- somebody moves ---------------------------------------------------------------


async def test_who_moves_takes_the_place_of_who_was_pending_for_him(store: Stores) -> None:
    given, mover = await moving(store)
    gone = await store.now(joining())
    other = await mailed(store, ask(2), gone)
    (claimed,) = await store.ledger.claim(NOON, 1)
    full = struck(settled(claimed, DeliveryState.DEFERRED, NOON), 3, NOON)
    await store.ledger.settle([full])
    moved = await store.signups.confirm(given, replace(mover, address=ADDRESS, epoch=1), LATER)
    assert moved == replace(mover, address=ADDRESS, epoch=1, version=mover.version + 1)
    assert await store.subscribers.everyone() == [moved]
    assert await store.every_delivery() == []
    assert await store.record.attempts(claimed.id) == []
    now = await found(store, given)
    assert (now.state, now.subscriber) == (AskState.CONFIRMED, mover.id)
    assert await found(store, other) == replace(other, state=AskState.CLOSED, subscriber=None)
    assert await store.signups.consents(mover.id) == [now]


async def test_what_was_just_going_out_to_who_was_pending_is_settled_without_a_trace(
    store: Stores,
) -> None:
    given, mover = await moving(store)
    (claimed,) = await store.ledger.claim(NOON, 1)
    assert await store.signups.confirm(given, replace(mover, address=ADDRESS), LATER)
    await store.ledger.settle([struck(settled(claimed, DeliveryState.FAILED), 12, NOON)])
    assert await store.every_delivery() == []
    assert await store.suppressions.listed() == []


async def test_an_id_is_never_given_again(store: Stores) -> None:
    given, mover = await moving(store)
    pending_id = (await store.now(joining())).id
    (confirms,) = await store.every_delivery()
    await store.signups.confirm(given, replace(mover, address=ADDRESS), LATER)
    _, new = await pending(store, ask(5, address="new@example.org"), number=5)
    assert new.id != pending_id
    assert (await store.every_delivery())[0].id != confirms.id


@pytest.mark.parametrize("was", [SubscriberState.UNSUBSCRIBED, SubscriberState.UNLISTED])
async def test_who_moves_where_he_was_on_the_list_once_leaves_nothing_of_that(
    store: Stores, was: SubscriberState
) -> None:
    given, mover = await moving(store, was=was)
    moved = await store.signups.confirm(given, replace(mover, address=ADDRESS), LATER)
    assert moved is not None
    assert await store.subscribers.find(ADDRESS) == moved
    (old,) = [who for who in await store.subscribers.everyone() if who.id != mover.id]
    assert (old.rules, old.address) == ((), f"erased-{old.id}@erased.invalid")
    assert "secret" not in repr(await store.every_delivery())
    assert len(await store.every_delivery()) == 2, "the counts stay right"
    assert await store.suppressions.listed() == []
    assert await store.ledger.claim(LATER, 9) == []


@pytest.mark.parametrize(
    "was", [SubscriberState.ACTIVE, SubscriberState.REMOVED, SubscriberState.SUPPRESSED]
)
async def test_nobody_moves_to_the_address_of_another(store: Stores, was: SubscriberState) -> None:
    mover = await store.join(1)
    given = await mailed(store, ask(kind=AskKind.MOVE, address="x@y.org", mover=mover.uid), mover)
    await turned(store, await store.join(2, ADDRESS), was)
    before = await store.subscribers.everyone()
    with pytest.raises(Refused) as refused:
        await store.signups.confirm(given, replace(mover, address=ADDRESS), LATER)
    assert "@" not in str(refused.value)
    assert await store.subscribers.everyone() == before
    assert await found(store, given) == given
