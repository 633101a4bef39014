"""What comes first in a digest, and what a cap keeps out of it."""

from __future__ import annotations

from dataclasses import replace
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.made import MONDAY, NOON, delivery, intake, paper, pick, subscriber
from worker.core.batch import Batch
from worker.core.order import capped, heaviest_first, in_order, told_of
from worker.core.past import Past
from worker.core.plan import plan
from worker.core.weight import as_called
from worker.deliveries import Delivery, DeliveryId, Plan
from worker.digests import Slot
from worker.manner import Manner, Order
from worker.model import (
    MOST_HELD,
    Counts,
    Cursor,
    Paper,
    PaperNumber,
    PaperVersion,
    Pick,
    Rule,
    Subscriber,
)

SLOT = Slot("2025-09-08", MONDAY)
UPVOTES = Manner(order=Order.UPVOTES)


def scored(number: int, score: int, *queries: str, held: int = 0) -> Pick:
    return replace(pick(number, *queries), score=score, held=held)


def votes(which: PaperVersion) -> int:
    """Paper 12 has 2."""
    return which[0] % 10


def numbers(picks: object) -> list[int]:
    assert isinstance(picks, tuple | list)
    return [one.paper for one in picks]


# --- order


def test_the_best_match_of_a_rule_comes_first_and_of_equal_ones_the_earlier() -> None:
    who = subscriber("a", "b")
    picks = [scored(1, 5, "b"), scored(2, 5, "a"), scored(4, 9, "a", "b"), scored(3, 5, "a")]
    assert numbers(in_order(who, picks, votes)) == [4, 2, 3, 1]


def test_the_section_of_a_heavier_rule_comes_first_the_others_in_his_order() -> None:
    who = subscriber("a", "+b", "c", "++d", "+e")
    shown = [Rule("d", "++d"), Rule("b", "+b"), Rule("e", "+e"), Rule("a", "a"), Rule("c", "c")]
    assert list(map(as_called, heaviest_first(who.rules))) == shown
    picks = [Pick(PaperNumber(n), (rule,)) for n, rule in enumerate(reversed(shown), 1)]
    assert numbers(in_order(who, picks, votes)) == [5, 4, 3, 2, 1]


def test_a_paper_whose_rule_is_gone_comes_last_and_one_whose_rule_was_weighed_does_not() -> None:
    who = subscriber("a", "++b")
    picks = [scored(1, 99, "gone"), scored(2, 1, "a"), scored(3, 1, "b")]
    assert numbers(in_order(who, picks, votes)) == [3, 2, 1]


def test_who_wants_the_most_upvoted_first_has_one_list() -> None:
    who = replace(subscriber("a", "+b"), manner=UPVOTES)
    picks = [scored(11, 1, "b"), scored(22, 1, "a"), scored(21, 8, "a"), scored(12, 1, "b")]
    assert numbers(in_order(who, picks, votes)) == [12, 22, 21, 11]


# --- the cap


def test_the_best_come_and_of_equal_ones_those_that_have_waited_longer() -> None:
    who = subscriber("*", max_papers=2)
    picks = [scored(1, 5), scored(2, 5, held=1), scored(3, 9), scored(4, 5, held=1)]
    some = capped(who, picks, votes)
    assert numbers(some.chosen) == [2, 3]
    assert [(one.paper, one.held) for one in some.held_over] == [(1, 1), (4, 2)]
    assert some.left == ()


def test_what_was_kept_out_of_seven_digests_waits_no_longer() -> None:
    who = subscriber("*", max_papers=1)
    picks = [scored(1, 9), scored(2, 5, held=MOST_HELD), scored(3, 5, held=MOST_HELD - 1)]
    some = capped(who, picks, votes)
    assert (numbers(some.held_over), numbers(some.left)) == ([3], [2])
    again = capped(who, picks, votes, uncounted={one.paper for one in picks[1:]})
    assert numbers(again.held_over) == [2, 3], "a digest that is replaced counts once"


def test_a_cap_keeps_the_most_upvoted_for_whoever_wants_them_first() -> None:
    who = replace(subscriber("*", max_papers=1), manner=UPVOTES)
    assert numbers(capped(who, [scored(11, 9), scored(12, 1)], votes).chosen) == [12]


def test_he_is_told_how_many_wait_no_longer() -> None:
    room = "More papers a digest, or narrower rules, would make room."
    assert told_of([]) == ()
    one = "1 paper has waited for room in 7 digests and waits no longer."
    assert told_of([pick(1)]) == (f"{one} {room}",)
    two = "2 papers have waited for room in 7 digests and wait no longer."
    assert told_of([pick(1), pick(2)]) == (f"{two} {room}",)


# --- through many days


DAYS, MOST_A_DAY = 14, 8


def a_log(chance: Random) -> list[list[Paper]]:
    """Some days of papers, of which some are about more than others."""
    days: list[list[Paper]] = []
    number = 0
    for _ in range(DAYS):
        day = []
        for _ in range(chance.randint(0, MOST_A_DAY)):
            number += 1
            title = " ".join(chance.sample(["graph", "video", "koopman", "survey"], k=2))
            one = replace(paper(number, title), counts=Counts(upvotes=chance.randint(0, 5)))
            day.append(one)
        days.append(day)
    return days


class Round:
    """One reader, a slot a day; of his digests some never leave before the next one is due."""

    def __init__(self, who: Subscriber) -> None:
        self.who = who
        self.log: list[Paper] = []
        self.waiting: Delivery | None = None
        self.got: list[int] = []
        self.left: list[int] = []
        self.digests: list[Plan] = []

    def day(self, papers: list[Paper], goes_out: bool) -> None:
        self.log += papers
        end = Cursor(PaperNumber(len(self.log)), len(self.digests))
        fresh = self.log[self.who.cursor.paper :]
        batch = Batch(fresh, (intake(1, len(papers), end.paper),), end, Past(self.log), self.log)
        made = plan(self.who, SLOT, self.waiting, batch, message_id="<m>", now=NOON)
        self.who = replace(self.who, cursor=made.cursor, held_over=made.held_over)
        self.digests.append(made)
        if made.digest is None:
            assert self.waiting is None
            return
        self.waiting = replace(delivery(), id=DeliveryId(len(self.digests)), digest=made.digest)
        if goes_out:
            self.got += [one.paper for one in made.digest.picks]
            self.left += [one.paper for one in made.digest.left]
            self.waiting = None


RULE_SETS = st.lists(
    st.sampled_from(["*", "graph", "+video", "++koopman -survey", "top:2", "survey OR top:1"]),
    min_size=1,
    max_size=3,
    unique=True,
)


@settings(deadline=None, max_examples=30)
@given(
    seed=st.integers(0, 1 << 20),
    queries=RULE_SETS,
    cap=st.integers(1, 4),
    order=st.sampled_from(Order),
    goes_out=st.lists(st.booleans(), min_size=DAYS, max_size=DAYS),
)
def test_each_paper_that_matched_is_in_one_digest_or_left_once_and_none_waits_for_ever(
    seed: int, queries: list[str], cap: int, order: Order, goes_out: list[bool]
) -> None:
    who = replace(subscriber(*queries, max_papers=cap), manner=Manner(order=order))
    made, everything = Round(who), a_log(Random(seed))
    for papers, out in zip(everything, goes_out, strict=True):
        made.day(papers, out)
    quiet = 0
    while made.who.held_over or made.waiting:
        made.day([], goes_out=True)
        quiet += 1
        assert quiet <= MOST_HELD + 1, "none is held over for longer"
    assert {*made.got, *made.left} == _matching(queries, everything)
    assert sorted([*made.got, *made.left]) == sorted({*made.got, *made.left})
    for each in made.digests:
        if each.digest:
            assert len(each.digest.picks) <= cap
            assert each.digest.receipt.held_over == len(each.held_over)
            assert each.digest.rest == (*each.held_over, *each.digest.left)
            assert bool(each.digest.left) == any("wait" in note for note in each.digest.notes)
            assert each.digest.owed == (*each.digest.picks, *each.digest.left)


def _matching(queries: list[str], days: list[list[Paper]]) -> set[int]:
    """What the rules match on each day, as far as the log has come by then."""
    found, log = set[int](), list[Paper]()
    for papers in days:
        before = PaperNumber(len(log))
        log += papers
        batch = Batch(tuple(log), (), Cursor(PaperNumber(len(log)), 0))
        for query in queries:
            found |= {one.number for one in batch.matches(Rule(query, query), before)}
    return found


def test_who_has_more_every_day_than_his_cap_is_shown_todays_best_and_not_last_months() -> None:
    made = Round(subscriber("graph", max_papers=2))
    number = 0
    for _ in range(20):
        titles = ("Graph graphs", *("On graphs" for _ in range(4)), "Koopman graph")
        day = [paper(number + i, title, "graph") for i, title in enumerate(titles, 1)]
        number += len(day)
        made.day(day, goes_out=True)
    shown = made.digests[-1].digest
    assert shown
    assert min(one.paper for one in (*shown.picks, *made.who.held_over)) > number - 6 * 9
    assert len(made.who.held_over) <= 6 * (MOST_HELD + 1), "it does not grow for ever"
    assert len(made.got) + len(made.left) + len(made.who.held_over) == number
