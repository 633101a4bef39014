"""Preferences as one thing."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from tests.made import pick, subscriber
from worker.core.due import parse_schedule
from worker.core.preferred import changed, fingerprint, preferences_of, preferring
from worker.core.wording import rhythm, terms
from worker.manner import Abstracts, Language, Manner, Order, Relation
from worker.model import Cursor, PaperNumber, Rule, Subscriber, WhenEmpty

WHO = subscriber("diffusion", "robot*", max_papers=20)
OTHERS = [
    replace(WHO, rules=(*WHO.rules, Rule("gate", "gate"))),
    replace(WHO, rules=(Rule("named", "diffusion"), WHO.rules[1])),
    replace(WHO, rules=WHO.rules[::-1]),
    replace(WHO, schedule=parse_schedule("weekly fri 16:00")),
    replace(WHO, timezone="Asia/Tokyo"),
    replace(WHO, when_empty=WhenEmpty.SAY_SO),
    replace(WHO, max_papers=21),
    replace(WHO, manner=Manner(Language.DE)),
    replace(WHO, manner=Manner(plain=True)),
    replace(WHO, manner=Manner(abstracts=Abstracts.NONE)),
    replace(WHO, manner=Manner(order=Order.UPVOTES)),
    replace(WHO, manner=Manner(related=frozenset({Relation.CROSS}))),
]


@pytest.mark.parametrize("other", OTHERS)
def test_whatever_a_form_can_change_has_another_fingerprint(other: Subscriber) -> None:
    assert fingerprint(other) != fingerprint(WHO)
    assert changed(WHO, other)


def test_planning_a_digest_and_a_pause_leave_the_fingerprint_as_it_was() -> None:
    planned = replace(
        WHO, version=9, cursor=Cursor(PaperNumber(7)), held_over=(pick(3),),
        last_slot=date(2025, 9, 8), paused_until=date(2025, 9, 20), epoch=4,
    )  # fmt: skip
    assert fingerprint(planned) == fingerprint(WHO)
    assert changed(WHO, planned) == ()


@pytest.mark.parametrize("other", OTHERS)
def test_who_prefers_what_another_prefers_becomes_like_him_and_stays_himself(
    other: Subscriber,
) -> None:
    him = replace(WHO, address="him@example.org", last_slot=date(2025, 9, 7))
    as_other = preferring(him, preferences_of(replace(other, paused_until=date(2026, 1, 1))))
    assert fingerprint(as_other) == fingerprint(other)
    assert (as_other.address, as_other.paused_until) == ("him@example.org", None)
    assert as_other.last_slot == date(2025, 9, 7)


def test_what_changed_is_said_in_sentences() -> None:
    after = replace(
        WHO, rules=(WHO.rules[0], Rule("a", "a"), Rule("b", "b")), max_papers=1,
        schedule=parse_schedule("weekly fri 16:00"), timezone="Asia/Tokyo",
        when_empty=WhenEmpty.SAY_SO,
        manner=Manner(
            Language.DE, plain=True, abstracts=Abstracts.OPENING, order=Order.UPVOTES,
            related=frozenset({Relation.CROSS, Relation.REPLACED}),
        ),
    )  # fmt: skip
    assert changed(WHO, after) == (
        "2 rules added, 1 removed.",
        "A digest comes every Friday at 16:00.",
        "Times are those of Asia/Tokyo.",
        "When nothing matches, a short mail says so.",
        "A digest has at most 1 paper.",
        "Days are written in Deutsch.",
        "Mails are plain text only.",
        "Abstracts: first sentences.",
        "Order: by upvotes.",
        "Told of papers that you had: new versions, cross-lists.",
    )


def test_the_way_back_is_said_too() -> None:
    manner = Manner(plain=True, order=Order.UPVOTES, related=frozenset(Relation))
    before = replace(WHO, when_empty=WhenEmpty.SAY_SO, manner=manner)
    assert changed(before, WHO) == (
        "When nothing matches, no mail comes.",
        "Mails come as HTML, with plain text too.",
        "Order: by rule, the best match first.",
        "Told of papers that you had: none.",
    )


def test_rules_are_counted_by_what_became_of_them() -> None:
    one, two = WHO.rules
    assert changed(WHO, replace(WHO, rules=(one,))) == ("1 rule removed.",)
    assert changed(replace(WHO, rules=(one,)), WHO) == ("1 rule added.",)
    assert changed(WHO, replace(WHO, rules=(two, one))) == ("Your rules are in another order.",)


def test_what_is_usual_is_not_said_of_what_is_asked_for() -> None:
    assert terms(preferences_of(replace(WHO, max_papers=100))) == (
        rhythm(WHO.schedule, WHO.timezone),
    )
    assert terms(preferences_of(replace(WHO, max_papers=7)))[1:] == (
        "A digest has at most 7 papers.",
    )
