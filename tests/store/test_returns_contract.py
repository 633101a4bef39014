"""What every Returns does with what comes back: each once, and only for what was handed over."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.made import MONDAY, NOON, pick
from tests.store.ledgers import KINDS, Stores, plan_for, settled, stores, struck
from worker.deliveries import Answer, Delivery, DeliveryId, DeliveryKind, DeliveryState, Reason
from worker.digests import Digest, Receipt, Slot
from worker.model import Rule, Subscriber, SubscriberState
from worker.outcomes import (
    Cause,
)
from worker.ports import Suppressed
from worker.returns import Undelivered

LATER = NOON + timedelta(hours=3)
DAY = timedelta(days=1)


@pytest.fixture(params=KINDS)
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Stores]:
    async with stores(request.param, tmp_path) as opened:
        yield opened


async def sent(
    store: Stores, who: Subscriber, state: DeliveryState = DeliveryState.SENT, day: date = MONDAY
) -> Delivery:
    """A digest of his, handed over, or in whatever state."""
    number = day.toordinal() - MONDAY.toordinal() + 1
    planned = await store.planned(await store.now(who), pick(number), day=day)
    if state is DeliveryState.PLANNED:
        return planned
    await store.ledger.claim(NOON, 1)
    if state is not DeliveryState.SENDING:
        doubts = int(state is DeliveryState.UNCERTAIN)
        again = LATER if state in (DeliveryState.DEFERRED, DeliveryState.UNCERTAIN) else None
        await store.ledger.settle([replace(settled(planned, state, again), doubts=doubts)])
    return await now(store, planned)


async def now(store: Stores, delivery: Delivery) -> Delivery:
    found = await store.returns.delivery(delivery.id)
    assert found is not None
    return found


def undelivered(of: Delivery, cause: Cause = Cause.ADDRESS) -> Undelivered:
    return Undelivered(of.id, cause, "550 5.1.1 no such user")


# --- who and what it is about ---------------------------------------------------


async def test_a_delivery_is_found_by_its_number(store: Stores) -> None:
    planned = await store.planned(await store.join())
    assert await store.returns.delivery(planned.id) == planned
    assert await store.returns.delivery(DeliveryId(99)) is None


async def test_a_subscriber_is_found_by_his_uid_whatever_his_state(store: Stores) -> None:
    who = await store.join()
    assert await store.returns.subscriber(who.uid) == who
    gone = await store.subscribers.change(replace(who, state=SubscriberState.REMOVED))
    assert await store.returns.subscriber(who.uid) == gone
    assert await store.returns.subscriber(99) is None


# --- bounced --------------------------------------------------------------------


async def test_what_came_back_has_failed_and_its_papers_are_held_over(store: Stores) -> None:
    who = await store.join()
    delivery = await sent(store, who)
    assert await store.returns.bounced(undelivered(delivery), LATER)
    found = await now(store, delivery)
    assert (found.state, found.due_at) == (DeliveryState.FAILED, None)
    assert found.reply == "550 5.1.1 no such user"
    assert (await store.now(who)).held_over == (pick(1),)


@pytest.mark.parametrize("cause", list(Cause))
async def test_what_came_back_for_itself_goes_into_no_other_mail(
    store: Stores, cause: Cause
) -> None:
    who = await store.join()
    delivery = await sent(store, who)
    assert await store.returns.bounced(undelivered(delivery, cause), LATER)
    ours = cause in {Cause.POLICY, Cause.SIZE, Cause.MESSAGE}
    assert (await store.now(who)).held_over == (() if ours else (pick(1),))


async def test_the_same_bounce_twice_is_once(store: Stores) -> None:
    who = await store.join()
    delivery = await sent(store, who)
    assert await store.returns.bounced(undelivered(delivery), LATER)
    before = await store.now(who), await now(store, delivery)
    assert not await store.returns.bounced(undelivered(delivery), LATER + 2 * DAY)
    assert (await store.now(who), await now(store, delivery)) == before
    assert await store.suppressions.listed() == []


@pytest.mark.parametrize(
    "state",
    [
        DeliveryState.PLANNED,
        DeliveryState.SENDING,
        DeliveryState.DEFERRED,
        DeliveryState.FAILED,
        DeliveryState.EXPIRED,
    ],
)
async def test_what_was_never_handed_over_cannot_come_back(
    store: Stores, state: DeliveryState
) -> None:
    who = await store.join()
    delivery = await sent(store, who, state)
    before = await store.now(who)
    assert not await store.returns.bounced(undelivered(delivery), LATER)
    assert await now(store, delivery) == delivery
    assert await store.now(who) == before
    assert not await store.returns.bounced(Undelivered(DeliveryId(99), Cause.ADDRESS, ""), LATER)


async def test_one_in_doubt_that_came_back_is_not_sent_again(store: Stores) -> None:
    """Its papers stay where they are: the other copy may have arrived."""
    who = await store.join()
    delivery = await sent(store, who, DeliveryState.UNCERTAIN)
    assert await store.returns.bounced(undelivered(delivery), LATER)
    assert await store.ledger.claim(LATER, 9) == []
    assert (await store.now(who)).held_over == ()


async def test_two_bounces_a_day_apart_suppress(store: Stores) -> None:
    who = await store.join()
    first, second = await sent(store, who), await sent(store, who, day=MONDAY + DAY)
    await store.returns.bounced(undelivered(first), NOON)
    assert await store.suppressions.find(who.address) is None
    await store.returns.bounced(undelivered(second), NOON + DAY)
    entry = await store.suppressions.find(who.address)
    assert entry is not None
    assert (entry.reason, entry.at) == (Reason.BOUNCES, NOON + DAY)
    assert (await store.now(who)).state is SubscriberState.SUPPRESSED


async def test_a_bounce_and_a_no_add_up(store: Stores) -> None:
    who = await store.join()
    delivery = await sent(store, who)
    await store.returns.bounced(undelivered(delivery), NOON)
    other = await sent(store, who, DeliveryState.SENDING, MONDAY + DAY)
    failed = settled(other, DeliveryState.FAILED)
    await store.ledger.settle([struck(failed, 6, NOON + DAY)])
    assert await store.suppressions.find(who.address)


async def test_a_full_mailbox_before_and_a_bounce_after_add_up_for_one_delivery(
    store: Stores,
) -> None:
    who = await store.join()
    for day in (0, 1):
        delivery = (
            await sent(store, who, DeliveryState.SENDING)
            if day == 0
            else (await store.ledger.claim(NOON + day * DAY, 1))[0]
        )
        full = settled(delivery, DeliveryState.DEFERRED, NOON)
        await store.ledger.settle([struck(full, 3, NOON + day * DAY)])
    (claimed,) = await store.ledger.claim(NOON + 2 * DAY, 1)
    await store.ledger.settle([settled(claimed)])
    assert await store.suppressions.find(who.address) is None
    await store.returns.bounced(undelivered(claimed), NOON + 2 * DAY)
    assert await store.suppressions.find(who.address)


async def test_bounces_that_complain_of_what_we_send_cost_no_reader_anything(
    store: Stores,
) -> None:
    who = await store.join()
    for day in range(5):
        delivery = await sent(store, who, day=MONDAY + day * DAY)
        await store.returns.bounced(undelivered(delivery, Cause.POLICY), NOON + day * DAY)
    assert (await store.now(who)).state is SubscriberState.ACTIVE


# --- answers --------------------------------------------------------------------


def answer(who: Subscriber, mail: str = "1") -> Answer:
    slot = Slot(f"answer-{mail}", MONDAY)
    return Answer(who.id, slot, ("Done.",), f"<answer-{mail}@x.org>", f"<{mail}@reader>", NOON)


async def answers(store: Stores, who: Subscriber) -> list[Delivery]:
    found = await store.ledger.deliveries(DeliveryState, who.id)
    return [each for each in found if each.kind is DeliveryKind.ANSWER]


async def test_an_answer_is_a_delivery_due_at_once(store: Stores) -> None:
    who = await store.join()
    given = answer(who)
    assert await store.returns.answer(given) is True
    (delivery,) = await answers(store, who)
    assert delivery.digest == Digest(given.slot, (), Receipt(), ("Done.",))
    assert (delivery.message_id, delivery.answers) == (given.message_id, "<1@reader>")
    assert (delivery.state, delivery.due_at) == (DeliveryState.PLANNED, NOON)
    assert await store.now(who) == who
    (claimed,) = await store.ledger.claim(NOON, 9)
    assert claimed.id == delivery.id


async def test_an_answer_is_not_claimed_either_for_a_domain_to_avoid(store: Stores) -> None:
    await store.returns.answer(answer(await store.join(1, "reader@down.org")))
    assert await store.ledger.claim(LATER, 9, ["down.org"]) == []
    assert len(await store.ledger.claim(LATER, 9, ["up.org"])) == 1


async def test_one_mail_is_answered_once_and_its_change_made_once(store: Stores) -> None:
    who = await store.join()
    changed = replace(who, rules=(*who.rules, Rule("more", "more")))
    assert await store.returns.answer(answer(who), changed) is True
    after = await store.now(who)
    assert after.rules == changed.rules
    assert await store.returns.answer(answer(who), replace(after, rules=())) is False
    assert await store.returns.answer(answer(who)) is False
    assert await store.now(who) == after
    assert len(await answers(store, who)) == 1


async def test_who_changed_meanwhile_is_neither_changed_nor_answered(store: Stores) -> None:
    who = await store.join()
    first = await store.subscribers.change(replace(who, max_papers=3))
    assert await store.returns.answer(answer(who), replace(who, max_papers=4)) is None
    assert await store.now(who) == first
    assert await answers(store, who) == []
    assert await store.returns.answer(answer(who), await store.now(who)) is True


async def test_nobody_comes_back_by_mail_whose_address_is_suppressed(store: Stores) -> None:
    who = await store.join()
    await store.suppressions.suppress(who.address, Reason.COMPLAINT, NOON)
    found = await store.now(who)
    back = replace(found, state=SubscriberState.ACTIVE)
    with pytest.raises(Suppressed):
        await store.returns.answer(answer(who), back)
    assert await store.now(who) == found
    assert await answers(store, who) == []


async def test_answers_are_counted_since_an_instant(store: Stores) -> None:
    who, other = await store.join(1), await store.join(2)
    await store.planned(who)
    for number in range(3):
        given = replace(answer(who, str(number)), at=NOON + number * DAY)
        await store.returns.answer(given)
    await store.returns.answer(answer(other))
    counted = [await store.returns.answers(who.id, NOON + days * DAY) for days in range(4)]
    assert counted == [3, 2, 1, 0]


async def test_who_leaves_by_a_mail_is_answered_and_then_never_again(store: Stores) -> None:
    who = await store.join()
    await store.planned(who)
    leaving = replace(await store.now(who), state=SubscriberState.UNSUBSCRIBED)
    assert await store.returns.answer(answer(who), leaving) is True
    (claimed,) = await store.ledger.claim(NOON, 9)
    assert claimed.kind is DeliveryKind.ANSWER
    assert (await store.ledger.counts())["cancelled"] == 1
    await store.suppressions.suppress(who.address, Reason.COMPLAINT, NOON)
    await store.ledger.settle([settled(claimed, DeliveryState.DEFERRED, NOON)])
    assert await store.ledger.claim(NOON, 9) == []


async def test_who_pauses_by_a_mail_is_answered(store: Stores) -> None:
    who = await store.join()
    await store.planned(who)
    paused = replace(await store.now(who), paused_until=date(2030, 1, 1))
    assert await store.returns.answer(answer(who), paused) is True
    assert [each.kind for each in await store.ledger.claim(NOON, 9)] == [DeliveryKind.ANSWER]
    assert (await store.now(who)).held_over == (pick(1),)


@pytest.mark.parametrize(
    "state",
    [SubscriberState.REMOVED, SubscriberState.UNLISTED, SubscriberState.SUPPRESSED],
)
async def test_who_is_off_the_list_for_another_reason_is_not_answered(
    store: Stores, state: SubscriberState
) -> None:
    who = await store.join()
    await store.returns.answer(answer(who))
    assert await store.subscribers.change(replace(await store.now(who), state=state))
    assert await store.ledger.claim(NOON, 9) == []
    assert (await store.ledger.counts())["cancelled"] == 1


async def test_an_answer_that_waits_when_he_is_erased_goes_nowhere(store: Stores) -> None:
    who = await store.join()
    leaving = replace(who, state=SubscriberState.UNSUBSCRIBED)
    await store.returns.answer(answer(who), leaving)
    await store.suppressions.erase(who.address, NOON)
    assert await store.ledger.claim(NOON, 9) == []


async def test_no_digest_supersedes_an_answer(store: Stores) -> None:
    who = await store.join()
    await store.returns.answer(answer(who))
    (waiting,) = await answers(store, who)
    assert await store.ledger.plan([plan_for(who, pick(1), supersedes=waiting)], []) == []
    assert (await store.ledger.counts())["planned"] == 1
