"""What every Subscribers does, whatever it is made of."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.made import NOON, paper, pick, subscriber
from tests.store.ledgers import KINDS, Stores, plan_for, settled, stores
from worker.deliveries import DeliveryState, Extent
from worker.model import Cursor, PaperNumber, Refused, SubscriberState, WhenEmpty


@pytest.fixture(params=KINDS)
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Stores]:
    async with stores(request.param, tmp_path) as opened:
        yield opened


@pytest.mark.parametrize(
    "schedule",
    ["immediately", "daily 07:30", "weekdays 08:00", "mon,thu 18:30", "monthly 31 00:00"],
)
async def test_somebody_comes_back_just_as_he_was_added(store: Stores, schedule: str) -> None:
    given = subscriber(
        'a "b c" -d', "ünïcode 量子",
        address="Reader+Tag@Example.ORG",
        schedule=schedule,
        timezone="America/Argentina/Buenos_Aires",
        cursor=Cursor(PaperNumber(2**40), 7),
        held_over=[pick(3, "a", "b"), pick(9, "c")],
        last_slot=date(2025, 9, 7),
        max_papers=7,
        when_empty=WhenEmpty.SAY_SO,
        paused_until=date(2026, 1, 1),
    )  # fmt: skip
    given = replace(given, uid=2**63 - 1, from_file=True, state=SubscriberState.PENDING)
    added = await store.subscribers.add(given)
    assert added == replace(given, id=added.id)
    assert await store.subscribers.everyone() == [added]


async def test_everyone_is_given_by_id_whatever_his_state(store: Stores) -> None:
    states = list(SubscriberState)
    added = [
        await store.subscribers.add(
            replace(subscriber(address=f"{n}@example.org", number=n), state=state)
        )
        for n, state in enumerate(states)
    ]
    assert [who.state for who in added] == states
    assert len({who.id for who in added}) == len(states)
    assert await store.subscribers.everyone() == sorted(added, key=lambda who: who.id)


async def test_an_address_is_found_in_whatever_case_it_is_written(store: Stores) -> None:
    who = await store.join(address="Erwin.Schrödinger@Example.ORG")
    assert await store.subscribers.find("ERWIN.SCHRÖDINGER@example.org") == who
    assert await store.subscribers.find("erwin@example.org") is None


async def test_the_same_address_in_another_case_is_refused_and_not_named(store: Stores) -> None:
    await store.join(1, "reader@example.org")
    with pytest.raises(Refused) as refused:
        await store.join(2, "Reader@EXAMPLE.org")
    assert "@" not in str(refused.value)
    assert len(await store.subscribers.everyone()) == 1


async def test_a_change_is_a_new_version(store: Stores) -> None:
    who = await store.join()
    changed = await store.subscribers.change(replace(who, max_papers=3, timezone="Asia/Tokyo"))
    assert changed == replace(who, max_papers=3, timezone="Asia/Tokyo", version=who.version + 1)
    assert await store.subscribers.everyone() == [changed]


async def test_who_was_changed_meanwhile_is_not_overwritten(store: Stores) -> None:
    who = await store.join()
    first = await store.subscribers.change(replace(who, max_papers=3))
    assert await store.subscribers.change(replace(who, max_papers=4)) is None
    assert await store.subscribers.everyone() == [first]


async def test_nobody_is_changed_who_was_never_added(store: Stores) -> None:
    assert await store.subscribers.change(subscriber()) is None
    assert await store.subscribers.everyone() == []


async def test_nobody_moves_to_the_address_of_another(store: Stores) -> None:
    first, second = await store.join(1), await store.join(2)
    with pytest.raises(Refused):
        await store.subscribers.change(replace(second, address=first.address.upper()))
    assert await store.subscribers.everyone() == [first, second]


async def test_an_address_may_change_its_own_case(store: Stores) -> None:
    who = await store.join(address="reader@example.org")
    changed = await store.subscribers.change(replace(who, address="Reader@example.org"))
    assert await store.subscribers.find("reader@example.org") == changed


@pytest.mark.parametrize("state", [s for s in SubscriberState if s is not SubscriberState.ACTIVE])
async def test_leaving_cancels_what_waits_and_nothing_else(
    store: Stores, state: SubscriberState
) -> None:
    other = await store.join(2)
    await store.planned(other)
    who = await store.join(1)
    await store.planned(who)
    assert await store.subscribers.change(replace(await store.now(who), state=state))
    counts = await store.ledger.counts()
    assert (counts["planned"], counts["cancelled"]) == (1, 1)
    (cancelled,) = await store.ledger.deliveries([DeliveryState.CANCELLED])
    assert (cancelled.subscriber, cancelled.due_at) == (who.id, None)


async def test_a_change_that_comes_too_late_cancels_nothing(store: Stores) -> None:
    who = await store.join()
    await store.planned(who)
    assert await store.subscribers.change(replace(who, state=SubscriberState.REMOVED)) is None
    assert (await store.ledger.counts())["planned"] == 1


async def test_rules_edited_while_matching_drop_the_plan_made_from_the_old_ones(
    store: Stores,
) -> None:
    """F69: the plan names the version that it was made from."""
    who = await store.join()
    edited = await store.subscribers.change(replace(who, rules=()))
    assert await store.ledger.plan([plan_for(who, pick(1))], [paper(1)]) == []
    assert await store.subscribers.everyone() == [edited]


@pytest.mark.parametrize(
    "change", [{"state": SubscriberState.UNLISTED}, {"paused_until": date(2030, 1, 1)}], ids=str
)
async def test_what_waited_for_who_is_not_mailed_now_is_held_over(
    store: Stores, change: dict[str, Any]
) -> None:
    who = await store.join()
    await store.planned(who)
    changed = await store.subscribers.change(replace(await store.now(who), **change))
    assert changed is not None
    assert [one.paper for one in changed.held_over] == [1]
    assert await store.subscribers.find(who.address) == changed
    assert (await store.ledger.counts())["cancelled"] == 1


async def test_a_pause_that_is_there_already_takes_nothing_back(store: Stores) -> None:
    who = await store.join()
    paused = await store.subscribers.change(replace(who, paused_until=date(2030, 1, 1)))
    assert paused is not None
    await store.planned(paused)
    now = await store.now(who)
    assert await store.subscribers.change(replace(now, max_papers=3))
    assert (await store.ledger.counts())["planned"] == 1


async def test_what_is_in_doubt_is_not_held_over_when_he_leaves(store: Stores) -> None:
    who = await store.join()
    await store.planned(who)
    (claimed,) = await store.ledger.claim(NOON, 1)
    doubt = settled(claimed, DeliveryState.UNCERTAIN, NOON)
    await store.ledger.settle([doubt])
    changed = await store.subscribers.change(
        replace(await store.now(who), state=SubscriberState.UNLISTED)
    )
    assert changed is not None
    assert changed.held_over == ()
    assert (await store.ledger.counts())["cancelled"] == 1


async def test_their_extent_is_the_newest_slot_and_who_has_read_least_and_most(
    store: Stores,
) -> None:
    assert await store.subscribers.extent() == Extent(None, None, PaperNumber(0))
    behind, active = (
        subscriber(address=f"{n}@example.org", number=n, cursor=Cursor(PaperNumber(n), 1))
        for n in (3, 5)
    )
    behind = replace(behind, last_slot=date(2025, 9, 8))
    gone = replace(behind, address="gone@example.org", uid=9, state=SubscriberState.REMOVED)
    last = replace(gone, address="last@example.org", uid=10, cursor=Cursor(PaperNumber(2**40), 1))
    await store.subscribers.add(last)
    await store.subscribers.add(gone)
    extent = await store.subscribers.extent()
    assert extent == Extent(date(2025, 9, 8), None, PaperNumber(2**40))
    await store.subscribers.add(replace(active, last_slot=date(2025, 9, 7)))
    extent = await store.subscribers.extent()
    assert extent == Extent(date(2025, 9, 8), PaperNumber(5), PaperNumber(2**40))
    await store.subscribers.add(behind)
    assert (await store.subscribers.extent()).least_read == 3
