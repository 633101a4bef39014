"""What a change of rules makes."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.core.oracle import matches
from tests.core.rules import RULES
from tests.core.stocks import LATE, SPREAD, STOCK, rules, stock_of
from worker.core.difference import SHOWN, Difference, difference
from worker.core.query import QueryError, parse
from worker.core.view import Entry
from worker.model import Paper, Rule

PAPERS = stock_of("graph one", "graph two", "gate three", "gate four", "tree five")


def titles(entries: tuple[Entry, ...]) -> list[str]:
    return ["".join(piece.text for piece in one.title) for one in entries]


def test_what_comes_and_what_goes_is_counted_and_named_with_the_rules() -> None:
    made = difference(rules("graph", "one"), rules("gate", "two", "four"), PAPERS)
    assert (made.before, made.after, made.more, made.fewer) == (2, 3, 2, 1)
    assert (made.papers, made.days) == (5, PAPERS.days)
    assert titles(made.added) == ["gate four", "gate three"]
    assert [one.rules for one in made.added] == [("gate", "four"), ("gate",)]
    assert titles(made.lost) == ["graph one"]
    assert [one.rules for one in made.lost] == [("graph", "one")]
    assert [one.position for one in made.added] == [1, 2]


def test_a_rule_that_cannot_be_taken_catches_nothing_on_either_side() -> None:
    made = difference(rules("graph", "("), rules("(", "graph"), PAPERS)
    assert (made.before, made.after, made.more, made.fewer, made.untried) == (2, 2, 0, 0, 0)


def test_many_papers_are_all_counted_and_a_few_of_them_shown() -> None:
    made = difference((), rules("*"), STOCK)
    assert (made.before, made.more, len(made.added)) == (0, 60, SHOWN)
    assert titles(made.added) == [one.title for one in STOCK.papers[:SHOWN]]


def test_only_so_many_rules_are_looked_at_and_only_so_much_is_done() -> None:
    assert difference(rules("gate"), rules("gate", "graph"), PAPERS, most=1).more == 0
    made = difference((), rules("/gat/", "graph"), PAPERS, work=1000)
    assert (made.more, made.untried) == (2, 1)


def _caught(some: list[Rule]) -> set[Paper]:
    found = set()
    for rule in some:
        try:
            query = parse(rule.query)
        except QueryError:
            continue
        found |= {paper for paper in LATE if matches(query, paper, SPREAD)}
    return found


SETS = st.lists(RULES.map(lambda query: Rule(query[:9], query)), max_size=3)


@settings(max_examples=40)  # each reads all papers one by one
@given(SETS, SETS)
def test_it_is_the_symmetric_difference(before: list[Rule], after: list[Rule]) -> None:
    was, will = _caught(before), _caught(after)
    made: Difference = difference(before, after, STOCK)
    assert (made.before, made.after) == (len(was), len(will))
    assert (made.more, made.fewer) == (len(will - was), len(was - will))
    both = sorted(was ^ will, key=lambda paper: (paper.day, paper.number), reverse=True)
    assert titles(made.added) == [one.title for one in both if one in will][:SHOWN]
    assert titles(made.lost) == [one.title for one in both if one in was][:SHOWN]
