"""Strikes against an address, and the suppression that enough of them lead to."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.made import MONDAY, NOON, pick
from tests.store.ledgers import KINDS, Stores, returning, settled, stores, struck
from worker.deliveries import DeliveryState, Reason, Suppression
from worker.model import Subscriber, SubscriberState

ADDRESS = "reader1@example.org"
LATER = NOON + timedelta(days=1)
TUESDAY = MONDAY + timedelta(days=1)


@pytest.fixture(params=KINDS)
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Stores]:
    async with stores(request.param, tmp_path) as opened:
        yield opened


async def fail(store: Stores, who: Subscriber, day: int, points: int = 6) -> None:
    """A digest of that day, refused as if his mailbox were not there."""
    delivery = await store.planned(
        await store.now(who), pick(day + 1), day=MONDAY + timedelta(days=day)
    )
    await store.ledger.claim(NOON, 9)
    failed = settled(delivery, DeliveryState.FAILED)
    await store.ledger.settle([struck(failed, points, NOON + timedelta(days=day))])


async def test_two_noes_a_day_apart_suppress_and_the_last_words_are_kept(store: Stores) -> None:
    who = await store.join()
    await fail(store, who, 0)
    assert await store.suppressions.listed() == []
    await fail(store, who, 1)
    assert await store.suppressions.listed() == [
        Suppression(ADDRESS, Reason.BOUNCES, LATER, "550 5.1.1 no such user")
    ]
    assert (await store.now(who)).state is SubscriberState.SUPPRESSED


async def test_the_strikes_of_one_are_not_those_of_another(store: Stores) -> None:
    await fail(store, await store.join(1), 0)
    await fail(store, await store.join(2), 1)
    assert await store.suppressions.listed() == []


async def test_a_mailbox_that_is_full_for_days_on_end_is_suppressed_on_the_fourth(
    store: Stores,
) -> None:
    await store.planned(await store.join())
    hours = 0
    while not await store.suppressions.listed():
        now = NOON + timedelta(hours=hours)
        (claimed,) = await store.ledger.claim(now, 1)
        again = settled(claimed, DeliveryState.DEFERRED, now)
        await store.ledger.settle([struck(again, 3, now)])
        hours += 8
    assert 72 <= hours - 8 <= 96
    assert await store.ledger.claim(NOON + timedelta(days=9), 9) == []


async def test_picks_that_come_back_with_the_last_strike_are_kept_with_the_rest(
    store: Stores,
) -> None:
    who = await store.join()
    await fail(store, who, 0)
    delivery = await store.planned(await store.now(who), pick(7), day=TUESDAY)
    await store.ledger.claim(NOON, 1)
    failed = returning(settled(delivery, DeliveryState.FAILED), pick(7))
    await store.ledger.settle([struck(failed, 6, LATER)])
    found = await store.now(who)
    assert (found.state, found.held_over) == (SubscriberState.SUPPRESSED, (pick(7),))


async def test_taken_off_the_list_old_strikes_are_forgiven(store: Stores) -> None:
    who = await store.join()
    await fail(store, who, 0)
    await fail(store, who, 1)
    await store.suppressions.unsuppress(ADDRESS)
    found = await store.now(who)
    assert await store.subscribers.change(replace(found, state=SubscriberState.ACTIVE))
    await fail(store, who, 2)
    assert await store.suppressions.listed() == []
    await fail(store, who, 3)
    assert len(await store.suppressions.listed()) == 1
