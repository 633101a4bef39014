"""Why a delivery has not gone out yet, and when it is tried next."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from tests.made import NOON, delivery
from worker.core.waiting import Wait, Why, braked, next_try, told, wait
from worker.deliveries import Brake, Breaker, Delivery, DeliveryState

SOON, LATER, LONG = (NOON + timedelta(minutes=minutes) for minutes in (5, 20, 50))
BUSY = "421 4.7.28 unusual rate"


def waiting(
    state: DeliveryState = DeliveryState.DEFERRED,
    due_at: datetime | None = SOON,
    *,
    held: bool = False,
    address: str = "reader@example.org",
) -> Delivery:
    one = delivery(state=state, due_at=due_at)
    return replace(one, held=held, address=address, reply="450 4.2.0 busy")


def breaker(
    brake: Brake, name: str = "", until: datetime | None = LATER, *, ours: bool = False
) -> Breaker:
    return Breaker(brake, name, NOON - timedelta(minutes=1), until, 1, BUSY, ours)


HELD_QUEUE = breaker(Brake.QUEUE, until=None)


def test_it_waits_for_its_next_try() -> None:
    assert wait(waiting(), [], NOON) == Wait(Why.RETRY, SOON, "example.org", "450 4.2.0 busy")


def test_it_waits_only_for_its_turn_when_it_is_due() -> None:
    assert wait(waiting(due_at=NOON), [], NOON) == Wait(Why.DUE, NOON)


def test_it_may_be_on_its_way_at_this_moment() -> None:
    assert wait(waiting(DeliveryState.SENDING), [HELD_QUEUE], NOON) == Wait(Why.SENDING)


def test_one_in_doubt_is_sent_again_or_waits_for_a_decision() -> None:
    assert wait(waiting(DeliveryState.UNCERTAIN), [], NOON).why is Why.DOUBT
    undecided = waiting(DeliveryState.UNCERTAIN, due_at=None)
    assert wait(undecided, [HELD_QUEUE], NOON) == Wait(Why.DECISION)


def test_what_the_operator_holds_comes_before_all_that_passes() -> None:
    assert wait(waiting(held=True), [HELD_QUEUE], NOON) == Wait(Why.HELD)
    assert wait(waiting(), [HELD_QUEUE], NOON) == Wait(Why.QUEUE)


def test_a_breaker_counts_for_its_own_domain_while_it_is_open_beyond_the_next_try() -> None:
    its = breaker(Brake.DOMAIN, "example.org")
    assert wait(waiting(), [its], NOON) == Wait(Why.DOMAIN, LATER, "example.org", BUSY)
    for other in (breaker(Brake.DOMAIN, "example.com"), breaker(Brake.DOMAIN, "example.org", SOON)):
        assert wait(waiting(), [other], NOON).why is Why.RETRY
    assert wait(waiting(), [its], LATER).why is Why.DUE


def test_of_several_breakers_the_longest_counts_and_one_without_end_above_all() -> None:
    domain, server = breaker(Brake.DOMAIN, "example.org"), breaker(Brake.SERVER, "smtp", LONG)
    assert wait(waiting(), [domain, server], NOON) == Wait(Why.SERVER, LONG, "smtp", BUSY)
    endless = breaker(Brake.DOMAIN, "example.org", None)
    assert wait(waiting(), [server, endless], NOON).name == "example.org"


@pytest.mark.parametrize(
    ("one", "shown"),
    [
        (Wait(Why.RETRY, SOON), "12:05 UTC"),
        (Wait(Why.DUE, NOON), "now"),
        (Wait(Why.SERVER, None, "smtp"), "none: see smtp"),
        (Wait(Why.HELD), "none: held"),
        (Wait(Why.DECISION), "none: in doubt"),
        (Wait(Why.QUEUE), "none: queue held"),
        (Wait(Why.SENDING), "being sent"),
    ],
)
def test_the_next_try_is_an_instant_or_the_reason_why_there_is_none(one: Wait, shown: str) -> None:
    assert next_try(one, NOON) == shown


def test_what_waits_is_told_by_reason_what_needs_the_operator_first() -> None:
    waits = [
        Wait(Why.SENDING),
        Wait(Why.DUE, NOON),
        Wait(Why.DOUBT, SOON, "a.org", "lost"),
        Wait(Why.DOUBT, LATER, "b.org", "lost"),
        Wait(Why.RETRY, LATER, "a.org", "450 first"),
        Wait(Why.RETRY, SOON, "a.org", "450 last"),
        Wait(Why.RETRY, SOON, "b.org"),
        Wait(Why.DOMAIN, LATER, "gmail.com", BUSY),
        Wait(Why.SERVER, None, "smtp", "535 no"),
        Wait(Why.QUEUE),
        Wait(Why.HELD),
        Wait(Why.DECISION),
    ]
    assert told(waits, NOON) == (
        "1 in doubt, held: see `paperround queue list`",
        "1 held by you: see `paperround queue list`",
        "1 waits until the queue is released",
        "1 waits for smtp: no next try, 535 no",
        f"1 waits for gmail.com: next try 12:20 UTC, {BUSY}",
        "2 wait for a.org: next try 12:05 UTC, 450 last",
        "1 waits for b.org: next try 12:05 UTC",
        "2 in doubt, sent again: next try 12:05 UTC",
        "1 due now",
        "1 being sent",
    )


def test_many_domains_are_told_by_the_largest_and_the_sum_of_the_others() -> None:
    waits = [Wait(Why.RETRY, SOON, f"{n}.org") for n in range(8) for _ in range(n)]
    lines = told(waits, NOON)
    assert [line.split(":")[0] for line in lines[:2]] == ["7 wait for 7.org", "6 wait for 6.org"]
    assert lines[-1] == "3 more for 2 other domains: see `paperround queue list`"


@pytest.mark.parametrize(
    ("one", "line"),
    [
        (HELD_QUEUE, "the queue is held since 11:59 UTC: nothing goes out until"),
        (
            breaker(Brake.SERVER, "smtp"),
            f"smtp: not asked again until 12:20 UTC, since it said: {BUSY}",
        ),
        (
            breaker(Brake.SERVER, "smtp", None),
            "smtp: not asked again until `paperround queue retry --all`",
        ),
        (
            breaker(Brake.DOMAIN, "a.org", NOON),
            f"a.org: asked again with the next message, since it said: {BUSY}",
        ),
    ],
)
def test_what_keeps_mail_back_is_a_line_with_its_end_and_the_words_that_led_to_it(
    one: Breaker, line: str
) -> None:
    assert braked(one, NOON).startswith(line)
