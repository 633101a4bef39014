"""What every Signups does with what strangers ask for, whatever it is made of."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.made import NOON, pick
from tests.store.asking import (
    ADDRESS,
    NO_LIMITS,
    active,
    ask,
    confirming,
    found,
    joining,
    mailed,
    noted,
    numbers,
    pending,
    telling,
)
from tests.store.ledgers import KINDS, Stores, settled, stores, struck
from worker.asks import (
    CONFIRM_WITHIN,
    NETWORK_KEPT,
    Ask,
    AskKind,
    AskState,
    Limit,
    Limits,
    Scope,
    Traces,
)
from worker.deliveries import DeliveryKind, DeliveryState, Reason
from worker.model import Refused, Subscriber, SubscriberId, SubscriberState
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


async def state(store: Stores, of: Ask) -> AskState:
    return (await found(store, of)).state


async def turned(store: Stores, who: Subscriber, into: SubscriberState) -> Subscriber:
    changed = await store.subscribers.change(replace(await store.now(who), state=into))
    assert changed is not None
    return changed


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
    for scope in ("address", "network", "domain"):
        for before in (closed, waiting):
            limits = replace(NO_LIMITS, **{scope: (Limit(1, MINUTE),)})
            again = replace(ask(3), traces=before.traces)
            assert await store.signups.ask(again, limits) is Scope(scope)


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
    assert await state(store, given) is AskState.CLOSED
    assert await store.every_delivery() == []


# --- confirm --------------------------------------------------------------------


async def test_who_confirms_is_on_the_list_as_he_is_to_be(store: Stores) -> None:
    given, who = await pending(store)
    confirmed = await store.signups.confirm(given, active(who), LATER)
    assert confirmed == replace(active(who), version=who.version + 1)
    assert await store.now(who) == confirmed
    kept = replace(given, state=AskState.CONFIRMED, confirmed_at=LATER, address="", wanted=None)
    assert await found(store, given) == kept
    assert await store.signups.asked(who.id) == [kept]


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
    assert numbers(await store.signups.asked(who.id)) == [2, 1]
    assert await store.signups.asked(other.id) == []


# --- somebody moves ---------------------------------------------------------------


async def moving(store: Stores, *, was: SubscriberState | None = None) -> tuple[Ask, Subscriber]:
    """Somebody who asked to be mailed at another address, where somebody of that state was."""
    mover = await store.join(1)
    given = ask(kind=AskKind.MOVE, mover=mover.uid)
    if was is None:
        return (await pending(store, given))[0], mover
    other = await store.join(2, ADDRESS)
    await store.planned(other, pick(1, "secret"))
    other = await turned(store, other, was)
    return await mailed(store, given, other), mover


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
    assert await store.signups.asked(mover.id) == [now]


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
    assert await state(store, given) is AskState.CLOSED
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
    assert await store.signups.asked(who.id) == [bare]


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
    assert [await state(store, each) for each in his] == [AskState.CLOSED] * 3
    assert await state(store, anothers) is AskState.MAILED
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
    assert await state(store, given) is AskState.CLOSED
    assert await store.ledger.claim(NOON, 9) == []


async def test_confirmed_stays_confirmed_when_he_leaves(store: Stores) -> None:
    given, who = await pending(store)
    await store.signups.confirm(given, active(who), LATER)
    await turned(store, who, SubscriberState.UNSUBSCRIBED)
    assert await state(store, given) is AskState.CONFIRMED


async def test_of_who_is_erased_no_ask_is_left(store: Stores) -> None:
    given, who = await pending(store, ask(1))
    await store.signups.confirm(given, active(who), LATER)
    his = await open_asks(store, await store.now(who))
    other = await noted(store, ask(20, address="other@example.org"))
    assert await store.suppressions.erase(ADDRESS, NOON)
    for each in (given, *his):
        assert await store.signups.find(each.number) is None
    assert await store.signups.asked(who.id) == []
    assert await store.signups.waiting(9) == [other]
    assert {each.ask for each in await store.ledger.deliveries(DeliveryState, who.id)} == {None}


async def test_who_is_known_by_an_ask_only_is_erased_too(store: Stores) -> None:
    given = await noted(store, ask())
    await store.signups.admit(given)
    assert await store.suppressions.erase(ADDRESS.lower(), NOON)
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
