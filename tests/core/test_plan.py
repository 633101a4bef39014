"""Who is due, and what his digest carries."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.made import MONDAY, NOON, at, delivery, intake, paper, pick, subscriber
from worker.core.batch import Batch
from worker.core.plan import must_wait, plan, slot_for
from worker.core.rulesets import NO_SETS, as_applied
from worker.deliveries import Delivery, DeliveryState, Plan
from worker.digests import ReadFile, Receipt, Slot
from worker.manner import Manner, Order
from worker.model import Counts, Cursor, PaperNumber, Subscriber, SubscriberState, WhenEmpty

SLOT = Slot("2025-09-08", MONDAY)
PAPERS = (
    paper(1, "Diffusion for video"),
    paper(2, "Neural operators"),
    paper(3, "A survey of diffusion"),
    paper(4, "Diffusion operators"),
)


def batch(count: int = 4, first: int = 1) -> Batch:
    papers = PAPERS[first - 1 : count]
    end = Cursor(PaperNumber(count), 2)
    return Batch(papers, (intake(1, 2, 2), intake(2, count - 2, count, seen=1)), end)


def planned(who: Subscriber, waiting: Delivery | None = None, over: Batch | None = None) -> Plan:
    him = as_applied(who, NO_SETS)
    return plan(him, SLOT, waiting, over or batch(), message_id="<x@example.org>", now=NOON)


def shown(made: Plan) -> list[int]:
    assert made.digest is not None
    return [one.paper for one in made.digest.picks]


def names(made: Plan) -> list[list[str]]:
    assert made.digest is not None
    return [[rule.name for rule in one.rules] for one in made.digest.picks]


def test_a_digest_has_the_matching_papers_under_the_first_rule_with_all_rules_named() -> None:
    made = planned(subscriber("operator", "diffusion -survey"))
    assert shown(made) == [4, 2, 1], "two rules beat one"
    assert names(made) == [["operator", "diffusion -survey"], ["operator"], ["diffusion -survey"]]


def test_only_papers_behind_the_cursor_are_looked_at_and_the_cursor_moves_to_the_end() -> None:
    made = planned(subscriber(cursor=Cursor(PaperNumber(2), 1)))
    assert shown(made) == [3, 4]
    assert made.cursor == Cursor(PaperNumber(4), 2)


def test_the_receipt_counts_the_files_since_the_cursor() -> None:
    made = planned(subscriber("diffusion", cursor=Cursor(PaperNumber(2), 1), max_papers=1))
    assert made.digest is not None
    file = ReadFile("2025-09-08.txt", MONDAY, NOON)
    assert made.digest.receipt == Receipt(
        3, 2, 1, matched=2, held_over=1, days=(MONDAY,), files=(file,), read=1
    )


def test_the_cap_keeps_the_best_and_of_equal_ones_the_oldest_and_holds_the_rest_over() -> None:
    made = planned(subscriber("operator", "diffusion", max_papers=2))
    assert shown(made) == [4, 1]
    assert [(one.paper, one.held) for one in made.held_over] == [(2, 1), (3, 1)]


def test_what_a_replaced_digest_had_no_room_for_has_waited_once_and_what_it_left_is_left() -> None:
    who = subscriber("koopman", max_papers=1, cursor=Cursor(PaperNumber(4), 2))
    waits, gone = replace(pick(2), held=1), replace(pick(3), held=8)
    waiting = delivery(replace(pick(1), score=9))
    waiting = replace(waiting, digest=replace(waiting.digest, rest=(waits, gone)))
    made = planned(replace(who, held_over=(waits,)), waiting)
    assert made.digest is not None
    assert (shown(made), made.held_over, made.digest.left) == ([1], (waits,), (gone,))
    assert made.digest.receipt.held_over == 1
    assert made.digest.notes[0].startswith("1 paper has waited")


def test_a_heavier_rule_comes_first_under_the_name_that_it_has_without_its_weight() -> None:
    made = planned(subscriber("operator", "++survey", "+diffusion"))
    assert (shown(made), names(made)) == (
        [3, 4, 1, 2],
        [["survey", "diffusion"], ["diffusion", "operator"], ["diffusion"], ["operator"]],
    )
    assert made.digest is not None
    assert made.digest.picks[0].rules[0].query == "++survey"


def test_who_wants_it_has_the_most_upvoted_first_also_of_papers_from_before_the_batch() -> None:
    voted = [
        replace(one, counts=Counts(upvotes=n)) for one, n in zip(PAPERS, (3, 0, 7, 5), strict=True)
    ]
    over = Batch(voted[2:], (), Cursor(PaperNumber(4), 2), beside=voted[:2])
    who = subscriber(cursor=Cursor(PaperNumber(2), 1), held_over=[pick(1), pick(2), pick(9)])
    made = planned(replace(who, manner=Manner(order=Order.UPVOTES)), over=over)
    assert shown(made) == [3, 4, 1, 2, 9]


def test_held_over_papers_come_in_the_next_digest_also_when_their_rule_is_gone() -> None:
    who = subscriber(
        "survey", held_over=[pick(1, "dropped rule")], cursor=Cursor(PaperNumber(2), 1)
    )
    made = planned(who)
    assert (shown(made), names(made)) == ([3, 1], [["survey"], ["dropped rule"]])


def test_no_match_makes_no_digest_but_moves_the_cursor() -> None:
    made = planned(subscriber("koopman"))
    assert made.digest is None
    assert made.cursor.paper == 4


def test_who_asks_is_told_that_nothing_matched() -> None:
    made = planned(subscriber("koopman", when_empty=WhenEmpty.SAY_SO))
    assert shown(made) == []


@pytest.mark.parametrize("state", [DeliveryState.PLANNED, DeliveryState.DEFERRED])
def test_a_digest_that_still_waits_is_superseded_and_its_papers_are_carried(
    state: DeliveryState,
) -> None:
    file = ReadFile("2025-09-07.txt", date(2025, 9, 7), NOON)
    before = Receipt(5, 4, 1, 1, days=(date(2025, 9, 7),), removed=2, files=(file,), read=5)
    waiting = delivery(pick(1, "diffusion"), state=state, receipt=before)
    who = subscriber("diffusion", cursor=Cursor(PaperNumber(2), 1))
    made = planned(who, waiting)
    assert (shown(made), made.supersedes) == ([3, 4, 1], waiting.id)
    assert made.digest is not None
    assert made.digest.receipt == Receipt(
        8, 6, 2, 3, days=(date(2025, 9, 7), MONDAY), removed=2,
        files=(file, ReadFile("2025-09-08.txt", MONDAY, NOON)), read=6,
    )  # fmt: skip


def test_a_superseded_digest_alone_is_worth_a_mail() -> None:
    made = planned(subscriber("koopman"), delivery(pick(1, "diffusion")))
    assert shown(made) == [1]


@pytest.mark.parametrize(
    ("waiting", "waits"),
    [
        (None, False),
        (delivery(state=DeliveryState.PLANNED), False),
        (delivery(state=DeliveryState.DEFERRED), False),
        (delivery(state=DeliveryState.SENDING, due_at=None), True),
        (delivery(state=DeliveryState.UNCERTAIN), True),
        (delivery(state=DeliveryState.UNCERTAIN, due_at=None), False),
        (replace(delivery(state=DeliveryState.PLANNED), held=True), True),
        (replace(delivery(state=DeliveryState.DEFERRED), held=True), True),
        (replace(delivery(state=DeliveryState.UNCERTAIN, due_at=None), held=True), False),
    ],
)
def test_no_digest_is_planned_while_the_last_is_on_its_way_or_in_doubt(
    waiting: Delivery | None, waits: bool
) -> None:
    assert must_wait(waiting) is waits


def test_a_digest_held_in_doubt_for_good_is_not_superseded() -> None:
    held = delivery(pick(1), state=DeliveryState.UNCERTAIN, due_at=None)
    made = planned(subscriber("survey"), held)
    assert (shown(made), made.supersedes) == ([3], None)


def test_a_rule_that_no_longer_parses_is_told_and_the_others_work() -> None:
    made = planned(subscriber('"unclosed', "survey"))
    assert shown(made) == [3]
    assert made.digest is not None
    assert '“"unclosed”' in made.digest.notes[0]


def test_a_paper_past_the_window_is_counted_as_expired() -> None:
    late = Batch(PAPERS[2:4], (intake(2, 2, 4),), Cursor(PaperNumber(4), 2))
    made = planned(subscriber(), over=late)
    assert made.digest is not None
    assert (shown(made), made.digest.receipt.expired) == ([3, 4], 2)


def test_a_batch_without_papers_matches_nothing() -> None:
    made = planned(subscriber(), over=Batch((), (), Cursor(PaperNumber(4), 2)))
    assert made.digest is None


@given(
    cuts=st.lists(st.integers(0, 4), max_size=4),
    cap=st.integers(1, 3),
    queries=st.lists(
        st.sampled_from(["*", "diffusion", "operator", "-survey diffusion"]), min_size=1
    ),
)
def test_however_the_log_is_cut_into_slots_each_matching_paper_comes_exactly_once(
    cuts: list[int], cap: int, queries: list[str]
) -> None:
    who = subscriber(*queries, max_papers=cap)
    sent: list[int] = []
    for end in (*sorted(cuts), 4, 4, 4, 4, 4):
        made = planned(who, over=Batch(PAPERS[:end], (), Cursor(PaperNumber(end), 0)))
        sent += shown(made) if made.digest else []
        who = replace(who, cursor=made.cursor, held_over=made.held_over)
    whole = planned(subscriber(*queries), over=Batch(PAPERS, (), Cursor(PaperNumber(4), 0)))
    assert sorted(sent) == sorted(shown(whole))


# --- slots


END = Cursor(PaperNumber(47), 1)


def test_a_slot_is_named_by_its_local_date() -> None:
    assert slot_for(subscriber(), END, at("2025-09-08 06:00")) == SLOT
    assert slot_for(subscriber(), END, at("2025-09-08 05:59")) is None


def test_an_immediate_slot_is_named_by_the_newest_paper_while_something_is_unread() -> None:
    who = subscriber(schedule="immediately")
    assert slot_for(who, END, NOON) == Slot("2025-09-08#47", MONDAY)
    assert slot_for(replace(who, cursor=END), END, NOON) is None


@pytest.mark.parametrize(("until", "due"), [("2025-09-09", False), ("2025-09-08", True)])
def test_a_pause_lasts_until_the_local_day_it_names(until: str, due: bool) -> None:
    who = subscriber(paused_until=date.fromisoformat(until))
    assert (slot_for(who, END, NOON) is not None) is due


def test_a_slot_that_passed_during_the_pause_is_not_made_up_for_at_midnight() -> None:
    who = subscriber(paused_until=date(2025, 9, 9), last_slot=date(2025, 9, 1))
    assert slot_for(who, END, at("2025-09-08 22:30")) is None  # half past midnight in Vienna
    assert slot_for(who, END, at("2025-09-09 06:00")) == Slot("2025-09-09", date(2025, 9, 9))


@pytest.mark.parametrize("state", [s for s in SubscriberState if s is not SubscriberState.ACTIVE])
def test_only_active_subscribers_have_slots(state: SubscriberState) -> None:
    assert slot_for(replace(subscriber(), state=state), END, NOON) is None


def test_papers_that_were_put_off_wait_since_their_first_digest() -> None:
    """Else one who reads daily would never have waited out five days (RELIABILITY, 3.4)."""
    put_off = replace(delivery(pick(1), state=DeliveryState.DEFERRED), attempts=3)
    second = plan(
        subscriber(), SLOT, put_off, batch(), message_id="<m>", now=at("2025-09-09 06:00")
    )
    assert second.waiting_since == put_off.planned_at
    third = plan(
        subscriber(),
        SLOT,
        replace(put_off, waiting_since=second.waiting_since, planned_at=second.planned_at),
        batch(),
        message_id="<m>",
        now=at("2025-09-10 06:00"),
    )
    assert third.waiting_since == put_off.planned_at
    never_asked = replace(put_off, attempts=0)
    fresh = plan(subscriber(), SLOT, never_asked, batch(), message_id="<m>", now=NOON)
    assert fresh.waiting_since is None, "our own server was down: that is nobody's fault"


def test_who_came_between_two_runs_of_a_crontab_is_served_at_the_next_one() -> None:
    """His slot, at 23:30, was yesterday by the time that anything ran again."""
    who = subscriber(schedule="daily 23:30", timezone="UTC")
    assert slot_for(who, Cursor(), NOON) is None, "the day he came: not yet"
    assert slot_for(who, Cursor(), at("2025-09-09 06:00")) == Slot("2025-09-08", MONDAY)
