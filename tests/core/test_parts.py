"""A rule taken apart."""

from __future__ import annotations

import pytest
from hypothesis import given

from tests.core.rules import RULES
from tests.core.stocks import STOCK
from worker.core.parts import included, terms_of
from worker.core.query import QueryError, parse
from worker.core.written import written


@pytest.mark.parametrize(
    ("query", "left"),
    [
        ("graph", "graph"),
        ("graph -gate", "graph"),
        ("graph -gate vine", "graph vine"),
        ("graph -gate OR vine -(tree OR gate)", "graph OR vine"),
        ("* -gate", "*"),
        ("* -(-gate)", "gate"),
        ("graph -(-(gate -tree))", "graph gate"),
        ("graph -(-(-tree))", "graph"),
        ("graph -(-(-tree -vine))", "graph"),
        ("* -(-(* -vine))", "*"),
    ],
)
def test_without_its_nots_a_rule_asks_for_the_rest(query: str, left: str) -> None:
    index = STOCK.window.index()
    assert index.match(included(parse(query))) == index.match(parse(left))


def test_all_terms_are_named_in_order_also_those_left_out() -> None:
    asked = parse('(video OR "a b"~3) -(cat:cs title:x) upvotes:3 *')
    terms = [written(term) for term in terms_of(asked)]
    assert terms == ["video", '"a b"~3', "cat:cs", "title:x", "upvotes:3", "*"]


@given(RULES)
def test_nothing_that_a_rule_matches_is_lost_without_its_nots(text: str) -> None:
    try:
        query = parse(text)
    except QueryError:
        return
    index = STOCK.window.index()
    assert not index.match(query) & ~index.match(included(query))
