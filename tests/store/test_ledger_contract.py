"""What every Ledger does, whatever it is made of."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.made import MONDAY, NOON, paper, pick
from tests.store.ledgers import KINDS, Stores, plan_for, returning, settled, stores
from worker.deliveries import Answer, DeliveryKind, DeliveryState
from worker.digests import Slot
from worker.model import MOST_HELD, Cursor, PaperNumber, SubscriberState

TUESDAY = MONDAY + timedelta(days=1)
SOON = NOON + timedelta(minutes=5)


@pytest.fixture(params=KINDS)
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Stores]:
    async with stores(request.param, tmp_path) as opened:
        yield opened


# --- plan -------------------------------------------------------------------


async def test_a_plan_becomes_a_delivery_that_holds_all_it_takes_to_render(store: Stores) -> None:
    who = await store.join()
    plan = plan_for(who, pick(2, "b", "a"), pick(1, "a"), held_over=[pick(3, "c")])
    papers = [paper(n, abstract="naïve 量子 \u2028") for n in (1, 2, 3)]
    assert await store.ledger.plan([plan], papers) == [plan]
    (delivery,) = await store.every_delivery()
    assert (delivery.digest, delivery.papers) == (plan.digest, (papers[1], papers[0]))
    assert (delivery.uid, delivery.address) == (who.uid, who.address)
    assert (delivery.state, delivery.due_at) == (DeliveryState.PLANNED, plan.planned_at)
    assert (delivery.message_id, delivery.planned_at) == (plan.message_id, plan.planned_at)
    assert (delivery.attempts, delivery.doubts, delivery.reply) == (0, 0, "")


async def test_a_plan_moves_its_subscriber_on(store: Stores) -> None:
    who = await store.join()
    plan = plan_for(who, pick(1), held_over=[pick(3, "c")])
    await store.ledger.plan([plan], [paper(1), paper(3)])
    assert await store.now(who) == replace(
        who,
        cursor=plan.cursor,
        held_over=plan.held_over,
        last_slot=MONDAY,
        version=who.version + 1,
    )


async def test_without_a_digest_only_the_cursor_moves(store: Stores) -> None:
    who = await store.join()
    plan = plan_for(who)
    assert await store.ledger.plan([plan], []) == [plan]
    assert await store.every_delivery() == []
    assert (await store.now(who)).cursor == plan.cursor


async def test_the_same_plan_twice_is_once(store: Stores) -> None:
    who = await store.join()
    plan = plan_for(who, pick(1))
    assert await store.ledger.plan([plan, plan], [paper(1)]) == [plan]
    assert await store.ledger.plan([plan], [paper(1)]) == []
    assert len(await store.every_delivery()) == 1


async def test_two_ticks_at_once_plan_everybody_once(store: Stores) -> None:
    """F56."""
    people = [await store.join(n) for n in range(1, 6)]
    plans = [plan_for(who, pick(1)) for who in people]
    rounds = await asyncio.gather(*(store.ledger.plan(plans, [paper(1)]) for _ in range(4)))
    assert sorted(len(taken) for taken in rounds) == [0, 0, 0, 5]
    assert len(await store.every_delivery()) == 5


@pytest.mark.parametrize("again", [pick(2), None], ids=["with a digest", "without"])
async def test_a_slot_that_was_served_is_not_served_again(store: Stores, again: object) -> None:
    who = await store.join()
    await store.planned(who, pick(1))
    who = await store.now(who)
    plan = plan_for(who, pick(2)) if again else plan_for(who)
    assert await store.ledger.plan([plan], [paper(2)]) == []
    assert await store.now(who) == who
    assert len(await store.every_delivery()) == 1


async def test_plans_in_one_batch_meet_what_those_before_them_left(store: Stores) -> None:
    who = await store.join()
    first = plan_for(who, pick(1))
    second = plan_for(replace(who, version=who.version + 1), pick(2), day=TUESDAY)
    assert await store.ledger.plan([first, second], [paper(1), paper(2)]) == [first, second]


@pytest.mark.parametrize("state", [s for s in SubscriberState if s is not SubscriberState.ACTIVE])
async def test_nothing_is_planned_for_whoever_is_not_active(
    store: Stores, state: SubscriberState
) -> None:
    gone = await store.subscribers.change(replace(await store.join(), state=state))
    assert gone is not None
    assert await store.ledger.plan([plan_for(gone, pick(1))], [paper(1)]) == []
    assert await store.every_delivery() == []


async def test_a_dropped_plan_leaves_no_trace_and_stops_no_other(store: Stores) -> None:
    first, second, third = [await store.join(n) for n in (1, 2, 3)]
    stale = plan_for(replace(second, version=7), pick(1), held_over=[pick(2)])
    good = [plan_for(first, pick(3)), plan_for(third, pick(3))]
    papers = [paper(n, title="old") for n in (1, 2, 3)]
    assert await store.ledger.plan([good[0], stale, good[1]], papers) == good
    assert await store.now(second) == second
    renamed = [paper(1, title="new")]
    await store.ledger.plan([plan_for(second, pick(1))], renamed)
    (delivery,) = await store.ledger.deliveries(DeliveryState, second.id)
    assert delivery.papers == (renamed[0],)


async def test_a_paper_stays_as_it_was_first_planned(store: Stores) -> None:
    first, second = await store.join(1), await store.join(2)
    before, after = paper(1, title="before"), paper(1, title="after")
    await store.ledger.plan([plan_for(first, pick(1))], [before])
    await store.ledger.plan([plan_for(second, pick(1))], [after])
    assert [each.papers for each in await store.every_delivery()] == [(before,), (before,)]


async def test_papers_held_over_need_not_be_given_again(store: Stores) -> None:
    who = await store.join()
    await store.ledger.plan([plan_for(who, pick(1), held_over=[pick(2)])], [paper(1), paper(2)])
    later = plan_for(await store.now(who), pick(2), day=TUESDAY)
    assert await store.ledger.plan([later], []) == [later]
    assert (await store.every_delivery())[1].papers == (paper(2),)


# --- superseding ------------------------------------------------------------


@pytest.mark.parametrize("deferred", [False, True], ids=["planned", "deferred"])
async def test_the_next_digest_supersedes_the_one_that_waits(store: Stores, deferred: bool) -> None:
    who = await store.join()
    waiting = await store.planned(who, pick(1))
    if deferred:
        await store.ledger.claim(NOON, 1)
        await store.ledger.settle([settled(waiting, DeliveryState.DEFERRED, SOON)])
    plan = plan_for(await store.now(who), pick(1), pick(2), day=TUESDAY, supersedes=waiting)
    assert await store.ledger.plan([plan], [paper(2)]) == [plan]
    old, new = await store.every_delivery()
    assert (old.id, old.state, old.due_at) == (waiting.id, DeliveryState.SUPERSEDED, None)
    assert new.papers == (paper(1), paper(2))
    assert [each.id for each in await store.ledger.claim(SOON, 9)] == [new.id]


@pytest.mark.parametrize(
    "state", [DeliveryState.SENDING, DeliveryState.SENT, DeliveryState.UNCERTAIN]
)
async def test_what_has_left_meanwhile_is_not_superseded_and_the_plan_is_dropped(
    store: Stores, state: DeliveryState
) -> None:
    who = await store.join()
    waiting = await store.planned(who, pick(1))
    plan = plan_for(await store.now(who), pick(1), day=TUESDAY, supersedes=waiting)
    await store.ledger.claim(NOON, 1)
    if state is not DeliveryState.SENDING:
        await store.ledger.settle([settled(waiting, state)])
    before = await store.now(who)
    assert await store.ledger.plan([plan], []) == []
    assert await store.now(who) == before
    assert [each.state for each in await store.every_delivery()] == [state]


async def test_nobody_supersedes_the_digest_of_another(store: Stores) -> None:
    first, second = await store.join(1), await store.join(2)
    waiting = await store.planned(first, pick(1))
    plan = plan_for(second, pick(1), day=TUESDAY, supersedes=waiting)
    assert await store.ledger.plan([plan], []) == []
    assert (await store.ledger.counts())["planned"] == 1


# --- claim ------------------------------------------------------------------


async def test_a_claimed_delivery_is_sending_and_one_attempt_further(store: Stores) -> None:
    delivery = await store.planned(await store.join())
    claimed = await store.ledger.claim(NOON, 9)
    assert claimed == [replace(delivery, state=DeliveryState.SENDING, attempts=1)]
    assert await store.every_delivery() == claimed
    assert await store.ledger.claim(NOON, 9) == []


async def test_what_is_not_due_yet_is_not_claimed(store: Stores) -> None:
    delivery = await store.planned(await store.join())
    assert await store.ledger.claim(NOON - timedelta(microseconds=1), 9) == []
    await store.ledger.claim(NOON, 1)
    await store.ledger.settle([settled(delivery, DeliveryState.DEFERRED, SOON)])
    assert await store.ledger.claim(SOON - timedelta(microseconds=1), 9) == []
    assert len(await store.ledger.claim(SOON, 9)) == 1


async def test_what_has_waited_longest_is_claimed_first(store: Stores) -> None:
    people = [await store.join(n) for n in (1, 2, 3)]
    instants = [NOON, NOON - timedelta(hours=2), NOON - timedelta(hours=1)]
    plans = [plan_for(who, pick(1), now=at) for who, at in zip(people, instants, strict=True)]
    await store.ledger.plan(plans, [paper(1)])
    order = [(await store.ledger.claim(NOON, 1))[0].subscriber for _ in people]
    assert order == [people[1].id, people[2].id, people[0].id]


async def test_what_is_awaited_is_claimed_before_all_digests(store: Stores) -> None:
    people = [await store.join(n) for n in (1, 2, 3)]
    await store.ledger.plan([plan_for(who, pick(1)) for who in people], [paper(1)])
    for mail, who in enumerate(people[:2]):
        slot = Slot(f"answer-{mail}", MONDAY)
        answer = Answer(who.id, slot, ("Done.",), f"<a{mail}@x.org>", f"<{mail}@y.org>", SOON)
        assert await store.returns.answer(answer)
    assert len(await store.ledger.claim(NOON, 1)) == 1, "the answers are not due yet"
    kinds = [[each.kind for each in await store.ledger.claim(SOON, 1)] for _ in range(5)]
    assert kinds == [[DeliveryKind.ANSWER]] * 2 + [[DeliveryKind.DIGEST]] * 2 + [[]]


async def test_what_is_awaited_is_left_alone_as_any_other(store: Stores) -> None:
    who, other = await store.join(1, "one@slow.org"), await store.join(2)
    digest = await store.planned(other)
    slot = Slot("answer", MONDAY)
    await store.returns.answer(Answer(who.id, slot, ("Done.",), "<a@x.org>", "<1@y.org>", NOON))
    (claimed,) = await store.ledger.claim(NOON, 9, ["slow.org"])
    assert claimed.id == digest.id
    (waiting,) = await store.ledger.deliveries([DeliveryState.PLANNED])
    assert await store.holds.hold([waiting.id]) == [waiting.id]
    assert await store.ledger.claim(NOON, 9) == []


async def test_no_more_than_the_limit_is_claimed(store: Stores) -> None:
    people = [await store.join(n) for n in range(1, 6)]
    await store.ledger.plan([plan_for(who, pick(1)) for who in people], [paper(1)])
    assert [len(await store.ledger.claim(NOON, limit)) for limit in (0, 2, 2, 2)] == [0, 2, 2, 1]


async def test_no_two_callers_claim_the_same_delivery(store: Stores) -> None:
    people = [await store.join(n) for n in range(1, 31)]
    await store.ledger.plan([plan_for(who, pick(1)) for who in people], [paper(1)])
    rounds = await asyncio.gather(*(store.ledger.claim(NOON, 4) for _ in range(10)))
    claimed = [each.id for taken in rounds for each in taken]
    assert (len(claimed), len(set(claimed))) == (30, 30)


async def test_what_was_in_flight_for_somebody_who_left_is_cancelled_not_retried(
    store: Stores,
) -> None:
    """F68, and F67 for the claim: the one deferred after he left is cancelled when it is due."""
    gone, other = await store.join(1), await store.join(2)
    in_flight = await store.planned(gone)
    await store.ledger.claim(NOON, 1)
    leaving = replace(await store.now(gone), state=SubscriberState.UNSUBSCRIBED)
    assert await store.subscribers.change(leaving)
    assert (await store.ledger.counts())["sending"] == 1
    await store.ledger.settle([settled(in_flight, DeliveryState.DEFERRED, NOON)])
    await store.planned(other)
    assert [each.subscriber for each in await store.ledger.claim(NOON, 1)] == [other.id]
    (cancelled,) = await store.ledger.deliveries([DeliveryState.CANCELLED])
    assert (cancelled.id, cancelled.due_at, cancelled.attempts) == (in_flight.id, None, 0)


@pytest.mark.parametrize("doubts", [0, 1])
async def test_what_was_in_flight_when_he_left_is_there_when_he_comes_back(
    store: Stores, doubts: int
) -> None:
    """Its papers are held over, once, unless it may have arrived."""
    gone = await store.join()
    left = replace(pick(3), held=MOST_HELD + 1)
    plan = plan_for(gone, pick(1), held_over=[pick(2)])
    assert plan.digest
    plan = replace(plan, digest=replace(plan.digest, rest=(pick(2), left)))
    await store.ledger.plan([plan], [paper(number) for number in (1, 2, 3)])
    (in_flight,) = await store.ledger.claim(NOON, 1)
    leaving = replace(await store.now(gone), state=SubscriberState.UNSUBSCRIBED)
    assert await store.subscribers.change(leaving)
    state = DeliveryState.UNCERTAIN if doubts else DeliveryState.DEFERRED
    await store.ledger.settle([replace(settled(in_flight, state, NOON), doubts=doubts)])
    assert await store.ledger.claim(NOON, 1) == []
    coming = replace(await store.now(gone), state=SubscriberState.ACTIVE)
    assert await store.subscribers.change(coming)
    assert await store.ledger.claim(NOON, 1) == []
    held_over = [held.paper for held in (await store.now(gone)).held_over]
    assert held_over == ([2] if doubts else [2, 1, 3])


async def test_an_answer_that_nobody_gets_any_more_owes_nothing(store: Stores) -> None:
    who = await store.join()
    slot = Slot("answer-1", MONDAY)
    await store.returns.answer(Answer(who.id, slot, ("Done.",), "<1@x>", "<r>", NOON))
    (in_flight,) = await store.ledger.claim(NOON, 1)
    await store.subscribers.change(replace(await store.now(who), state=SubscriberState.REMOVED))
    await store.ledger.settle([settled(in_flight, DeliveryState.DEFERRED, NOON)])
    before = await store.now(who)
    assert await store.ledger.claim(NOON, 1) == []
    assert await store.now(who) == before


async def test_unsubscribed_before_the_claim_is_never_claimed(store: Stores) -> None:
    """F67."""
    who = await store.join()
    await store.planned(who)
    leaving = replace(await store.now(who), state=SubscriberState.UNSUBSCRIBED)
    await store.subscribers.change(leaving)
    assert await store.ledger.claim(NOON, 9) == []


async def test_one_in_doubt_comes_again_with_the_same_papers_and_message_id(store: Stores) -> None:
    delivery = await store.planned(await store.join(), pick(2), pick(1))
    await store.ledger.claim(NOON, 1)
    doubted = replace(settled(delivery, DeliveryState.UNCERTAIN, SOON), attempts=1, doubts=1)
    await store.ledger.settle([doubted])
    (again,) = await store.ledger.claim(SOON, 1)
    assert (again.attempts, again.doubts) == (2, 1)
    assert (again.message_id, again.papers) == (delivery.message_id, delivery.papers)


async def test_one_in_doubt_that_is_held_is_not_claimed(store: Stores) -> None:
    delivery = await store.planned(await store.join())
    await store.ledger.claim(NOON, 1)
    await store.ledger.settle([settled(delivery, DeliveryState.UNCERTAIN, None)])
    assert await store.ledger.claim(NOON + timedelta(days=9), 9) == []


async def test_a_delivery_goes_to_the_address_as_it_is_now(store: Stores) -> None:
    who = await store.join()
    await store.planned(who)
    await store.subscribers.change(replace(await store.now(who), address="new@example.org"))
    assert [each.address for each in await store.ledger.claim(NOON, 1)] == ["new@example.org"]


async def test_nothing_is_claimed_for_a_domain_to_avoid_and_the_others_go(store: Stores) -> None:
    """F47: one domain that is down holds up nobody else."""
    addresses = ["a@down.org", "b@Down.org", "c@up.org", "d@not-down.org", "e@sub.down.org"]
    people = [await store.join(n, address) for n, address in enumerate(addresses)]
    await store.ledger.plan([plan_for(who, pick(1)) for who in people], [paper(1)])
    claimed = await store.ledger.claim(NOON, 9, ["down.org", "elsewhere.org"])
    assert [each.address for each in claimed] == addresses[2:]
    left = await store.ledger.claim(NOON, 9)
    assert [each.address for each in left] == addresses[:2]
    assert [each.attempts for each in left] == [1, 1]


async def test_the_domain_is_that_of_the_address_as_it_is_now(store: Stores) -> None:
    who = await store.join(1, "reader@up.org")
    await store.planned(who)
    await store.subscribers.change(replace(await store.now(who), address="reader@down.org"))
    assert await store.ledger.claim(NOON, 9, ["down.org"]) == []
    assert len(await store.ledger.claim(NOON, 9, ["up.org"])) == 1


# --- settle -----------------------------------------------------------------


async def test_what_became_of_an_attempt_is_noted(store: Stores) -> None:
    delivery = await store.planned(await store.join())
    (claimed,) = await store.ledger.claim(NOON, 1)
    await store.ledger.settle(
        [replace(settled(claimed, DeliveryState.DEFERRED, SOON), reply="451 später", doubts=2)]
    )
    assert await store.every_delivery() == [
        replace(
            delivery,
            state=DeliveryState.DEFERRED,
            due_at=SOON,
            attempts=1,
            doubts=2,
            reply="451 später",
        )
    ]


@pytest.mark.parametrize("claimed_first", [False, True], ids=["planned", "settled"])
async def test_only_what_is_being_sent_is_settled(store: Stores, claimed_first: bool) -> None:
    who = await store.join()
    delivery = await store.planned(who)
    if claimed_first:
        await store.ledger.claim(NOON, 1)
        await store.ledger.settle([settled(delivery, DeliveryState.FAILED)])
    before, owner = await store.every_delivery(), await store.now(who)
    await store.ledger.settle([returning(settled(delivery), pick(1))])
    assert await store.every_delivery() == before
    assert await store.now(who) == owner


async def test_returned_papers_join_those_held_over(store: Stores) -> None:
    who = await store.join()
    plan = plan_for(who, pick(1), pick(2), held_over=[pick(3)])
    await store.ledger.plan([plan], [paper(n) for n in (1, 2, 3)])
    (claimed,) = await store.ledger.claim(NOON, 1)
    expired = settled(claimed, DeliveryState.EXPIRED)
    await store.ledger.settle([returning(expired, *claimed.digest.picks), expired])
    found = await store.now(who)
    assert found.held_over == (pick(3), pick(1), pick(2))
    assert found.version == who.version + 2
    later = plan_for(found, *found.held_over, day=TUESDAY)
    assert await store.ledger.plan([later], []) == [later]


async def test_of_a_digest_taken_back_all_that_he_is_owed_is_held_over(store: Stores) -> None:
    who = await store.join()
    left, waits = replace(pick(2), held=MOST_HELD + 1, score=7), replace(pick(3), held=1)
    plan = plan_for(who, pick(1), held_over=[waits])
    assert plan.digest
    plan = replace(plan, digest=replace(plan.digest, rest=(waits, left)))
    await store.ledger.plan([plan], [paper(n) for n in (1, 2, 3)])
    (delivery,) = await store.every_delivery()
    assert (delivery.digest, delivery.digest.left) == (plan.digest, (left,))
    found = await store.now(who)
    away = replace(found, state=SubscriberState.UNLISTED)
    assert await store.subscribers.change(away)
    back = await store.now(who)
    assert back.held_over == (waits, pick(1), left)


async def test_what_is_to_be_rendered_small_stays_so(store: Stores) -> None:
    delivery = await store.planned(await store.join())
    await store.ledger.claim(NOON, 1)
    again = replace(settled(delivery, DeliveryState.DEFERRED, NOON), small=True)
    await store.ledger.settle([again])
    (claimed,) = await store.ledger.claim(NOON, 1)
    assert claimed.small


async def test_many_attempts_are_settled_together(store: Stores) -> None:
    people = [await store.join(n) for n in range(1, 8)]
    await store.ledger.plan([plan_for(who, pick(1)) for who in people], [paper(1)])
    claimed = await store.ledger.claim(NOON, 7)
    ends = [DeliveryState.SENT, DeliveryState.FAILED]
    await store.ledger.settle([settled(each, ends[n % 2]) for n, each in enumerate(claimed)])
    counts = await store.ledger.counts()
    assert (counts["sent"], counts["failed"], counts["sending"]) == (4, 3, 0)


async def test_nothing_to_settle_is_no_trouble(store: Stores) -> None:
    await store.ledger.settle([])
    assert await store.ledger.plan([], []) == []


# --- reading ----------------------------------------------------------------


async def test_counts_name_every_state(store: Stores) -> None:
    assert await store.ledger.counts() == {state.value: 0 for state in DeliveryState}


async def test_deliveries_are_given_by_state_and_subscriber_oldest_first(store: Stores) -> None:
    first, second = await store.join(1), await store.join(2)
    a = await store.planned(first)
    b = await store.planned(second)
    c = await store.planned(await store.now(first), pick(2), day=TUESDAY)
    assert await store.ledger.deliveries([DeliveryState.PLANNED]) == [a, b, c]
    assert await store.ledger.deliveries(iter([DeliveryState.PLANNED]), first.id) == [a, c]
    assert await store.ledger.deliveries([DeliveryState.SENT]) == []
    assert await store.ledger.deliveries([]) == []


async def test_deliveries_may_be_asked_for_from_an_instant_on(store: Stores) -> None:
    first, second = await store.join(1), await store.join(2)
    await store.planned(first)
    later = plan_for(second, pick(1), now=SOON)
    await store.ledger.plan([later], [paper(1)])
    early, late = await store.every_delivery()
    assert await store.ledger.deliveries(DeliveryState, since=NOON) == [early, late]
    assert await store.ledger.deliveries(DeliveryState, since=SOON) == [late]
    assert await store.ledger.deliveries([DeliveryState.PLANNED], first.id, SOON) == []
    assert await store.ledger.deliveries([DeliveryState.SENT], since=NOON) == []


# --- the paper log it belongs to --------------------------------------------


async def test_the_paper_log_is_remembered(store: Stores) -> None:
    assert await store.ledger.paper_log() is None
    who = await store.join()
    await store.ledger.adopt("first")
    assert await store.ledger.paper_log() == "first"
    assert await store.now(who) == who


async def test_an_intake_is_expected_before_it_is_written(store: Stores) -> None:
    """F76: so a log that is further than that was written beside another ledger."""
    assert await store.ledger.expected() is None
    await store.ledger.adopt("log")
    assert await store.ledger.expected() is None
    for number in (1, 2, 2):
        await store.ledger.expect(number)
        assert await store.ledger.expected() == number
    await store.ledger.adopt("another", Cursor(PaperNumber(0), 0))
    assert await store.ledger.expected() == 0


async def test_what_is_skipped_is_never_mailed_and_nobody_is_revived(store: Stores) -> None:
    """F76: nothing that waits, nothing held over, nothing before the end of the log."""
    planned, sending, doubtful, sent, gone = [await store.join(n) for n in range(1, 6)]
    await store.ledger.plan([plan_for(planned, pick(1), held_over=[pick(2)])], [paper(1), paper(2)])
    for who in (sending, doubtful, sent):
        await store.planned(who)
    await store.subscribers.change(replace(gone, state=SubscriberState.REMOVED))
    _, second, third, fourth = await store.ledger.claim(NOON, 4)
    await store.ledger.settle([settled(third, DeliveryState.UNCERTAIN, SOON), settled(fourth)])
    await store.ledger.skip(Cursor(PaperNumber(7), 5))
    everyone = await store.subscribers.everyone()
    assert {who.cursor for who in everyone} == {Cursor(PaperNumber(7), 5)}
    assert {who.held_over for who in everyone} == {()}
    assert [who.state for who in everyone][-1] is SubscriberState.REMOVED
    states = [each.state for each in await store.every_delivery()]
    assert states == [DeliveryState.CANCELLED] * 3 + [DeliveryState.SENT]
    assert await store.ledger.claim(SOON, 9) == []
    await store.ledger.settle([settled(second)])
    assert len(await store.ledger.deliveries([DeliveryState.CANCELLED])) == 3
    assert await store.ledger.expected() == 5


async def test_adopting_a_log_at_its_end_moves_every_cursor(store: Stores) -> None:
    first, second = await store.join(1), await store.join(2)
    await store.ledger.adopt("first")
    end = Cursor(PaperNumber(40), 4)
    await store.ledger.adopt("second", end)
    assert await store.ledger.paper_log() == "second"
    assert await store.subscribers.everyone() == [
        replace(who, cursor=end, version=who.version + 1) for who in (first, second)
    ]
    assert await store.ledger.plan([plan_for(first, pick(1))], [paper(1)]) == []


async def test_papers_of_a_lost_log_are_never_mistaken_for_those_of_the_next(store: Stores) -> None:
    """The next log gives number 1 to another paper, while digests of the old one still wait."""
    who, other = await store.join(1), await store.join(2)
    await store.ledger.adopt("first")
    plan = plan_for(who, pick(1), pick(2), held_over=[pick(3)])
    old = [paper(n, title=f"old {n}") for n in (1, 2, 3)]
    await store.ledger.plan([plan], old)
    for log in ("second", "third"):
        await store.ledger.adopt(log, Cursor(PaperNumber(2), 1))
        reader = await store.now(other)
        new = plan_for(reader, pick(1), day=MONDAY + timedelta(days=len(log)))
        assert await store.ledger.plan([new], [paper(1, title=log)]) == [new]
    waiting, second, third = await store.every_delivery()
    assert [each.title for each in waiting.papers] == ["old 1", "old 2"]
    assert [each.title for each in (*second.papers, *third.papers)] == ["second", "third"]
    assert [pick.paper for pick in waiting.digest.picks] == [one.number for one in waiting.papers]
    (held,) = (await store.now(who)).held_over
    reader = await store.now(who)
    late = plan_for(reader, pick(1), held, day=TUESDAY)
    await store.ledger.plan([late], [])
    assert [each.title for each in (await store.every_delivery())[-1].papers] == ["third", "old 3"]


async def test_what_nots_removed_is_kept_with_its_papers_also_when_their_log_is_lost(
    store: Stores,
) -> None:
    who = await store.join()
    await store.ledger.adopt("first")
    plan = plan_for(who, pick(1))
    assert plan.digest
    told = replace(plan.digest, removed=(pick(2, "* -survey"),))
    survey = paper(2, "A survey")
    await store.ledger.plan([replace(plan, digest=told)], [paper(1), survey])
    (waiting,) = await store.every_delivery()
    assert waiting.digest == told
    assert [each.number for each in waiting.papers] == [1], "it is for its page"
    await store.ledger.adopt("second", Cursor(PaperNumber(2), 1))
    (waiting,) = await store.every_delivery()
    (out,) = waiting.digest.removed
    assert out.paper < 0
    (kept,) = (await store.ledger.papers([out.which])).values()
    assert kept == replace(survey, number=out.paper)


async def test_a_log_rolled_back_keeps_the_numbers_it_still_has(store: Stores) -> None:
    who = await store.join()
    await store.ledger.adopt("log")
    await store.ledger.plan(
        [plan_for(who, pick(1), pick(2))], [paper(n, title=f"old {n}") for n in (1, 2)]
    )
    await store.ledger.adopt("log", Cursor(PaperNumber(1), 1))
    (waiting,) = await store.every_delivery()
    first, second = waiting.papers
    assert (first.number, first.title, second.title) == (1, "old 1", "old 2")
    assert second.number < 0


async def test_the_papers_that_were_planned_are_given_as_they_were_then(store: Stores) -> None:
    who = await store.join()
    held = plan_for(who, pick(1), held_over=[pick(2)])
    assert await store.ledger.plan([held], [paper(1), paper(2)]) == [held]
    wanted = [paper(number).which for number in (1, 2, 3)]
    assert await store.ledger.papers(wanted) == {(1, 1): paper(1), (2, 1): paper(2)}


async def test_a_paper_is_found_in_every_version_that_was_planned_whatever_their_numbers(
    store: Stores,
) -> None:
    first, then = paper(2), replace(paper(2), title="Renamed", version=2_000_000_000)
    who, other = await store.join(), await store.join(2)
    await store.ledger.plan([plan_for(who, pick(1), pick(2))], [paper(1), first])
    await store.ledger.plan([plan_for(other, replace(pick(2), version=then.version))], [then])
    assert await store.ledger.versions([PaperNumber(2), PaperNumber(3)]) == [first, then]
    assert await store.ledger.versions([]) == []


async def test_a_paper_that_rules_name_is_kept_though_it_is_in_no_digest(store: Stores) -> None:
    who = await store.join()
    named = replace(plan_for(who, pick(2)), exemplars=frozenset({paper(1).which}))
    empty = replace(plan_for(await store.join(2)), digest=None, exemplars=named.exemplars)
    assert await store.ledger.plan([empty, named], [paper(1), paper(2)]) == [empty, named]
    assert await store.ledger.papers([(PaperNumber(1), 1)]) == {(1, 1): paper(1)}
    assert [each.papers for each in await store.every_delivery()] == [(paper(2),)]


async def test_a_paper_completed_later_stays_as_it_was_in_what_was_planned_before(
    store: Stores,
) -> None:
    first, second = await store.join(), await store.join(2)
    completed = replace(paper(1), authors=("Ada Ito",), version=2)
    await store.ledger.plan([plan_for(first, pick(1))], [paper(1)])
    newer = replace(pick(1), version=2)
    await store.ledger.plan([plan_for(second, newer)], [completed])
    before, after = await store.every_delivery()
    assert (before.papers, after.papers) == ((paper(1),), (completed,))


async def test_a_delivery_knows_since_when_its_papers_wait(store: Stores) -> None:
    who = await store.join()
    since = NOON - timedelta(days=2)
    plan = replace(plan_for(who, pick(1)), waiting_since=since)
    await store.ledger.plan([plan], [paper(1)])
    (delivery,) = await store.every_delivery()
    assert (delivery.waiting_since, delivery.since) == (since, since)
