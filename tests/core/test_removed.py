"""What a reader's NOTs keep from him is told, and nothing else is."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from tests.made import MONDAY, NOON, delivery, intake, paper, pick, subscriber
from worker.core.batch import Batch
from worker.core.plan import plan
from worker.core.removed import KEPT, removed
from worker.deliveries import Delivery
from worker.digests import Digest, Slot
from worker.model import Cursor, Paper, PaperNumber, Subscriber, WhenEmpty

PAPERS = (
    paper(1, "A survey of graphs"),
    paper(2, "Graph transformers"),
    paper(3, "A survey of trees"),
    paper(4, "A benchmark of graph surveys", day=MONDAY + timedelta(days=1)),
)


def batch(papers: tuple[Paper, ...] = PAPERS) -> Batch:
    count = len(papers)
    return Batch(papers, (intake(1, count, count),), Cursor(PaperNumber(count), 1))


def left_out(who: Subscriber, *caught: int) -> list[tuple[int, list[str]]]:
    picks = removed(who, batch(), {PaperNumber(number) for number in caught})
    return [(one.paper, [rule.name for rule in one.rules]) for one in picks]


def digest(
    who: Subscriber, waiting: Delivery | None = None, papers: tuple[Paper, ...] = PAPERS
) -> Digest:
    who = replace(who, when_empty=WhenEmpty.SAY_SO)
    slot = Slot("2025-09-09", MONDAY)
    made = plan(who, slot, waiting, batch(papers), message_id="<x@example.org>", now=NOON)
    assert made.digest
    return made.digest


def test_a_rule_for_everything_but_surveys_removes_the_surveys_only() -> None:
    assert left_out(subscriber("* -survey"), 2) == [
        (4, ["* -survey"]), (1, ["* -survey"]), (3, ["* -survey"]),
    ]  # fmt: skip


def test_the_newest_day_comes_first_and_then_what_most_rules_removed() -> None:
    who = subscriber("(graph OR tree) -survey", "tree -benchmark -survey")
    assert left_out(who, 2) == [
        (4, ["(graph OR tree) -survey"]),
        (3, ["(graph OR tree) -survey", "tree -benchmark -survey"]),
        (1, ["(graph OR tree) -survey"]),
    ]


def test_what_another_rule_catches_is_not_removed() -> None:
    assert [one.paper for one in digest(subscriber("graph -survey", "graph")).removed] == []
    assert [one.paper for one in digest(subscriber("graph -survey", "benchmark")).removed] == [1]


def test_a_rule_without_a_not_and_one_that_cannot_be_read_remove_nothing() -> None:
    assert left_out(subscriber("graph", '"unclosed -survey', "-(-tree)")) == []


def test_only_papers_behind_the_cursor_are_removed() -> None:
    assert left_out(subscriber("graph -survey", cursor=Cursor(PaperNumber(1), 0))) == [
        (4, ["graph -survey"])
    ]


def test_as_many_as_are_worth_keeping_are_kept_and_all_are_counted() -> None:
    many = tuple(paper(number, "A survey") for number in range(1, KEPT + 12))
    made = digest(subscriber("* -survey"), papers=many)
    assert (len(made.removed), made.receipt.removed) == (KEPT, KEPT + 11)


def test_what_a_digest_removed_that_was_never_sent_is_kept_behind_what_is_new() -> None:
    waiting = delivery(pick(1))
    before = replace(waiting.digest.receipt, removed=120)
    old = replace(waiting.digest, removed=(pick(-7, "x -y"),), receipt=before)
    made = digest(subscriber("graph -survey"), replace(waiting, digest=old))
    assert [one.paper for one in made.removed] == [4, -7], "1 is carried"
    assert made.receipt.removed == 121
