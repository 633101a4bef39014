"""What somebody should know of his rules."""

from __future__ import annotations

import pytest

from tests.core.stocks import rules, stock_of
from worker.core.advice import AdviceKind
from worker.core.stock import Stock
from worker.core.trial import trial
from worker.model import Rule

PAPERS = stock_of(
    "graph one", "graph two", "gate three", "Schrödinger four", "Schrödinger bridges five",
    "LoRA six", "LoRA seven",
)  # fmt: skip
TWENTY = stock_of(*(f"graph {'gate' * (i < 6)} {'vine' * (i < 5)}" for i in range(20)))


def told(*queries: str, stock: Stock = PAPERS) -> list[str]:
    """What is said of the first of these rules."""
    return [advice.text for advice in trial(rules(*queries), stock).rules[0].advice]


def test_a_sound_rule_gets_no_advice() -> None:
    assert told("graph", "gate") == []


def test_a_rule_that_catches_nothing_is_told_so() -> None:
    assert told("zebra") == ["It caught nothing on the last day."]


def test_a_rule_whose_not_takes_everything_is_told_that_and_not_that_it_is_dead() -> None:
    assert told("graph -(one OR two)") == [
        "Its own NOT leaves out all 2 papers that it would catch."
    ]
    assert told("gate -three") == ["Its own NOT leaves out the only paper that it would catch."]


def test_a_rule_that_another_swallows_names_it() -> None:
    assert told("graph one", "zebra", "graph") == ["“graph” catches its only paper as well."]
    assert told("graph", "graph OR gate") == [
        "“graph OR gate” catches all of its 2 papers as well."
    ]
    assert told("zebra", "graph") == ["It caught nothing on the last day."]


def test_of_equal_rules_only_the_later_is_told() -> None:
    assert told("graph", "graphs") == []
    made = trial(rules("graph", "graphs", "Graph"), PAPERS).rules
    assert [advice.text for one in made for advice in one.advice] == (
        ["It catches the same 2 papers as “graph”."] * 2
    )
    (_, one) = trial(rules("gate", "three"), PAPERS).rules
    assert [advice.text for advice in one.advice] == ["It catches the same 1 paper as “gate”."]


def test_rules_that_cannot_be_read_swallow_nothing() -> None:
    assert told("graph", "(") == []


def test_a_long_name_is_cut() -> None:
    named = [Rule("graph", "graph"), Rule("x" * 100, "graph OR gate")]
    (advice,) = trial(named, PAPERS).rules[0].advice
    assert advice.text.startswith(f"“{'x' * 59}…” catches")


def test_a_rule_that_catches_more_than_a_quarter_is_too_broad() -> None:
    assert told("gate", stock=TWENTY) == [
        "It catches 30% of all papers (6 of 20); one more word makes it narrower."
    ]
    assert told("vine", stock=TWENTY) == []
    assert told("graph OR gate OR vine", stock=stock_of(*["graph"] * 19)) == []


def test_who_asks_for_every_paper_is_not_told_that_he_gets_it() -> None:
    assert told("*", stock=TWENTY) == []


@pytest.mark.parametrize(
    ("query", "word", "meant"),
    [
        ("grpah", "grpah", "graph"),
        ("Graqh", "Graqh", "graph"),
        ('"one Graqh"~9 OR graqh, OR GraqhS', "Graqh", "graph"),
        ('"graqh one"', "graqh", "graph"),
        ('"one graqh"~9', "graqh", "graph"),
        ("title:graqh", "graqh", "graph"),
        ("one -graqh", "graqh", "graph"),
        ("schrodnger", "schrodnger", "Schrödinger"),
        ("LORA", "LORA", "LoRA"),
        ("lara", "lara", "LoRA"),
    ],
)
def test_a_word_that_is_nowhere_is_told_with_the_one_that_was_meant(
    query: str, word: str, meant: str
) -> None:
    made = f"“{word}” is in no paper; did you mean “{meant}” (2 papers)?"
    assert told(query)[0] == made


@pytest.mark.parametrize(
    "query",
    [
        "graqh*",
        "author:graqh",
        "cat:graqh",
        "/graqh/",
        "bridgez",  # the only one that is near is in one paper
        "graphs",  # a plural
        "title:graph",
        "zebra",
        "three",  # in a paper, if in one only
        "RRA",
    ],
)
def test_no_other_word_is_told_without_need(query: str) -> None:
    made = trial(rules(query), PAPERS).rules[0].advice
    assert AdviceKind.MISSPELT not in {advice.kind for advice in made}


@pytest.mark.parametrize(("query", "is_told"), [("operator", False), ("opertaor", True)])
def test_another_form_of_a_word_is_none_that_was_meant(query: str, is_told: bool) -> None:
    stock = stock_of("operates one", "operates two", *["operators three"] * 2 * is_told)
    assert any("did you mean" in text for text in told(query, stock=stock)) == is_told


def test_a_word_is_told_once_and_no_more_than_three_of_a_rule() -> None:
    texts = told("graqh OR (one graqh)")
    assert [text for text in texts if "did you mean" in text] == texts[:1]
    many = told("grbph OR grcph OR grdph OR greph OR graph")
    assert sum("did you mean" in text for text in many) == 3
