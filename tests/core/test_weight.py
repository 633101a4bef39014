"""The pluses before a rule."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.core.rules import RULES
from tests.made import MONDAY, subscriber
from worker.core.mailcommands import read
from worker.core.named import named_rule, shown
from worker.core.query import QueryError, parse
from worker.core.rulelines import read_rules
from worker.core.weight import called, unweighted, weight
from worker.core.wishes import Add
from worker.model import Rule


@pytest.mark.parametrize(
    ("text", "weighs", "rest"),
    [
        ("diffusion video", 1, "diffusion video"),
        ("+diffusion video", 2, "diffusion video"),
        (" ++ (a OR b)", 3, "(a OR b)"),
        ('+++"neural operator"~5', 4, '"neural operator"~5'),
        ("+*", 2, "*"),
        ("c++", 1, "c++"),
        ("a +b", 1, "a +b"),
    ],
)
def test_a_rule_weighs_one_more_for_each_plus_before_it(text: str, weighs: int, rest: str) -> None:
    assert weight(text) == weighs
    assert unweighted(text) == rest
    assert parse(text) == parse(rest)


@given(RULES, st.integers(0, 3), st.sampled_from(["", " "]))
def test_weight_changes_nothing_that_a_rule_matches(rule: str, pluses: int, gap: str) -> None:
    text = "+" * pluses + gap + rule
    assert (weight(text), parse(text), unweighted(text)) == (1 + pluses, parse(rule), rule)


@pytest.mark.parametrize(
    ("text", "position", "reason"),
    [
        ("++++a", 3, "at most +++ may stand before a rule"),
        (" ++++++ a", 4, "at most +++ may stand before a rule"),
        ("++", 2, "the rule is empty"),
        ("++-a", 2, "this only leaves papers out; write * -word for all the others"),
        ("+a OR -b", 6, "this only leaves papers out; write * -word for all the others"),
        ("++a )", 4, "this bracket was never opened"),
        ("+upvotes:x", 9, "upvotes: takes a number"),
    ],
)
def test_a_weighty_rule_is_refused_where_it_is_wrong(text: str, position: int, reason: str) -> None:
    with pytest.raises(QueryError) as refused:
        parse(text)
    assert (refused.value.position, refused.value.reason[: len(reason)]) == (position, reason)


@pytest.mark.parametrize(
    ("name", "query", "known_as"),
    [
        ("++video", "++video", "video"),
        ("video", "video", "video"),
        ("Mine", "++video", "Mine"),
        ("+Mine", "video", "+Mine"),
        ("++", "++", "++"),
    ],
)
def test_a_rule_named_by_its_query_is_called_by_it_without_its_weight(
    name: str, query: str, known_as: str
) -> None:
    assert called(Rule(name, query)) == known_as


@pytest.mark.parametrize("line", ["++diffusion video", "Mine = +top:10 diffusion", "+* -survey"])
def test_a_weighty_rule_can_be_given_again_as_it_is_shown(line: str) -> None:
    rule = named_rule(line)
    assert shown(rule) == line
    assert read_rules(line) == (rule,)
    reading = read(f"add {line}", subscriber().schedule, MONDAY)
    assert reading.commands == (Add(rule),)
