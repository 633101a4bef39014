"""What every Statistics counts, whatever it is made of."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import pytest

from tests.made import MONDAY, NOON, paper, pick, subscriber
from tests.store.asking import NO_LIMITS, active, ask, confirming, pending, telling
from tests.store.ledgers import KINDS, Stores, plan_for, settled, stores
from worker.asks import AskState
from worker.deliveries import Answer, DeliveryKind, DeliveryState, Reason
from worker.digests import Slot
from worker.figures import MOST_READ, Figures, Queue, Read
from worker.model import Rule, Subscriber, SubscriberState

DAY = timedelta(days=1)
TUESDAY = MONDAY + DAY
MIDNIGHT = datetime(2025, 9, 9, tzinfo=UTC)
LONG_AGO = NOON - 400 * DAY
NOTHING = Figures({}, {}, {}, {}, {}, {}, Queue(), ())


@pytest.fixture(params=KINDS)
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Stores]:
    async with stores(request.param, tmp_path) as opened:
        yield opened


async def figures(store: Stores, since: datetime = LONG_AGO) -> Figures:
    return await store.statistics.figures(since)


async def planned(store: Stores, who: Subscriber, at: datetime, day: date = MONDAY) -> None:
    plan = plan_for(await store.now(who), pick(1), day=day, now=at)
    assert await store.ledger.plan([plan], [paper(1)]) == [plan]


async def settle(store: Stores, state: DeliveryState, at: datetime = NOON) -> None:
    """The next attempt comes to that."""
    (claimed,) = await store.ledger.claim(at, 1)
    again = at if state is DeliveryState.DEFERRED else None
    await store.ledger.settle([replace(settled(claimed, state, again), at=at)])


async def test_of_nothing_there_are_no_figures(store: Stores) -> None:
    assert await figures(store) == NOTHING


async def test_subscribers_are_counted_by_state(store: Stores) -> None:
    states = [*SubscriberState, SubscriberState.ACTIVE]
    for number, state in enumerate(states):
        who = subscriber(address=f"{number}@example.org", number=number)
        await store.subscribers.add(replace(who, state=state))
    expected = dict.fromkeys(SubscriberState, 1) | {SubscriberState.ACTIVE: 2}
    assert (await figures(store)).subscribers == expected


async def test_digests_are_counted_by_the_day_they_were_planned_on_and_state(
    store: Stores,
) -> None:
    people = [await store.join(number) for number in range(4)]
    moments = [MIDNIGHT - timedelta(microseconds=1), MIDNIGHT, MIDNIGHT]
    for who, at in zip(people, moments, strict=False):
        await planned(store, who, at)
    await settle(store, DeliveryState.SENT, MIDNIGHT)
    given = await figures(store)
    assert given.digests == {
        (MONDAY, DeliveryState.SENT): 1,
        (TUESDAY, DeliveryState.PLANNED): 2,
    }
    assert (await figures(store, MIDNIGHT)).digests == {(TUESDAY, DeliveryState.PLANNED): 2}


async def test_days_are_those_of_utc_wherever_an_instant_came_from(store: Stores) -> None:
    at = MIDNIGHT.astimezone(timezone(-timedelta(hours=9)))
    assert at.date() == MONDAY
    await planned(store, await store.join(), at)
    await store.suppressions.suppress("a@example.org", Reason.OPERATOR, at)
    given = await figures(store, at)
    assert list(given.digests) == [(TUESDAY, DeliveryState.PLANNED)]
    assert given.suppressions == {(TUESDAY, Reason.OPERATOR): 1}


async def test_mails_of_other_kinds_are_counted_apart(store: Stores) -> None:
    who = await store.join()
    await planned(store, who, NOON)
    for number in (1, 2):
        slot = Slot(f"answer-{number}", MONDAY)
        answer = Answer(who.id, slot, ("Done.",), "<a@x.org>", f"<{number}@reader>", NOON)
        await store.returns.answer(replace(answer, at=NOON + number * DAY))
    of, _ = await pending(store)
    told = ask(2)
    await store.signups.ask(told, NO_LIMITS)
    await store.signups.admit(told, [telling(told, who.id)])
    expected = {DeliveryKind.ANSWER: 2, DeliveryKind.CONFIRM: 1, DeliveryKind.NOTICE: 1}
    given = await figures(store)
    assert given.others == expected
    assert sum(given.digests.values()) == 1
    assert (await figures(store, NOON + 2 * DAY)).others == {DeliveryKind.ANSWER: 1}
    assert confirming(of).kind in given.others


async def test_attempts_that_did_not_succeed_are_counted_by_day_and_outcome(
    store: Stores,
) -> None:
    await planned(store, await store.join(), NOON)
    await settle(store, DeliveryState.DEFERRED, NOON)
    await settle(store, DeliveryState.DEFERRED, NOON)
    await settle(store, DeliveryState.FAILED, NOON + DAY)
    await planned(store, await store.join(2), NOON)
    await settle(store, DeliveryState.SENT, NOON)
    given = await figures(store)
    assert given.attempts == {
        (MONDAY, DeliveryState.DEFERRED): 2,
        (TUESDAY, DeliveryState.FAILED): 1,
    }
    assert (await figures(store, NOON + DAY)).attempts == {(TUESDAY, DeliveryState.FAILED): 1}


async def test_suppressions_are_counted_by_day_and_reason(store: Stores) -> None:
    suppress = store.suppressions.suppress
    await suppress("a@example.org", Reason.BOUNCES, NOON)
    await suppress("b@example.org", Reason.BOUNCES, NOON)
    await suppress("c@example.org", Reason.COMPLAINT, NOON)
    await suppress("d@example.org", Reason.BOUNCES, NOON + DAY)
    assert (await figures(store)).suppressions == {
        (MONDAY, Reason.BOUNCES): 2,
        (MONDAY, Reason.COMPLAINT): 1,
        (TUESDAY, Reason.BOUNCES): 1,
    }
    assert (await figures(store, NOON + DAY)).suppressions == {(TUESDAY, Reason.BOUNCES): 1}


async def test_asks_are_counted_by_day_and_state(store: Stores) -> None:
    of, who = await pending(store, ask(1))
    await store.signups.confirm(of, active(who), NOON)
    for number, days in ((2, 0), (3, 0), (4, 1)):
        await store.signups.ask(ask(number, at=NOON + days * DAY), NO_LIMITS)
    assert (await figures(store)).asks == {
        (MONDAY, AskState.CONFIRMED): 1,
        (MONDAY, AskState.NEW): 2,
        (TUESDAY, AskState.NEW): 1,
    }
    assert (await figures(store, NOON + DAY)).asks == {(TUESDAY, AskState.NEW): 1}


async def test_the_queue_is_counted_as_it_is_now(store: Stores) -> None:
    people = [await store.join(number) for number in range(7)]
    for minutes, who in enumerate(people):
        await planned(store, who, NOON + timedelta(minutes=minutes))
    soon = NOON + timedelta(hours=1)
    await settle(store, DeliveryState.SENT, soon)  # the oldest
    await settle(store, DeliveryState.UNCERTAIN, soon)  # held in doubt: no further attempt
    await settle(store, DeliveryState.FAILED, soon)
    (claimed,) = await store.ledger.claim(soon, 1)
    later = soon + timedelta(hours=1)
    await store.ledger.settle([settled(claimed, DeliveryState.DEFERRED, later)])
    await store.ledger.claim(soon, 1)
    waiting = await store.ledger.deliveries([DeliveryState.PLANNED])
    await store.holds.hold([waiting[0].id])
    since = NOON + timedelta(minutes=3)
    expected = Queue(waiting=2, deferred=1, sending=1, uncertain=1, held=1, since=since)
    assert (await figures(store, soon + DAY)).queue == expected


async def test_the_oldest_counts_from_the_first_digest_that_it_took_over(store: Stores) -> None:
    who = await store.join()
    plan = replace(plan_for(who, pick(1)), waiting_since=NOON - DAY)
    await store.ledger.plan([plan], [paper(1)])
    assert (await figures(store)).queue == Queue(waiting=1, since=NOON - DAY)


async def test_rules_are_counted_by_their_readers(store: Stores) -> None:
    lists = [("gan",), ("gan", "koopman*"), ("koopman*", "vlm", "koopman*"), ("vlm", "gan")]
    for number, queries in enumerate(lists):
        who = subscriber(*queries, address=f"{number}@example.org", number=number)
        named = tuple(Rule(f"rule {place}", each.query) for place, each in enumerate(who.rules))
        await store.subscribers.add(replace(who, rules=named))
    gone = subscriber("vlm", "nobody", address="gone@example.org", number=9)
    await store.subscribers.add(replace(gone, state=SubscriberState.UNSUBSCRIBED))
    expected = (Read("gan", 3), Read("koopman*", 2), Read("vlm", 2))
    assert (await figures(store)).rules == expected


async def test_no_more_rules_are_named_than_anybody_reads(store: Stores) -> None:
    queries = [f"q{number:03}" for number in range(MOST_READ + 9)]
    await store.subscribers.add(subscriber(*queries))
    assert [each.query for each in (await figures(store)).rules] == queries[:MOST_READ]


async def test_of_who_was_erased_only_counts_are_left(store: Stores) -> None:
    who = await store.join()
    await planned(store, who, NOON)
    await store.suppressions.erase(who.address, NOON)
    assert await figures(store) == replace(
        NOTHING,
        subscribers={SubscriberState.REMOVED: 1},
        digests={(MONDAY, DeliveryState.CANCELLED): 1},
        suppressions={(MONDAY, Reason.ERASED): 1},
    )
