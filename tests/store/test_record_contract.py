"""What every Record does: each try is there, and so is how much went where."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.made import MONDAY, NOON, pick
from tests.store.ledgers import KINDS, Stores, settled, stores
from worker.deliveries import (
    Attempt,
    DeliveryId,
    DeliveryState,
    HandedOver,
)
from worker.outcomes import (
    Cause,
)
from worker.returns import Undelivered

SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)


@pytest.fixture(params=KINDS)
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Stores]:
    async with stores(request.param, tmp_path) as opened:
        yield opened


async def attempt(
    store: Stores, state: DeliveryState, after: timedelta, server: str = "mx"
) -> Attempt:
    """Claim what is due, and settle it as tried then."""
    now = NOON + after
    (claimed,) = await store.ledger.claim(now, 1)
    again = state in (DeliveryState.DEFERRED, DeliveryState.UNCERTAIN)
    came = replace(settled(claimed, state, now if again else None), at=now, server=server)
    await store.ledger.settle([replace(came, reply=f"said {state}")])
    return Attempt(now, state, server, f"said {state}")


async def test_every_try_is_on_record_oldest_first(store: Stores) -> None:
    delivery = await store.planned(await store.join())
    tries = [
        await attempt(store, DeliveryState.DEFERRED, 0 * MINUTE, "first"),
        await attempt(store, DeliveryState.DEFERRED, 5 * MINUTE, "second"),
        await attempt(store, DeliveryState.UNCERTAIN, 15 * MINUTE, ""),
        await attempt(store, DeliveryState.SENT, 30 * MINUTE, "first"),
    ]
    assert await store.record.attempts(delivery.id) == tries
    assert await store.record.attempts(DeliveryId(99)) == []


async def test_what_was_not_being_sent_leaves_no_try(store: Stores) -> None:
    delivery = await store.planned(await store.join())
    await store.ledger.settle([settled(delivery)])
    assert await store.record.attempts(delivery.id) == []
    sent = await attempt(store, DeliveryState.SENT, 0 * MINUTE)
    await store.ledger.settle([settled(delivery), settled(delivery, DeliveryState.FAILED)])
    assert await store.record.attempts(delivery.id) == [sent]


async def test_the_same_attempt_settled_twice_at_once_is_one(store: Stores) -> None:
    delivery = await store.planned(await store.join())
    await store.ledger.claim(NOON, 1)
    await store.ledger.settle([settled(delivery), settled(delivery, DeliveryState.FAILED)])
    (tried,) = await store.record.attempts(delivery.id)
    assert tried.state is DeliveryState.SENT


async def test_what_came_back_is_on_record_too(store: Stores) -> None:
    delivery = await store.planned(await store.join())
    sent = await attempt(store, DeliveryState.SENT, 0 * MINUTE)
    later = NOON + timedelta(hours=3)
    await store.returns.bounced(Undelivered(delivery.id, Cause.ADDRESS, "550 5.1.1 no"), later)
    assert await store.record.attempts(delivery.id) == [
        sent,
        Attempt(later, DeliveryState.FAILED, "", "550 5.1.1 no"),
    ]


async def test_what_was_handed_over_is_counted_by_server_domain_and_minute(store: Stores) -> None:
    """What may have been is counted as well; what was refused is not, nor what nobody was asked."""
    addresses = ["a@One.org", "b@one.org", "c@two.org", "d@one.org", "e@one.org", "f@one.org"]
    went = [
        (DeliveryState.SENT, 0 * SECOND, "mx1"),
        (DeliveryState.SENT, 59 * SECOND, "mx1"),
        (DeliveryState.UNCERTAIN, 59 * SECOND, "mx1"),
        (DeliveryState.SENT, 60 * SECOND, "mx2"),
        (DeliveryState.FAILED, 61 * SECOND, "mx2"),
        (DeliveryState.UNCERTAIN, 61 * SECOND, ""),
    ]
    for number, (address, (state, after, server)) in enumerate(zip(addresses, went, strict=True)):
        await store.planned(await store.join(number, address))
        claimed = await store.ledger.claim(NOON + after, 1, avoid=["elsewhere.org"])
        came = settled(claimed[0], state, None)
        await store.ledger.settle([replace(came, at=NOON + after, server=server)])
    assert await store.record.handed_over(NOON) == [
        HandedOver("mx1", "one.org", NOON, 2),
        HandedOver("mx1", "two.org", NOON, 1),
        HandedOver("mx2", "one.org", NOON + MINUTE, 1),
    ]
    since = NOON + 59 * SECOND
    assert [each.count for each in await store.record.handed_over(since)] == [1, 1, 1]
    assert await store.record.handed_over(NOON + 61 * SECOND) == []


async def test_two_copies_of_one_in_doubt_are_two_that_went(store: Stores) -> None:
    await store.planned(await store.join(), pick(1), day=MONDAY)
    await attempt(store, DeliveryState.UNCERTAIN, 0 * SECOND)
    await attempt(store, DeliveryState.SENT, 30 * SECOND)
    assert await store.record.handed_over(NOON) == [HandedOver("mx", "example.org", NOON, 2)]
