from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.asks import CONFIRM_WITHIN
from worker.core.retry import (
    DOUBT_STEP,
    FIRST_STEP,
    LIFETIME,
    LONGEST_STEP,
    SPREAD,
    after_crash,
    comes_back,
    is_dead,
    settle,
)
from worker.deliveries import Delivery, DeliveryId, DeliveryKind, DeliveryState, Settlement, Strike
from worker.digests import Digest, Receipt, Slot
from worker.model import PaperNumber, Pick, Rule, SubscriberId
from worker.outcomes import (
    Accepted,
    Bounced,
    Cause,
    Deferred,
    Doubtful,
    InDoubt,
    Outcome,
    Unavailable,
)

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

outcomes = st.one_of(
    st.just(Accepted("250 ok")),
    st.builds(Deferred, st.just("451 x"), st.sampled_from(Cause)),
    st.builds(Bounced, st.just("550 x"), st.sampled_from(Cause)),
    st.builds(Unavailable, st.just("x"), st.booleans(), st.booleans()),
    st.just(Doubtful("x")),
)
moments = st.timedeltas(timedelta(0), 2 * LIFETIME).map(lambda after: PLANNED + after)
jitters = st.floats(-1, 1)
claimed = st.builds(
    lambda attempts, doubts, small: replace(
        DELIVERY, attempts=attempts, doubts=doubts, small=small
    ),
    st.integers(0, 5000),
    st.integers(0, 5),
    st.booleans(),
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


def test_what_a_server_falls_over_midway_is_tried_ever_more_rarely() -> None:
    """It may be this very message that does it."""
    over = Unavailable("body: connection lost", midway=True)
    assert [step(over, n) for n in range(1, 7)] == [300, 600, 1200, 2400, 4000, 4000]
    assert settle(DELIVERY, over, SOON, 0).attempts == DELIVERY.attempts


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
        assert settled.due_at > now or (settled.small and not delivery.small)
    assert settled.delivery == delivery.id
    assert settled.at == now
    assert 0 <= settled.attempts <= delivery.attempts
    assert settled.doubts - delivery.doubts == isinstance(outcome, Doubtful)
    if settled.returned:
        assert settled.state in {DeliveryState.EXPIRED, DeliveryState.FAILED}
    if settled.state is DeliveryState.EXPIRED:
        assert settled.returned
    if settled.strike:
        assert isinstance(outcome, Bounced | Deferred)
        assert outcome.cause not in {Cause.POLICY, Cause.RATE, Cause.SIZE, Cause.MESSAGE}
        assert settled.strike.at == now


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


# --- too large --------------------------------------------------------------


def test_what_is_too_large_is_rendered_small_once_and_then_failed() -> None:
    large = Bounced("552 5.3.4 too large", Cause.SIZE, "mx")
    first = settle(DELIVERY, large, SOON, 0)
    assert (first.state, first.due_at, first.small) == (DeliveryState.DEFERRED, SOON, True)
    assert (first.returned, first.strike) == ((), None)
    second = settle(replace(DELIVERY, small=True), large, SOON, 0)
    assert (second.state, second.due_at, second.small) == (DeliveryState.FAILED, None, True)
    assert (second.returned, second.strike) == ((), None)


def test_what_is_small_stays_small_and_in_doubt_stays_in_doubt() -> None:
    small = replace(DELIVERY, small=True)
    for outcome in (Deferred("451"), Doubtful("cut"), Unavailable("down"), Accepted("250")):
        assert settle(small, outcome, SOON, 0).small
    assert after_crash(small, SOON).small
    doubted = settle(replace(DELIVERY, doubts=1), Bounced("552", Cause.SIZE), SOON, 0)
    assert (doubted.state, doubted.due_at) == (DeliveryState.UNCERTAIN, SOON)


# --- strikes, and what goes back ----------------------------------------------


@pytest.mark.parametrize(
    ("cause", "points", "back"),
    [
        (Cause.ADDRESS, 6, PICKS),
        (Cause.UNSAID, 4, PICKS),
        (Cause.POLICY, None, ()),
        (Cause.MESSAGE, None, ()),
    ],
)
def test_a_no_about_the_mailbox_is_a_strike_and_gives_the_papers_back(
    cause: Cause, points: int | None, back: tuple[Pick, ...]
) -> None:
    settled = settle(DELIVERY, Bounced("550 no", cause), SOON, 0)
    assert settled.state is DeliveryState.FAILED
    assert settled.strike == (Strike(SOON, points, "smtp", "550 no") if points else None)
    assert settled.returned == back


def test_what_may_have_arrived_before_gives_nothing_back_when_it_is_refused() -> None:
    settled = settle(replace(DELIVERY, doubts=1), Bounced("550 no", Cause.ADDRESS), SOON, 0)
    assert (settled.state, settled.returned) == (DeliveryState.FAILED, ())
    assert settled.strike is not None


@pytest.mark.parametrize("cause", [c for c in Cause if c is not Cause.FULL])
def test_a_temporary_no_is_no_strike_but_a_full_mailbox_is_half_a_one(cause: Cause) -> None:
    assert settle(DELIVERY, Deferred("451", cause), SOON, 0).strike is None
    full = settle(DELIVERY, Deferred("452 4.2.2", Cause.FULL), SOON, 0)
    assert full.state is DeliveryState.DEFERRED
    assert full.strike == Strike(SOON, 3, "smtp", "452 4.2.2")


@pytest.mark.parametrize(
    ("outcome", "strike"),
    [
        (Deferred("451", Cause.LATER), True),
        (Deferred("452", Cause.FULL), True),
        (Deferred("421", Cause.RATE), False),
        (Deferred("550 5.7.1", Cause.POLICY), False),
        (Unavailable("down"), False),
        (Unavailable("535", ours=True), False),
        (Unavailable("cut", midway=True), False),
    ],
)
def test_waiting_in_vain_is_a_strike_only_if_it_was_for_the_mailbox(
    outcome: Outcome, strike: bool
) -> None:
    expired = settle(DELIVERY, outcome, TOO_LATE, 0)
    assert (expired.state, expired.returned) == (DeliveryState.EXPIRED, PICKS)
    assert expired.strike == (Strike(TOO_LATE, 6, "expired", outcome.reply) if strike else None)


@pytest.mark.parametrize("cause", list(Cause))
def test_papers_come_back_only_of_a_digest_that_surely_reached_nobody(cause: Cause) -> None:
    about_him = cause not in {Cause.POLICY, Cause.SIZE, Cause.MESSAGE}
    assert comes_back(DELIVERY, cause) is about_him
    assert not comes_back(replace(DELIVERY, doubts=1), cause)
    assert not comes_back(replace(DELIVERY, kind=DeliveryKind.ANSWER), cause)


@pytest.mark.parametrize(
    "outcome",
    [
        Accepted("250", "mx"),
        Deferred("451", Cause.FULL, "mx"),
        Bounced("550", Cause.ADDRESS, "mx"),
        Unavailable("down", server="mx"),
        Unavailable("cut", midway=True, server="mx"),
        Doubtful("cut", "mx"),
    ],
)
def test_whoever_was_asked_is_noted(outcome: Outcome) -> None:
    assert settle(DELIVERY, outcome, SOON, 0).server == "mx"


# --- held in doubt, by configuration --------------------------------------------


def test_where_the_operator_wants_it_a_doubt_is_held_at_once() -> None:
    held = settle(DELIVERY, Doubtful("cut"), SOON, 0, InDoubt.HOLD)
    assert (held.state, held.due_at, held.doubts) == (DeliveryState.UNCERTAIN, None, 1)
    crashed = after_crash(DELIVERY, SOON, InDoubt.HOLD)
    assert (crashed.state, crashed.due_at, crashed.doubts) == (DeliveryState.UNCERTAIN, None, 1)
    assert settle(DELIVERY, Deferred("451"), SOON, 0, InDoubt.HOLD).due_at is not None


def test_the_address_of_a_delivery_tells_its_domain() -> None:
    assert DELIVERY.domain == "example.org"
    assert replace(DELIVERY, address='"a@b"@MX.Example.org').domain == "mx.example.org"


def test_its_lifetime_counts_from_when_its_papers_began_to_wait() -> None:
    carried = replace(DELIVERY, planned_at=TOO_LATE, waiting_since=PLANNED)
    assert settle(carried, Deferred("450"), TOO_LATE, 0).state is DeliveryState.EXPIRED
    assert settle(DELIVERY, Deferred("450"), SOON, 0).state is DeliveryState.DEFERRED


# --- a confirmation ---------------------------------------------------------

CONFIRMATION = replace(
    DELIVERY,
    kind=DeliveryKind.CONFIRM,
    digest=Digest(Slot("confirm-1", date(2025, 9, 8)), (), Receipt(), ("Please confirm",)),
)


def test_a_confirmation_is_given_up_when_it_would_come_after_its_link_has_ended() -> None:
    ends = PLANNED + CONFIRM_WITHIN
    no = Deferred("451 4.2.0 later", Cause.LATER)
    late = settle(CONFIRMATION, no, ends - FIRST_STEP, 0)
    assert (late.state, late.due_at, late.returned) == (DeliveryState.EXPIRED, None, ())
    assert late.strike is not None
    before = settle(CONFIRMATION, no, ends - FIRST_STEP - timedelta(seconds=1), 0)
    assert before.state is DeliveryState.DEFERRED
    assert settle(DELIVERY, no, ends, 0).state is DeliveryState.DEFERRED
    notice = replace(CONFIRMATION, kind=DeliveryKind.NOTICE)
    assert settle(notice, no, ends, 0).state is DeliveryState.DEFERRED


def test_only_a_confirmation_is_dead_after_its_time() -> None:
    ends = PLANNED + CONFIRM_WITHIN
    assert is_dead(CONFIRMATION, ends)
    assert not is_dead(CONFIRMATION, ends - timedelta(seconds=1))
    assert not is_dead(DELIVERY, ends)


def test_what_bounces_of_a_confirmation_is_a_strike_as_ever() -> None:
    failed = settle(CONFIRMATION, Bounced("550 5.1.1 no", Cause.ADDRESS), SOON, 0)
    assert (failed.state, failed.returned) == (DeliveryState.FAILED, ())
    assert failed.strike == Strike(SOON, 6, "smtp", "550 5.1.1 no")
