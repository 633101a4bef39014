"""Why a paper came to somebody, or why not."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from tests.made import NOON, delivery, paper, pick, subscriber
from worker.core.explain import explain
from worker.deliveries import Delivery, DeliveryState, Reason, Suppression
from worker.model import Cursor, PaperNumber, Subscriber, SubscriberState

PAPER = paper(5, "Diffusion survey")
PAST = Cursor(PaperNumber(9), 1)


def told(who: Subscriber, *history: Delivery) -> list[str]:
    return explain(who, PAPER, history).splitlines()


def test_it_names_the_paper_and_what_each_rule_says() -> None:
    lines = told(subscriber("diffusion", "*", "diffusion -survey", "koopman", '"open'))
    assert lines[:2] == ["5  Diffusion survey", "first listed 2025-09-08"]
    assert lines[2] == "rule “diffusion”: yes, because of diffusion"
    assert lines[3] == "rule “*”: yes, because of every paper"
    assert lines[4].startswith("rule “diffusion -survey”: no, ")
    assert "survey" in lines[4].partition("no, ")[2]
    assert "koopman" in lines[5].partition("no, ")[2]
    assert lines[6].startswith('rule “"open”: can no longer be read')


@pytest.mark.parametrize("state", list(DeliveryState))
def test_it_tells_every_digest_that_had_the_paper_and_its_state(state: DeliveryState) -> None:
    had = delivery(pick(5), state=state, papers=[PAPER])
    other = delivery(pick(6), state=DeliveryState.SENT)
    lines = told(subscriber(cursor=PAST), had, other)
    assert sum(line.startswith("digest 2025-09-08: ") for line in lines) == 1
    ended = {
        DeliveryState.FAILED: "its digest was refused for good, so it did not arrive",
        DeliveryState.CANCELLED: "its digest was cancelled before it was sent",
    }
    assert lines[-1] == ended.get(state, "it was in a digest, so it comes in no other")


@pytest.mark.parametrize(
    ("who", "standing"),
    [
        (subscriber(), "not read yet: his next digest decides"),
        (subscriber(cursor=PAST), "already read past"),
        (subscriber(cursor=PAST, held_over=[pick(5)]), "held over for the next digest"),
        (replace(subscriber(), state=SubscriberState.REMOVED), "no mail goes there: removed"),
    ],
)
def test_it_says_where_the_paper_stands_with_him(who: Subscriber, standing: str) -> None:
    assert told(who)[-1].startswith(standing)


def test_it_says_why_no_mail_goes_to_him_though_he_was_promised_the_paper() -> None:
    who = replace(subscriber(held_over=[pick(5)]), state=SubscriberState.SUPPRESSED)
    entry = Suppression(who.address, Reason.COMPLAINT, NOON, "abuse")
    assert explain(who, PAPER, [], entry).splitlines()[-2:] == [
        "held over for the next digest",
        "no mail goes there: suppressed since 2025-09-08: its owner called our mail spam (abuse)",
    ]
    assert told(who)[-1] == "no mail goes there: suppressed"
    dead = Suppression(who.address, Reason.BOUNCES, NOON)
    assert explain(subscriber(), PAPER, [], dead).endswith(
        "its mail servers refused it again and again"
    )


@pytest.mark.parametrize(
    ("state", "due_at", "held", "says"),
    [
        (DeliveryState.PLANNED, NOON, True, "held by the operator: `paperround queue release 7`"),
        (DeliveryState.UNCERTAIN, None, False, "held until somebody decides: `paperround queue"),
        (DeliveryState.UNCERTAIN, NOON, False, "before the reply"),
        (DeliveryState.SENT, None, True, "sent"),
    ],
)
def test_it_says_what_keeps_a_digest_back(
    state: DeliveryState, due_at: datetime | None, held: bool, says: str
) -> None:
    had = replace(delivery(pick(5), state=state, due_at=due_at, papers=[PAPER]), held=held)
    (line,) = (line for line in told(subscriber(cursor=PAST), had) if line.startswith("digest "))
    assert says in line
    assert line.count("held") == (1 if "held" in says else 0)
