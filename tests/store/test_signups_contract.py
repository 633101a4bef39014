"""What every Signups does with what strangers ask for, up to the mail about it."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.made import NOON
from tests.store.asking import (
    ADDRESS,
    NO_LIMITS,
    active,
    ask,
    confirming,
    found,
    joining,
    noted,
    numbers,
    pending,
    state_of,
    telling,
    turned,
)
from tests.store.ledgers import KINDS, Stores, stores
from worker.asks import (
    CONFIRM_WITHIN,
    Ask,
    AskKind,
    AskState,
    Limit,
    Limits,
    Scope,
    Traces,
)
from worker.deliveries import DeliveryKind, DeliveryState, Reason
from worker.model import SubscriberId, SubscriberState

MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)
LATER = NOON + timedelta(hours=1)
TOO_LATE = NOON + CONFIRM_WITHIN
GONE = [SubscriberState.UNSUBSCRIBED, SubscriberState.REMOVED, SubscriberState.SUPPRESSED]


@pytest.fixture(params=KINDS)
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Stores]:
    async with stores(request.param, tmp_path) as opened:
        yield opened


# --- ask ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "given",
    [
        replace(ask(2**63 - 1, address="Ünï+Tag@Example.ORG"), form=2**63 - 1),
        ask(kind=AskKind.LINK),
        replace(ask(kind=AskKind.MOVE, mover=2**63 - 1), network=""),
    ],
    ids=["subscribe", "link", "move"],
)
async def test_an_ask_comes_back_just_as_it_was_noted(store: Stores, given: Ask) -> None:
    assert await store.signups.ask(given, Limits()) is None
    assert await store.signups.find(given.number) == given
    assert await store.signups.waiting(9) == [given]
    assert await store.signups.find(5) is None


async def test_those_that_wait_are_given_oldest_first_and_no_more_than_asked_for(
    store: Stores,
) -> None:
    second = ask(1, at=NOON + SECOND)
    first, third = ask(2), ask(3, at=LATER)
    await noted(store, third, second, first)
    assert await store.signups.waiting(9) == [first, second, third]
    assert await store.signups.waiting(2) == [first, second]
    await store.signups.admit(first)
    assert await store.signups.waiting(9) == [second, third]


async def test_a_form_that_was_sent_before_is_no_news(store: Stores) -> None:
    first = await noted(store, ask(1))
    again = replace(ask(2), form=first.form)
    assert await store.signups.ask(again, NO_LIMITS) is None
    assert await store.signups.ask(again, Limits(all=(Limit(1, MINUTE),))) is None
    assert await store.signups.waiting(9) == [first]


@pytest.mark.parametrize("scope", list(Scope))
async def test_what_is_over_a_limit_is_not_noted(store: Stores, scope: Scope) -> None:
    limits = replace(NO_LIMITS, **{scope.value: (Limit(2, 10 * MINUTE),)})
    same = Traces("address", "network", "domain")
    asks = [
        replace(ask(number, at=NOON + minutes * MINUTE), traces=same)
        for number, minutes in enumerate([0, 5, 9, 10, 11, 15], start=1)
    ]
    given = [await store.signups.ask(each, limits) for each in asks]
    assert given == [None, None, scope, None, scope, None]
    assert numbers(await store.signups.waiting(9)) == [1, 2, 4, 6]


async def test_only_what_is_alike_counts(store: Stores) -> None:
    limits = Limits((Limit(1, MINUTE),), (Limit(1, MINUTE),), (Limit(1, MINUTE),), ())
    asks = [ask(number) for number in range(1, 9)]
    assert {await store.signups.ask(each, limits) for each in asks} == {None}


async def test_the_limit_that_reaches_back_longest_is_seen_to_as_well(store: Stores) -> None:
    limits = replace(NO_LIMITS, network=(Limit(5, MINUTE), Limit(1, timedelta(days=1))))
    first = ask(1, at=NOON - timedelta(hours=23))
    await noted(store, first)
    again = replace(ask(2), traces=first.traces)
    assert await store.signups.ask(again, limits) is Scope.NETWORK


async def test_a_clock_that_was_set_back_makes_no_room(store: Stores) -> None:
    limits = replace(NO_LIMITS, all=(Limit(1, timedelta(hours=2)),))
    await noted(store, ask(1, at=LATER))
    assert await store.signups.ask(ask(2), limits) is Scope.ALL


async def test_a_network_that_is_not_known_is_not_limited(store: Stores) -> None:
    limits = replace(NO_LIMITS, network=(Limit(1, MINUTE),))
    for number in (1, 2):
        given = replace(ask(number), traces=Traces(f"{number}", "", "domain"))
        assert await store.signups.ask(given, limits) is None


async def test_many_at_once_get_no_more_through_than_one_after_the_other(store: Stores) -> None:
    limits = replace(NO_LIMITS, all=(Limit(3, MINUTE),))
    asks = [store.signups.ask(ask(number), limits) for number in range(1, 21)]
    given = await asyncio.gather(*asks)
    assert (given.count(None), given.count(Scope.ALL)) == (3, 17)
    assert len(await store.signups.waiting(99)) == 3


async def test_one_form_sent_many_times_at_once_is_noted_once(store: Stores) -> None:
    asks = [replace(ask(number), form=7) for number in range(1, 9)]
    given = await asyncio.gather(*(store.signups.ask(each, NO_LIMITS) for each in asks))
    assert set(given) == {None}
    assert len(await store.signups.waiting(99)) == 1


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
async def test_limits_survive_a_restart(kind: str, tmp_path: Path) -> None:
    limits = replace(NO_LIMITS, all=(Limit(1, MINUTE),))
    async with stores(kind, tmp_path) as store:
        assert await store.signups.ask(ask(1), limits) is None
    async with stores(kind, tmp_path) as store:
        assert await store.signups.ask(ask(2, at=NOON + SECOND), limits) is Scope.ALL


async def test_an_ask_counts_whatever_became_of_it(store: Stores) -> None:
    closed = await noted(store, ask(1))
    await store.signups.admit(closed)
    waiting, who = await pending(store, ask(2))
    await store.signups.confirm(waiting, active(who), LATER)
    every = itertools.product(("address", "network", "domain"), (closed, waiting))
    for number, (scope, before) in enumerate(every, start=3):
        limits = replace(NO_LIMITS, **{scope: (Limit(1, MINUTE),)})
        again = replace(ask(number), traces=before.traces)
        assert await store.signups.ask(again, limits) is Scope(scope)


@pytest.mark.parametrize("scope", ["address", "domain"])
async def test_of_an_ask_that_met_a_limit_only_the_network_is_counted(
    store: Stores, scope: str
) -> None:
    """Else time would tell who else asked for that address; and nothing of it is acted on."""
    await noted(store, ask(1))
    limits = replace(NO_LIMITS, **{scope: (Limit(1, MINUTE),)})
    other = replace(ask(1).traces, network="elsewhere")
    again = replace(ask(2), traces=other)
    assert await store.signups.ask(again, limits) is Scope(scope)
    assert [each.number for each in await store.signups.waiting(10)] == [1]
    bare = await store.signups.find(again.number)
    assert bare is not None
    assert (bare.address, bare.wanted, bare.network, bare.state) == ("", None, "", AskState.CLOSED)
    assert bare.traces == Traces("", "elsewhere", "")
    by_network = replace(NO_LIMITS, network=(Limit(1, MINUTE),))
    more = replace(ask(3), traces=Traces("another", "elsewhere", "x.org"))
    assert await store.signups.ask(more, by_network) is Scope.NETWORK
    assert await store.signups.find(more.number) is None
    in_all = replace(NO_LIMITS, all=(Limit(2, MINUTE),))
    assert await store.signups.ask(replace(more, number=4, form=4), in_all) is None


# --- admit ----------------------------------------------------------------------


async def test_who_joins_is_pending_and_mailed_what_confirms_it(store: Stores) -> None:
    given = await noted(store, ask())
    notice = confirming(given)
    assert await store.signups.admit(given, [notice], joining())
    who = await store.now(joining())
    assert who == replace(joining(), id=who.id)
    (delivery,) = await store.every_delivery()
    assert (delivery.subscriber, delivery.address, delivery.uid) == (who.id, ADDRESS, who.uid)
    assert (delivery.kind, delivery.ask) == (DeliveryKind.CONFIRM, given.number)
    assert (delivery.digest.slot, delivery.digest.notes) == (notice.slot, notice.lines)
    assert (delivery.digest.picks, delivery.digest.rest, delivery.papers) == ((), (), ())
    assert (delivery.message_id, delivery.planned_at) == (notice.message_id, NOON)
    assert (delivery.manner, delivery.epoch) == (who.manner, who.epoch)
    assert (delivery.state, delivery.due_at) == (DeliveryState.PLANNED, NOON)
    expected = replace(given, state=AskState.MAILED, subscriber=who.id)
    assert await store.signups.find(given.number) == expected
    assert await store.signups.waiting(9) == []


async def test_what_is_mailed_is_claimed_and_not_for_a_domain_to_avoid(store: Stores) -> None:
    await pending(store)
    assert await store.ledger.claim(NOON, 9, ["example.org"]) == []
    (claimed,) = await store.ledger.claim(NOON, 9)
    assert (claimed.kind, claimed.address) == (DeliveryKind.CONFIRM, ADDRESS)


async def test_mails_go_to_the_manner_and_epoch_of_each_who_is_told(store: Stores) -> None:
    mover = await store.join(1)
    mover = await store.subscribers.change(replace(mover, epoch=300)) or mover
    given = await noted(store, ask(kind=AskKind.MOVE, mover=mover.uid))
    notices = [telling(given, mover.id), confirming(given)]
    assert await store.signups.admit(given, notices, joining())
    who = await store.now(joining())
    told, confirms = await store.every_delivery()
    assert (told.kind, told.subscriber, told.epoch) == (DeliveryKind.NOTICE, mover.id, 300)
    assert (told.manner, told.ask) == (mover.manner, None)
    assert (confirms.subscriber, confirms.epoch, confirms.manner) == (who.id, 0, who.manner)
    now = await found(store, given)
    assert (now.state, now.subscriber, now.mover) == (AskState.MAILED, who.id, mover.uid)


async def test_what_no_mail_confirms_is_closed(store: Stores) -> None:
    who = await store.join()
    told, untold = ask(1, AskKind.LINK, address=who.address), ask(2, AskKind.LINK)
    await noted(store, told, untold)
    assert await store.signups.admit(told, [telling(told, who.id)])
    assert await store.signups.admit(untold)
    assert await found(store, told) == replace(told, state=AskState.CLOSED, subscriber=who.id)
    assert await found(store, untold) == replace(untold, state=AskState.CLOSED)
    assert [each.kind for each in await store.every_delivery()] == [DeliveryKind.NOTICE]


async def test_one_ask_is_acted_on_once(store: Stores) -> None:
    given, _ = await pending(store)
    for again in (given, replace(given, state=AskState.NEW)):
        assert not await store.signups.admit(again, [confirming(again)], joining("b@example.org"))
    assert not await store.signups.admit(ask(99), [], joining("b@example.org"))
    assert len(await store.every_delivery()) == len(await store.subscribers.everyone()) == 1


async def test_two_who_act_on_one_ask_at_once_act_on_it_once(store: Stores) -> None:
    given = await noted(store, ask())
    acts = [store.signups.admit(given, [confirming(given)], joining()) for _ in range(4)]
    assert sorted(await asyncio.gather(*acts)) == [False, False, False, True]
    assert len(await store.every_delivery()) == len(await store.subscribers.everyone()) == 1


async def test_of_two_who_join_with_one_address_at_once_one_joins(store: Stores) -> None:
    asks = [ask(number) for number in (1, 2, 3)]
    await noted(store, *asks)
    acts = [
        store.signups.admit(each, [confirming(each)], joining(number=10 + each.number))
        for each in asks
    ]
    assert sorted(await asyncio.gather(*acts)) == [False, False, True]
    assert len(await store.subscribers.everyone()) == len(await store.every_delivery()) == 1
    assert len(await store.signups.waiting(9)) == 2


async def test_nobody_joins_with_the_address_of_another(store: Stores) -> None:
    """He came meanwhile: what is to be done is to be decided anew."""
    given = await noted(store, ask())
    await store.join(address=ADDRESS.upper())
    assert not await store.signups.admit(given, [confirming(given)], joining())
    assert await store.signups.waiting(9) == [given]
    assert await store.every_delivery() == []


async def test_nobody_is_told_who_is_there_no_more(store: Stores) -> None:
    given = await noted(store, ask())
    assert not await store.signups.admit(given, [confirming(given, SubscriberId(99))])
    assert await store.signups.waiting(9) == [given]


@pytest.mark.parametrize("erased", [False, True], ids=["listed", "only a hash"])
async def test_who_is_on_the_suppression_list_joins_nothing_and_nobody_is_mailed(
    store: Stores, erased: bool
) -> None:
    mover = await store.join(1)
    await store.suppressions.suppress(ADDRESS.lower(), Reason.COMPLAINT, NOON)
    if erased:
        await store.suppressions.erase(ADDRESS, NOON)
    given = await noted(store, ask(kind=AskKind.MOVE, mover=mover.uid))
    assert await store.signups.admit(
        given, [confirming(given), telling(given, mover.id)], joining()
    )
    assert await found(store, given) == replace(given, state=AskState.CLOSED)
    assert await store.subscribers.everyone() == [mover]
    assert await store.every_delivery() == []


async def test_who_left_by_himself_and_is_suppressed_is_not_mailed_either(store: Stores) -> None:
    who = await turned(store, await store.join(), SubscriberState.UNSUBSCRIBED)
    await store.suppressions.suppress(who.address, Reason.COMPLAINT, NOON)
    given = await noted(store, ask(address=who.address))
    assert await store.signups.admit(given, [confirming(given, who.id)])
    assert await state_of(store, given) is AskState.CLOSED
    assert await store.every_delivery() == []
