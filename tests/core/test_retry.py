from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.core.retry import (
    DOUBT_STEP,
    FIRST_STEP,
    LIFETIME,
    LONGEST_STEP,
    SPREAD,
    after_crash,
    settle,
)
from worker.deliveries import (
    Accepted,
    Bounced,
    Deferred,
    Delivery,
    DeliveryId,
    DeliveryState,
    Digest,
    Doubtful,
    Outcome,
    Receipt,
    Settlement,
    Slot,
    Unavailable,
)
from worker.model import PaperNumber, Pick, Rule, SubscriberId

PLANNED = datetime(2025, 9, 8, 6, tzinfo=UTC)
SOON = PLANNED + timedelta(seconds=1)
TOO_LATE = PLANNED + LIFETIME
PICKS = (Pick(PaperNumber(3), (Rule("video", "video"),)),)
DELIVERY = Delivery(
    id=DeliveryId(9),
    subscriber=SubscriberId(2),
    uid=77,
    address="ann@example.org",
    digest=Digest(Slot("2025-09-08", date(2025, 9, 8)), PICKS, Receipt()),
    papers=(),
    message_id="<digest.2025-09-08.x@example.org>",
    planned_at=PLANNED,
    state=DeliveryState.SENDING,
    attempts=1,
)

outcomes = st.sampled_from(
    [Accepted("250 ok"), Deferred("451 x"), Bounced("550 x"), Unavailable("x"), Doubtful("x")]
)
moments = st.timedeltas(timedelta(0), 2 * LIFETIME).map(lambda after: PLANNED + after)
jitters = st.floats(-1, 1)
claimed = st.builds(
    lambda attempts, doubts: replace(DELIVERY, attempts=attempts, doubts=doubts),
    st.integers(0, 5000),
    st.integers(0, 5),
)


def step(outcome: Outcome, attempts: int, jitter: float = 0.0) -> float:
    due = settle(replace(DELIVERY, attempts=attempts), outcome, SOON, jitter).due_at
    assert due is not None
    return (due - SOON).total_seconds()


def test_accepted_is_sent_and_over() -> None:
    assert settle(DELIVERY, Accepted("250 2.0.0 ok"), SOON, 0.5) == Settlement(
        DELIVERY.id, DeliveryState.SENT, None, 1, 0, "250 2.0.0 ok", SOON
    )


def test_a_definite_no_is_failed_and_over_even_past_the_lifetime() -> None:
    settled = settle(DELIVERY, Bounced("550 5.1.1 no"), TOO_LATE, 0)
    assert (settled.state, settled.due_at, settled.returned) == (DeliveryState.FAILED, None, ())
    assert settled.reply == "550 5.1.1 no"


def test_a_temporary_no_waits_twice_as_long_each_time_up_to_the_cap() -> None:
    no = Deferred("450 4.2.0 greylisted")
    steps = [step(no, n) for n in range(1, 8)]
    assert steps == [300, 600, 1200, 2400, 4000, 4000, 4000]
    assert step(no, 100_000) == 4000


def test_chance_moves_a_step_by_a_fifth_either_way_and_no_more() -> None:
    assert step(Deferred("x"), 1, -1) == 240
    assert step(Deferred("x"), 1, 1) == 360
    for jitter in (-1.01, 1.01, float("nan"), float("inf")):
        with pytest.raises(ValueError, match="jitter"):
            settle(DELIVERY, Deferred("x"), SOON, jitter)


def test_a_server_that_is_down_counts_against_nobody_and_the_wait_does_not_grow() -> None:
    down = Unavailable("connect: refused")
    for attempts in (1, 2, 7, 500):
        settled = settle(replace(DELIVERY, attempts=attempts), down, SOON, 0)
        assert (settled.state, settled.attempts) == (DeliveryState.DEFERRED, attempts - 1)
        assert settled.due_at == SOON + FIRST_STEP


@pytest.mark.parametrize("outcome", [Deferred("451 later"), Unavailable("down")])
def test_when_its_lifetime_is_over_its_papers_go_back(outcome: Outcome) -> None:
    settled = settle(DELIVERY, outcome, TOO_LATE, 0)
    assert (settled.state, settled.due_at) == (DeliveryState.EXPIRED, None)
    assert settled.returned == PICKS
    before = settle(DELIVERY, outcome, TOO_LATE - timedelta(seconds=1), 0)
    assert (before.state, before.returned) == (DeliveryState.DEFERRED, ())


def test_a_doubt_is_sent_again_once_and_then_held() -> None:
    first = settle(DELIVERY, Doubtful("cut"), SOON, 1)
    assert (first.state, first.doubts) == (DeliveryState.UNCERTAIN, 1)
    assert first.due_at == SOON + DOUBT_STEP
    second = settle(replace(DELIVERY, doubts=1), Doubtful("cut"), SOON, 1)
    assert (second.state, second.doubts) == (DeliveryState.UNCERTAIN, 2)
    assert second.due_at is None


def test_after_a_crash_it_is_sent_again_at_once_ten_times_and_then_held() -> None:
    dues = []
    delivery = DELIVERY
    for _ in range(11):
        settled = after_crash(delivery, SOON)
        assert settled.state is DeliveryState.UNCERTAIN
        dues.append(settled.due_at)
        delivery = replace(delivery, doubts=settled.doubts)
    assert dues == [SOON] * 10 + [None]
    assert delivery.doubts == 11


@given(delivery=claimed, outcome=outcomes, now=moments, jitter=jitters)
def test_an_attempt_leads_to_a_legal_state_and_never_into_the_past(
    delivery: Delivery, outcome: Outcome, now: datetime, jitter: float
) -> None:
    settled = settle(delivery, outcome, now, jitter)
    waiting = settled.state in {DeliveryState.DEFERRED, DeliveryState.UNCERTAIN}
    over = {DeliveryState.SENT, DeliveryState.FAILED, DeliveryState.EXPIRED}
    assert waiting or settled.state in over
    if settled.due_at is None:
        assert settled.state is not DeliveryState.DEFERRED
    else:
        assert waiting
        assert settled.due_at > now
    assert settled.delivery == delivery.id
    assert settled.at == now
    assert 0 <= settled.attempts <= delivery.attempts
    assert settled.doubts - delivery.doubts == isinstance(outcome, Doubtful)
    assert bool(settled.returned) == (settled.state is DeliveryState.EXPIRED)


@given(delivery=claimed, now=moments, jitter=jitters)
def test_no_retry_is_due_more_than_one_step_after_the_lifetime(
    delivery: Delivery, now: datetime, jitter: float
) -> None:
    due = settle(delivery, Deferred("451"), now, jitter).due_at
    assert due is None or due <= PLANNED + LIFETIME + LONGEST_STEP * (1 + SPREAD)


@given(jitter=jitters, outcome=st.sampled_from([Deferred("451"), Unavailable("down")]))
def test_waiting_for_a_dead_server_always_comes_to_an_end(jitter: float, outcome: Outcome) -> None:
    delivery, now, tries = DELIVERY, SOON, 0
    while (settled := settle(delivery, outcome, now, jitter)).due_at is not None:
        now, tries = settled.due_at, tries + 1
        delivery = replace(delivery, attempts=settled.attempts + 1)
    assert settled.state is DeliveryState.EXPIRED
    assert now >= PLANNED + LIFETIME
    assert 80 < tries < 2000


@given(delivery=claimed, now=moments)
def test_a_crash_always_leaves_a_doubt(delivery: Delivery, now: datetime) -> None:
    settled = after_crash(delivery, now)
    assert settled.state is DeliveryState.UNCERTAIN
    assert settled.doubts == delivery.doubts + 1
    assert settled.due_at == (now if delivery.doubts < 10 else None)


@pytest.mark.parametrize("outcome", [Deferred("451 later"), Unavailable("down")])
def test_what_may_have_arrived_stays_in_doubt_and_its_papers_go_nowhere_else(
    outcome: Outcome,
) -> None:
    """Else the next digest would carry them again, under another Message-ID."""
    doubted = replace(DELIVERY, doubts=1)
    later = settle(doubted, outcome, SOON, 0)
    assert later.state is DeliveryState.UNCERTAIN
    assert later.due_at is not None
    over = settle(doubted, outcome, TOO_LATE, 0)
    assert (over.state, over.due_at, over.returned) == (DeliveryState.UNCERTAIN, None, ())
