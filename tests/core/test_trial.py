"""What rules would have caught over the last 30 days."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.core.oracle import matches
from tests.core.rules import RULES
from tests.core.stocks import LAST, LATE, SPREAD, STOCK, rules, stock_of
from worker.core.advice import AdviceKind
from worker.core.caught import Wrong
from worker.core.named import MOST_RULES
from worker.core.parts import terms_of
from worker.core.query import QueryError, parse
from worker.core.stock import lately
from worker.core.terms import And, Not, Or, Query
from worker.core.trial import NAMED, SHOWN, Span, Tried, trial
from worker.core.trim import Piece
from worker.core.window import Window
from worker.model import Paper, Rule

PAPERS = stock_of("graph one", "graph two", "gate three", "gate four", "tree five")


def takes(query: str) -> int:
    return sum(map(PAPERS.window.catalogue.work, terms_of(parse(query))))


def test_a_rule_is_told_with_its_newest_papers_marked_and_the_terms_they_have() -> None:
    (one,) = trial([Rule("Graphs", "graph OR vine")], PAPERS).rules
    assert (one.papers, one.share, one.weeks) == (2, 0.4, (2,))
    assert [entry.title for entry in one.newest] == [
        (Piece("graph", True), Piece(" two", False)),
        (Piece("graph", True), Piece(" one", False)),
    ]
    assert [entry.terms for entry in one.newest] == [("graph",), ("graph",)]
    assert [entry.rules for entry in one.newest] == [("Graphs",), ("Graphs",)]


def test_what_its_not_removed_is_told() -> None:
    (one,) = trial(rules("(graph OR gate) -two -(three OR tree)"), PAPERS).rules
    assert (one.papers, one.removed) == (2, 2)
    assert one.removed_titles == ("gate three", "graph two")
    (none,) = trial(rules("graph -gate"), PAPERS).rules
    assert (none.papers, none.removed, none.removed_titles) == (2, 0, ())


def test_the_papers_are_counted_by_week() -> None:
    made = trial(rules("*"), STOCK)
    assert made.rules[0].weeks == (4, 14, 14, 14, 14)
    assert made.weeks[-1] == Span(LAST - timedelta(days=6), 7)
    assert (made.papers, made.days, made.last) == (60, 30, LAST)
    assert made.per_week == 14


def test_all_rules_together_are_counted_by_different_papers() -> None:
    made = trial(rules("graph", "graph OR gate", "vine"), PAPERS)
    assert (made.caught, made.share) == (4, 0.8)
    assert made.per_week == 4  # of one day: no more is foretold than came


def test_a_rule_that_cannot_be_taken_says_why_in_its_place() -> None:
    good, bad = trial(rules("graph", "graph ("), PAPERS).rules
    assert good.papers == 2
    assert bad == Tried(rules("graph (")[0], wrong=Wrong(7, "the brackets are empty"))


def test_of_many_rules_the_first_are_tried_and_the_others_counted() -> None:
    made = trial(rules("graph", "gate", "tree"), PAPERS, most=2)
    assert ([one.rule.name for one in made.rules], made.left_out) == (["graph", "gate"], 1)
    assert made.caught == 4
    assert trial(rules(*["graph"] * (MOST_RULES + 3)), PAPERS).left_out == 3


def test_a_rule_that_would_take_too_long_is_left_out_and_the_others_are_not() -> None:
    made = trial(rules("/gra(ph|ss)/", "graph", "/gat/"), PAPERS, work=takes("/gat/") - 1)
    assert [one.untried for one in made.rules] == [True, False, True]
    assert (made.caught, made.rules[0].papers, made.rules[0].advice) == (2, 0, ())


def test_what_was_asked_already_costs_nothing_more() -> None:
    made = trial(
        rules("/gate/", "/gate/ four", "-tree /gate/"), PAPERS, work=takes("/gate/ four -tree")
    )
    assert [one.untried for one in made.rules] == [False] * 3
    assert (
        trial(rules("/gate/", "/gata/"), PAPERS, work=takes("/gate/ four -tree")).rules[1].untried
    )


def test_on_no_papers_there_is_nothing_to_say() -> None:
    made = trial(rules("*", "("), lately(Window((), ())))
    assert (made.papers, made.caught, made.share, made.per_week, made.weeks) == (0, 0, 0, 0, ())
    assert made.rules[0] == Tried(rules("*")[0])
    assert made.rules[1].wrong


# --- properties: the oracle reads each paper, word by word

SETS = st.lists(RULES.map(lambda query: Rule(query, query)), min_size=1, max_size=4)


def _wider(query: Query, paper: Paper) -> bool:
    """Whether it would match, had it no NOT; two of them are none."""
    match query:
        case Not(Not(part)):
            return _wider(part, paper)
        case Not():
            return True
        case And(parts):
            return all(_wider(part, paper) for part in parts)
        case Or(parts):
            return any(_wider(part, paper) for part in parts)
        case _:
            return matches(query, paper, SPREAD)


def _read(rule: Rule) -> tuple[set[Paper], set[Paper]] | None:
    """What it catches, and what it would without its NOTs."""
    try:
        query = parse(rule.query)
    except QueryError:
        return None
    return (
        {paper for paper in LATE if matches(query, paper, SPREAD)},
        {paper for paper in LATE if _wider(query, paper)},
    )


def _newest(papers: set[Paper]) -> list[str]:
    ordered = sorted(papers, key=lambda paper: (paper.day, paper.number), reverse=True)
    return [paper.title for paper in ordered]


@settings(max_examples=40)  # each reads all papers one by one
@given(SETS)
def test_the_counts_are_those_of_reading_paper_by_paper(some: list[Rule]) -> None:
    made = trial(some, STOCK)
    everything: set[Paper] = set()
    for rule, tried in zip(some, made.rules, strict=True):
        if (read := _read(rule)) is None:
            assert tried.wrong
            continue
        those, wider = read
        everything |= those
        assert (tried.papers, tried.removed) == (len(those), len(wider - those))
        assert sum(tried.weeks) == len(those)
        titles = ["".join(piece.text for piece in entry.title) for entry in tried.newest]
        assert titles == _newest(those)[:SHOWN]
        assert list(tried.removed_titles) == _newest(wider - those)[:NAMED]
    assert made.caught == len(everything)


@settings(max_examples=40)  # each reads all papers one by one
@given(SETS)
def test_swallowed_dead_and_killed_are_what_they_say(some: list[Rule]) -> None:
    read = [_read(rule) for rule in some]
    for at, tried in enumerate(trial(some, STOCK).rules):
        kinds = {advice.kind for advice in tried.advice}
        if (found := read[at]) is None:
            assert kinds == set()
            continue
        those, wider = found
        others = [(i, other[0]) for i, other in enumerate(read) if other and i != at]
        swallowed = any(those < other or (those == other and i < at) for i, other in others)
        assert (AdviceKind.DEAD in kinds) == (not those and not wider)
        assert (AdviceKind.KILLED in kinds) == (not those and bool(wider))
        assert (AdviceKind.SWALLOWED in kinds) == (bool(those) and swallowed)
        is_meant = some[at].query == "*"  # all of it is asked for
        assert (AdviceKind.TOO_BROAD in kinds) == (len(those) > 15 and not is_meant)
