"""Who is mailed what, and in which manner, whatever the ledger is made of."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.made import MONDAY, NOON, paper, pick
from tests.store.asking import ask, confirming, joining, mailed, noted, pending, telling
from tests.store.ledgers import KINDS, Stores, plan_for, settled, stores
from worker.core.mailed import MAY_GET
from worker.core.plan import SUPERSEDABLE
from worker.deliveries import Answer, Delivery, DeliveryKind, DeliveryState, Reason
from worker.digests import Slot
from worker.manner import Language, Manner
from worker.model import Cursor, PaperNumber, Subscriber, SubscriberState

FINNISH = Manner(Language.FI, plain=True)


@pytest.fixture(params=KINDS)
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Stores]:
    async with stores(request.param, tmp_path) as opened:
        yield opened


async def finn(store: Stores) -> Subscriber:
    """Somebody in a manner of his own, whose links changed often."""
    who = await store.join()
    return await store.subscribers.change(replace(who, manner=FINNISH, epoch=300)) or who


# --- manner, epoch, what a cap kept out -------------------------------------------


async def test_manner_and_epoch_come_back_just_as_they_were(store: Stores) -> None:
    given = replace(joining(), epoch=2**31 - 1, manner=FINNISH, state=SubscriberState.ACTIVE)
    added = await store.subscribers.add(given)
    assert added == replace(given, id=added.id)
    assert await store.now(added) == added
    usual = await store.subscribers.change(replace(added, manner=Manner(), epoch=0))
    assert await store.now(added) == usual


async def test_a_digest_is_of_the_manner_and_epoch_it_was_planned_for(store: Stores) -> None:
    who = await finn(store)
    plan = replace(plan_for(who, pick(1)), manner=who.manner, epoch=who.epoch)
    await store.ledger.plan([plan], [paper(1)])
    await store.subscribers.change(replace(await store.now(who), manner=Manner()))
    (claimed,) = await store.ledger.claim(NOON, 1)
    assert (claimed.manner, claimed.epoch, claimed.ask) == (FINNISH, 300, None)


async def test_an_answer_is_of_the_manner_and_epoch_of_who_is_answered(store: Stores) -> None:
    who = await finn(store)
    answer = Answer(who.id, Slot("a-1", MONDAY), ("Done.",), "<a-1@x.org>", "<1@reader>", NOON)
    assert await store.returns.answer(answer, replace(who, epoch=301))
    (claimed,) = await store.ledger.claim(NOON, 1)
    assert (claimed.manner, claimed.epoch) == (FINNISH, 301)


async def test_what_a_cap_kept_out_is_remembered_with_the_digest(store: Stores) -> None:
    who = await store.join()
    rest = (pick(3, "b", "a"), replace(pick(4), version=2))
    plan = plan_for(who, pick(1), held_over=rest)
    assert plan.digest
    plan = replace(plan, digest=replace(plan.digest, rest=rest))
    papers = [paper(1), paper(3), replace(paper(4), version=2)]
    await store.ledger.plan([plan], papers)
    (claimed,) = await store.ledger.claim(NOON, 1)
    assert claimed.digest == plan.digest
    assert claimed.papers == (papers[0],)
    which = [each.which for each in claimed.digest.rest]
    assert await store.ledger.papers(which) == {each.which: each for each in papers[1:]}
    await store.ledger.adopt("another log", Cursor(PaperNumber(0), 0))
    now = await store.returns.delivery(claimed.id)
    assert now is not None
    moved = [each.which for each in now.digest.rest]
    assert [number < 0 for number, _ in moved] == [True, True]
    found = await store.ledger.papers(moved)
    assert [found[each].title for each in moved] == ["Paper 3", "Paper 4"]


async def test_who_is_erased_keeps_nothing_of_it(store: Stores) -> None:
    who = await finn(store)
    plan = replace(plan_for(who, pick(1)), manner=FINNISH)
    assert plan.digest
    rest = (pick(2, "secret"),)
    plan = replace(plan, digest=replace(plan.digest, rest=rest), held_over=rest)
    await store.ledger.plan([plan], [paper(1), paper(2)])
    await store.suppressions.erase(who.address, NOON)
    (left,) = await store.every_delivery()
    assert (left.digest.rest, left.manner) == ((), Manner())
    (nobody,) = await store.subscribers.everyone()
    assert nobody.manner == Manner()


# --- new links --------------------------------------------------------------------


@pytest.mark.parametrize("state", list(DeliveryState))
async def test_new_links_are_those_of_what_waits_and_of_nothing_else(
    store: Stores, state: DeliveryState
) -> None:
    """What may have arrived is sent again, if at all, as it was."""
    who, other = await store.join(1), await store.join(2)
    await store.planned(other)
    await in_state(store, who, state)
    assert await store.subscribers.change(replace(await store.now(who), epoch=1))
    epochs = {each.subscriber: each.epoch for each in await store.every_delivery()}
    assert epochs == {who.id: int(state in SUPERSEDABLE), other.id: 0}


async def in_state(store: Stores, who: Subscriber, state: DeliveryState) -> Delivery:
    planned = await store.planned(who)
    if state is DeliveryState.CANCELLED:
        await store.holds.drop([planned.id], NOON)
    elif state is not DeliveryState.PLANNED:
        claimed = [each for each in await store.ledger.claim(NOON, 9) if each.id == planned.id]
        if state is not DeliveryState.SENDING:
            await store.ledger.settle([settled(claimed[0], state, NOON)])
    return planned


async def test_a_change_that_leaves_the_links_alone_leaves_every_mail_alone(store: Stores) -> None:
    who = await finn(store)
    await store.planned(who)  # planned before, with other links
    assert await store.subscribers.change(replace(await store.now(who), max_papers=3))
    (delivery,) = await store.every_delivery()
    assert delivery.epoch == 0


# --- who is mailed what -----------------------------------------------------------


async def one_of_each(store: Stores) -> Subscriber:
    """Somebody active for whom a digest, an answer, a confirmation and a notice wait."""
    who = await store.join()
    await store.planned(who)
    answer = Answer(who.id, Slot("a-1", MONDAY), ("Done.",), "<a-1@x.org>", "<1@reader>", NOON)
    await store.returns.answer(answer)
    given = await noted(store, ask(address=who.address))
    assert await store.signups.admit(given, [confirming(given, who.id), telling(given, who.id)])
    return await store.now(who)


@pytest.mark.parametrize("state", list(SubscriberState))
async def test_what_waits_for_somebody_is_claimed_if_he_may_get_it(
    store: Stores, state: SubscriberState
) -> None:
    who = await one_of_each(store)
    assert await store.subscribers.change(replace(who, state=state))
    claimed = {each.kind for each in await store.ledger.claim(NOON, 9)}
    assert claimed == {kind for kind in DeliveryKind if state in MAY_GET[kind]}
    counts = await store.ledger.counts()
    assert (counts["sending"], counts["planned"]) == (len(claimed), 0)
    assert counts["cancelled"] == len(DeliveryKind) - len(claimed)


@pytest.mark.parametrize(
    "state", [SubscriberState.PENDING, SubscriberState.UNSUBSCRIBED, SubscriberState.UNLISTED]
)
async def test_who_is_not_on_the_list_is_mailed_what_confirms_and_nothing_else(
    store: Stores, state: SubscriberState
) -> None:
    if state is SubscriberState.PENDING:
        await pending(store)
    else:
        who = await store.subscribers.change(replace(await store.join(), state=state))
        assert who is not None
        given = await mailed(store, ask(address=who.address), who)
        told = await noted(store, ask(2, address=who.address))
        await store.signups.admit(told, [telling(told, who.id)])
        assert given.subscriber == who.id
    assert [each.kind for each in await store.ledger.claim(NOON, 9)] == [DeliveryKind.CONFIRM]


async def test_nobody_on_the_suppression_list_is_mailed_anything(store: Stores) -> None:
    who = await one_of_each(store)
    left = await store.subscribers.change(replace(who, state=SubscriberState.UNSUBSCRIBED))
    assert left is not None
    await store.suppressions.suppress(who.address, Reason.COMPLAINT, NOON)
    assert await store.ledger.claim(NOON, 9) == []
    assert (await store.ledger.counts())["cancelled"] == len(DeliveryKind)


async def test_all_that_is_no_digest_waits_on_during_a_pause(store: Stores) -> None:
    who = await one_of_each(store)
    assert await store.subscribers.change(replace(who, paused_until=date(2030, 1, 1)))
    claimed = {each.kind for each in await store.ledger.claim(NOON, 9)}
    assert claimed == {DeliveryKind.ANSWER, DeliveryKind.NOTICE}
    assert [each.paper for each in (await store.now(who)).held_over] == [1]


async def test_no_digest_supersedes_what_is_none(store: Stores) -> None:
    who = await one_of_each(store)
    for each in await store.every_delivery():
        if each.kind is not DeliveryKind.DIGEST:
            day = MONDAY + timedelta(days=1)
            plan = plan_for(who, pick(1), day=day, supersedes=each)
            assert await store.ledger.plan([plan], []) == []
