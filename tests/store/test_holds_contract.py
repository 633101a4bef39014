"""What every Holds does: nothing that is kept back is claimed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.made import MONDAY, NOON, pick
from tests.store.ledgers import KINDS, Stores, plan_for, settled, stores
from worker.deliveries import Brake, Breaker, Delivery, DeliveryId, DeliveryState
from worker.model import SubscriberState

SOON = NOON + timedelta(minutes=5)
TUESDAY = MONDAY + timedelta(days=1)
SERVER = Breaker(Brake.SERVER, "mx.example.org", NOON, SOON, 3, "421 4.7.0 später", ours=True)
DOMAIN = Breaker(Brake.DOMAIN, "mx.example.org", NOON, None, 1, "550 5.7.1 no")
QUEUE = Breaker(Brake.QUEUE, "", NOON, None, 0, "by hand")


@pytest.fixture(params=KINDS)
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Stores]:
    async with stores(request.param, tmp_path) as opened:
        yield opened


async def waiting(store: Stores, state: DeliveryState, number: int = 1) -> Delivery:
    """A delivery in that state, whether waiting or over."""
    planned = await store.planned(await store.join(number))
    if state is DeliveryState.PLANNED:
        return planned
    await store.ledger.claim(NOON, 9)
    if state is not DeliveryState.SENDING:
        again = state in (DeliveryState.DEFERRED, DeliveryState.UNCERTAIN)
        await store.ledger.settle([settled(planned, state, SOON if again else None)])
    return await now(store, planned)


async def now(store: Stores, delivery: Delivery) -> Delivery:
    found = await store.returns.delivery(delivery.id)
    assert found is not None
    return found


# --- breakers -----------------------------------------------------------------


async def test_a_breaker_is_remembered_as_it_is_until_it_is_closed(store: Stores) -> None:
    assert await store.holds.breakers() == []
    for breaker in (SERVER, QUEUE, DOMAIN):
        await store.holds.open(breaker)
    assert await store.holds.breakers() == [DOMAIN, QUEUE, SERVER]
    assert await store.holds.close(Brake.SERVER, "mx.example.org")
    assert not await store.holds.close(Brake.SERVER, "mx.example.org")
    assert await store.holds.breakers() == [DOMAIN, QUEUE]


async def test_a_breaker_takes_the_place_of_what_was_known(store: Stores) -> None:
    await store.holds.open(SERVER)
    worse = replace(SERVER, failures=4, until=SOON + timedelta(hours=1), ours=False)
    await store.holds.open(worse)
    assert await store.holds.breakers() == [worse]


async def test_nothing_is_claimed_while_the_queue_is_held(store: Stores) -> None:
    await waiting(store, DeliveryState.PLANNED)
    await store.holds.open(QUEUE)
    assert await store.ledger.claim(NOON, 9) == []
    assert (await store.ledger.counts())["planned"] == 1
    await store.holds.close(Brake.QUEUE, "")
    assert len(await store.ledger.claim(NOON, 9)) == 1


async def test_a_breaker_of_a_server_or_a_domain_is_for_the_caller_to_heed(store: Stores) -> None:
    await waiting(store, DeliveryState.PLANNED)
    await store.holds.open(SERVER)
    await store.holds.open(replace(DOMAIN, name="example.org"))
    assert len(await store.ledger.claim(NOON, 9)) == 1


# --- by the operator ----------------------------------------------------------

WAITS = [DeliveryState.PLANNED, DeliveryState.DEFERRED, DeliveryState.UNCERTAIN]
OVER = [DeliveryState.SENDING, DeliveryState.SENT, DeliveryState.FAILED, DeliveryState.EXPIRED]


@pytest.mark.parametrize("state", WAITS)
async def test_what_is_held_is_not_claimed_until_it_is_released(
    store: Stores, state: DeliveryState
) -> None:
    delivery = await waiting(store, state)
    assert await store.holds.hold([delivery.id]) == [delivery.id]
    assert await now(store, delivery) == replace(delivery, held=True)
    assert await store.ledger.claim(SOON, 9) == []
    assert await store.holds.release([delivery.id]) == [delivery.id]
    assert await now(store, delivery) == delivery
    assert [each.id for each in await store.ledger.claim(SOON, 9)] == [delivery.id]


@pytest.mark.parametrize("state", WAITS)
async def test_a_retry_is_due_now(store: Stores, state: DeliveryState) -> None:
    delivery = await waiting(store, state)
    early = NOON - timedelta(hours=1)
    assert await store.holds.retry([delivery.id], early) == [delivery.id]
    assert await now(store, delivery) == replace(delivery, due_at=early)
    (claimed,) = await store.ledger.claim(early, 9)
    assert (claimed.message_id, claimed.papers) == (delivery.message_id, delivery.papers)


async def test_what_is_held_in_doubt_for_good_can_be_retried(store: Stores) -> None:
    planned = await store.planned(await store.join())
    await store.ledger.claim(NOON, 9)
    await store.ledger.settle([settled(planned, DeliveryState.UNCERTAIN, None)])
    assert await store.holds.retry([planned.id], SOON) == [planned.id]
    assert len(await store.ledger.claim(SOON, 9)) == 1


@pytest.mark.parametrize("held", [False, True])
@pytest.mark.parametrize("state", WAITS)
async def test_what_is_dropped_is_over_and_its_papers_come_in_no_other_mail(
    store: Stores, state: DeliveryState, held: bool
) -> None:
    delivery = await waiting(store, state)
    if held:
        await store.holds.hold([delivery.id])
    owner = (await store.subscribers.everyone())[0]
    assert await store.holds.drop([delivery.id], SOON) == [delivery.id]
    found = await now(store, delivery)
    assert (found.state, found.due_at) == (DeliveryState.CANCELLED, None)
    assert await store.subscribers.everyone() == [owner]
    assert await store.ledger.claim(SOON, 9) == []


@pytest.mark.parametrize("state", OVER)
async def test_only_what_waits_is_kept_back_or_dropped(store: Stores, state: DeliveryState) -> None:
    delivery = await waiting(store, state)
    ids = [delivery.id, DeliveryId(99)]
    assert await store.holds.hold(ids) == []
    assert await store.holds.release(ids) == []
    assert await store.holds.retry(ids, SOON) == []
    assert await store.holds.drop(ids, SOON) == []
    assert await now(store, delivery) == delivery


async def test_what_is_held_is_not_held_again_nor_retried(store: Stores) -> None:
    delivery = await waiting(store, DeliveryState.DEFERRED)
    assert await store.holds.release([delivery.id]) == []
    await store.holds.hold([delivery.id])
    assert await store.holds.hold([delivery.id]) == []
    assert await store.holds.retry([delivery.id], NOON) == []
    assert (await now(store, delivery)).due_at == SOON


async def test_those_it_took_effect_on_are_given_in_order(store: Stores) -> None:
    made = [(await waiting(store, DeliveryState.PLANNED, n)).id for n in (1, 2, 3)]
    assert await store.holds.hold(iter(reversed(made))) == made
    assert await store.holds.release([]) == []
    assert await store.holds.drop(made[1:], NOON) == made[1:]


async def test_what_is_held_is_superseded_by_nothing(store: Stores) -> None:
    """Planned from what was so before the operator held it."""
    who = await store.join()
    delivery = await store.planned(who)
    plan = plan_for(await store.now(who), pick(1), day=TUESDAY, supersedes=delivery)
    await store.holds.hold([delivery.id])
    assert await store.ledger.plan([plan], []) == []
    await store.holds.release([delivery.id])
    assert await store.ledger.plan([plan], []) == [plan]


async def test_what_is_held_for_somebody_is_cancelled_when_he_leaves(store: Stores) -> None:
    delivery = await waiting(store, DeliveryState.PLANNED)
    await store.holds.hold([delivery.id])
    (who,) = await store.subscribers.everyone()
    assert await store.subscribers.change(replace(who, state=SubscriberState.UNSUBSCRIBED))
    assert (await now(store, delivery)).state is DeliveryState.CANCELLED
