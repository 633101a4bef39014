"""Who was erased is known by nothing, and never mailed again."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.made import NOON, pick, subscriber
from tests.store.ledgers import KINDS, Stores, returning, settled, stores, struck
from worker.deliveries import Answer, DeliveryState, Reason, Suppression
from worker.digests import Slot
from worker.model import SubscriberState
from worker.ports import Suppressed

ADDRESS = "reader1@example.org"
LATER = NOON + timedelta(days=1)


@pytest.fixture(params=KINDS)
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Stores]:
    async with stores(request.param, tmp_path) as opened:
        yield opened


async def test_nobody_is_erased_who_is_not_known(store: Stores) -> None:
    assert not await store.suppressions.erase(ADDRESS, NOON)
    assert await store.suppressions.listed() == []


async def test_who_was_erased_is_known_by_nothing_and_never_mailed_again(store: Stores) -> None:
    who = await store.join(address="Ann@Example.org")
    await store.planned(who, pick(1, "secret rule"))
    assert await store.suppressions.erase("ann@example.ORG", LATER)
    assert await store.subscribers.find("ann@example.org") is None
    (left,) = await store.subscribers.everyone()
    assert (left.address, left.rules, left.held_over) == ("erased-1@erased.invalid", (), ())
    assert (left.id, left.state) == (who.id, SubscriberState.REMOVED)
    assert left.epoch == who.epoch + 1  # so that no link of his leads anywhere
    entry = Suppression("", Reason.ERASED, LATER)
    assert await store.suppressions.find("ANN@example.org") == entry
    assert await store.suppressions.listed() == [entry]
    (delivery,) = await store.every_delivery()
    assert delivery.state is DeliveryState.CANCELLED
    assert [one.paper for one in delivery.digest.picks] == [1]
    assert "secret" not in repr((left, delivery))
    assert await store.ledger.claim(LATER, 9) == []
    with pytest.raises(Suppressed):
        await store.subscribers.add(subscriber(address="ann@example.org"))


async def test_an_address_is_erased_that_is_only_on_the_list(store: Stores) -> None:
    await store.suppressions.suppress(ADDRESS, Reason.COMPLAINT, NOON, "from reader1")
    assert await store.suppressions.erase(ADDRESS, LATER)
    assert await store.suppressions.listed() == [Suppression("", Reason.COMPLAINT, NOON)]
    assert not await store.suppressions.suppress(ADDRESS, Reason.OPERATOR, NOON)


async def test_an_erased_address_stays_erased_when_it_is_suppressed_again(store: Stores) -> None:
    await store.join()
    await store.suppressions.erase(ADDRESS, NOON)
    assert not await store.suppressions.suppress(ADDRESS, Reason.COMPLAINT, LATER, "abuse")
    assert await store.suppressions.listed() == [Suppression("", Reason.COMPLAINT, LATER, "abuse")]


async def test_erased_twice_is_once(store: Stores) -> None:
    await store.join()
    assert await store.suppressions.erase(ADDRESS, NOON)
    assert await store.suppressions.erase(ADDRESS, LATER)
    assert await store.suppressions.listed() == [Suppression("", Reason.ERASED, NOON)]


async def test_two_who_were_erased_do_not_get_in_each_others_way(store: Stores) -> None:
    for number in (1, 2):
        await store.join(number)
        assert await store.suppressions.erase(f"reader{number}@example.org", NOON)
    assert len({who.address for who in await store.subscribers.everyone()}) == 2


async def test_what_comes_of_an_attempt_after_he_was_erased_tells_nothing_of_him(
    store: Stores,
) -> None:
    who = await store.join()
    await store.planned(who, pick(1, "secret rule"))
    (claimed,) = await store.ledger.claim(NOON, 1)
    await store.suppressions.erase(ADDRESS, NOON)
    failed = returning(settled(claimed, DeliveryState.FAILED), *claimed.digest.picks)
    await store.ledger.settle([struck(failed, 12, LATER)])
    (left,) = await store.subscribers.everyone()
    assert left.held_over == ()
    assert [entry.reason for entry in await store.suppressions.listed()] == [Reason.ERASED]


async def test_what_was_in_flight_when_he_was_erased_is_not_tried_again(store: Stores) -> None:
    await store.planned(await store.join())
    (claimed,) = await store.ledger.claim(NOON, 1)
    await store.suppressions.erase(ADDRESS, NOON)
    await store.ledger.settle([settled(claimed, DeliveryState.DEFERRED, NOON)])
    assert await store.ledger.claim(NOON, 9) == []


@pytest.mark.parametrize("points", [0, 3])
async def test_what_a_server_says_of_him_after_he_was_erased_is_not_kept(
    store: Stores, points: int
) -> None:
    await store.planned(await store.join())
    (claimed,) = await store.ledger.claim(NOON, 1)
    await store.suppressions.erase(ADDRESS, NOON)
    failed = replace(settled(claimed, DeliveryState.FAILED, NOON), reply=f"550 no {ADDRESS}")
    await store.ledger.settle([struck(failed, points, NOON) if points else failed])
    (left,) = await store.every_delivery()
    assert (left.state, left.reply) == (DeliveryState.FAILED, "")
    assert [each.reply for each in await store.record.attempts(left.id)] == [""]


async def test_a_change_prepared_before_he_was_erased_brings_nothing_back(store: Stores) -> None:
    who = await store.join()
    await store.suppressions.erase(ADDRESS, NOON)
    assert await store.subscribers.change(replace(who, paused_until=date(2030, 1, 1))) is None


@pytest.mark.parametrize("state", [SubscriberState.ACTIVE, SubscriberState.UNSUBSCRIBED])
async def test_nothing_of_who_was_erased_comes_back(store: Stores, state: SubscriberState) -> None:
    """Though his row is still found: by the number in his old mails, by the address it has now."""
    who = await store.join()
    await store.suppressions.erase(ADDRESS, NOON)
    (erased,) = await store.subscribers.everyone()
    back = replace(erased, state=state, rules=who.rules)
    with pytest.raises(Suppressed, match="erased"):
        await store.subscribers.change(back)
    asked = Answer(who.id, Slot("answer-1", NOON.date()), ("Done.",), "<1@x.org>", "<1@r>", NOON)
    with pytest.raises(Suppressed, match="erased"):
        await store.returns.answer(asked, back)
    assert list(await store.subscribers.everyone()) == [erased]
    assert await store.every_delivery() == []
