"""What every Suppressions does: whoever is on the list is never mailed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from tests.made import MONDAY, NOON, at, paper, pick, subscriber
from tests.plain.papers import PlainPaperLog
from tests.store.ledgers import KINDS, Stores, plan_for, settled, stores
from worker import roll
from worker.clock import FixedClock
from worker.deliveries import DeliveryState, Reason, Suppression
from worker.model import Preferences, SubscriberState
from worker.ports import Suppressed

ADDRESS = "reader1@example.org"
LATER = NOON + timedelta(days=1)
TUESDAY = MONDAY + timedelta(days=1)


@pytest.fixture(params=KINDS)
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Stores]:
    async with stores(request.param, tmp_path) as opened:
        yield opened


async def suppress(
    store: Stores, address: str = ADDRESS, reason: Reason = Reason.OPERATOR, **more: Any
) -> bool:
    return await store.suppressions.suppress(address, reason, NOON, **more)


# --- on the list --------------------------------------------------------------


async def test_an_entry_is_found_as_it_was_made_in_whatever_case(store: Stores) -> None:
    assert await suppress(store, "Ann@Example.org", Reason.COMPLAINT, note="abuse")
    entry = Suppression("Ann@Example.org", Reason.COMPLAINT, NOON, "abuse")
    assert await store.suppressions.find("aNN@eXAMPLE.ORG") == entry
    assert await store.suppressions.find("bob@example.org") is None
    assert await store.suppressions.listed() == [entry]


async def test_the_list_is_given_oldest_first(store: Stores) -> None:
    for days in (2, 0, 1):
        await store.suppressions.suppress(
            f"{days}@example.org", Reason.OPERATOR, NOON + timedelta(days=days)
        )
    listed = [entry.address for entry in await store.suppressions.listed()]
    assert listed == ["0@example.org", "1@example.org", "2@example.org"]


async def test_an_address_is_on_it_once_and_the_first_reason_stays(store: Stores) -> None:
    assert await suppress(store, reason=Reason.BOUNCES, note="550")
    assert not await suppress(store, ADDRESS.upper(), Reason.OPERATOR)
    (entry,) = await store.suppressions.listed()
    assert (entry.address, entry.reason, entry.note) == (ADDRESS, Reason.BOUNCES, "550")


@pytest.mark.parametrize("first", [Reason.BOUNCES, Reason.OPERATOR])
async def test_a_complaint_takes_the_place_of_less(store: Stores, first: Reason) -> None:
    await suppress(store, reason=first)
    assert not await store.suppressions.suppress(ADDRESS, Reason.COMPLAINT, LATER, "abuse")
    complaint = Suppression(ADDRESS, Reason.COMPLAINT, LATER, "abuse")
    assert await store.suppressions.listed() == [complaint]
    assert not await suppress(store, reason=first)
    assert await store.suppressions.listed() == [complaint]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (SubscriberState.PENDING, SubscriberState.SUPPRESSED),
        (SubscriberState.ACTIVE, SubscriberState.SUPPRESSED),
        (SubscriberState.UNLISTED, SubscriberState.SUPPRESSED),
        (SubscriberState.REMOVED, SubscriberState.REMOVED),
        (SubscriberState.UNSUBSCRIBED, SubscriberState.UNSUBSCRIBED),
        (SubscriberState.SUPPRESSED, SubscriberState.SUPPRESSED),
    ],
)
async def test_whoever_has_the_address_is_suppressed_unless_he_is_gone(
    store: Stores, before: SubscriberState, after: SubscriberState
) -> None:
    await store.subscribers.add(replace(subscriber(address=ADDRESS), state=before))
    assert await suppress(store, ADDRESS.upper())
    found = await store.subscribers.find(ADDRESS)
    assert found is not None
    assert found.state is after


async def test_what_waits_for_him_is_cancelled_and_held_over_and_for_nobody_else(
    store: Stores,
) -> None:
    who, other = await store.join(1), await store.join(2)
    await store.planned(who)
    await store.planned(other)
    await suppress(store)
    assert (await store.now(who)).held_over == (pick(1),)
    (claimed,) = await store.ledger.claim(NOON, 9)
    assert claimed.subscriber == other.id
    assert (await store.ledger.counts())["cancelled"] == 1


# --- it wins ------------------------------------------------------------------


async def test_nobody_is_added_to_be_mailed_whose_address_is_on_it(store: Stores) -> None:
    await suppress(store, ADDRESS.upper())
    for state in (SubscriberState.ACTIVE, SubscriberState.PENDING):
        with pytest.raises(Suppressed) as refused:
            await store.subscribers.add(replace(subscriber(address=ADDRESS), state=state))
        assert "@" not in str(refused.value)
    assert await store.subscribers.everyone() == []


async def test_who_is_not_to_be_mailed_may_be_added_all_the_same(store: Stores) -> None:
    await suppress(store)
    gone = replace(subscriber(address=ADDRESS), state=SubscriberState.UNSUBSCRIBED)
    assert (await store.subscribers.add(gone)).state is SubscriberState.UNSUBSCRIBED


async def test_no_change_makes_anybody_active_whose_address_is_on_it(store: Stores) -> None:
    who = await store.join()
    await suppress(store)
    found = await store.now(who)
    with pytest.raises(Suppressed):
        await store.subscribers.change(replace(found, state=SubscriberState.ACTIVE))
    assert await store.now(who) == found
    assert await store.subscribers.change(replace(found, state=SubscriberState.UNSUBSCRIBED))


async def test_nobody_moves_to_an_address_that_is_on_it(store: Stores) -> None:
    who = await store.join()
    await suppress(store, "dead@example.org")
    with pytest.raises(Suppressed):
        await store.subscribers.change(replace(who, address="DEAD@example.org"))
    assert await store.now(who) == who


def named(*addresses: str) -> list[Preferences]:
    made = [subscriber("video", address=address) for address in addresses]
    return [Preferences(who.address, who.schedule, who.timezone, who.rules) for who in made]


async def follow(store: Stores, *addresses: str) -> None:
    papers, clock = PlainPaperLog(), FixedClock(NOON)
    await roll.follow(named(*addresses), store.subscribers, papers, clock, count(500))


async def test_the_subscribers_file_revives_nobody_and_the_others_join(
    store: Stores, caplog: pytest.LogCaptureFixture
) -> None:
    await store.join()
    await suppress(store)
    await suppress(store, "never@example.org")
    await follow(store, "never@example.org", ADDRESS, "new@example.org")
    everyone = await store.subscribers.everyone()
    assert [(who.address, who.state) for who in everyone] == [
        (ADDRESS, SubscriberState.SUPPRESSED),
        ("new@example.org", SubscriberState.ACTIVE),
    ]
    assert "@" not in caplog.text


async def test_the_subscribers_file_revives_nobody_whose_row_was_restored(
    store: Stores, caplog: pytest.LogCaptureFixture
) -> None:
    """As from a backup of one table: his state is older than the list."""
    who = await store.join()
    await suppress(store)
    unlisted = replace(await store.now(who), state=SubscriberState.UNLISTED)
    assert await store.subscribers.change(unlisted)
    await follow(store, ADDRESS, "new@example.org")
    assert (await store.now(who)).state is SubscriberState.UNLISTED
    assert await store.subscribers.find("new@example.org")
    assert "on the suppression list" in caplog.text
    assert "@" not in caplog.text


async def test_what_was_in_flight_for_him_is_not_tried_again(store: Stores) -> None:
    who = await store.join()
    await store.planned(who)
    (claimed,) = await store.ledger.claim(NOON, 1)
    await suppress(store)
    await store.ledger.settle([settled(claimed, DeliveryState.DEFERRED, NOON)])
    assert await store.ledger.claim(NOON, 9) == []
    assert (await store.ledger.counts())["cancelled"] == 1


async def test_nothing_is_planned_for_who_is_suppressed(store: Stores) -> None:
    who = await store.join()
    await suppress(store)
    plan = plan_for(await store.now(who), pick(1))
    assert await store.ledger.plan([plan], [paper(1)]) == []


async def test_the_subscribers_file_does_not_bring_back_who_was_erased(store: Stores) -> None:
    await store.join()
    await store.suppressions.erase(ADDRESS, at("2025-09-09 12:00"))
    await follow(store, ADDRESS)
    assert await store.subscribers.find(ADDRESS) is None
    assert len(await store.subscribers.everyone()) == 1


# --- off the list -------------------------------------------------------------


async def test_taken_off_it_nobody_is_mailed_for_that_alone(store: Stores) -> None:
    who = await store.join()
    await suppress(store)
    assert await store.suppressions.unsuppress(ADDRESS.upper())
    assert not await store.suppressions.unsuppress(ADDRESS)
    assert await store.suppressions.find(ADDRESS) is None
    found = await store.now(who)
    assert found.state is SubscriberState.SUPPRESSED
    assert await store.subscribers.change(replace(found, state=SubscriberState.ACTIVE))
