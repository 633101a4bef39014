"""How rare the words of rules are."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.core.oracle import seed_papers
from tests.made import paper
from worker.core.past import NO_PAST, Past
from worker.core.query import parse
from worker.core.rarity import Rarity, rarity
from worker.core.terms import Words

KNOWN = Rarity(
    63, [{"graph": 3, "graphs": 4, "rl": 7, "rare": 0, "graphic": 1}, {"graph": 8, "the": 70}]
)


def of(text: str) -> int:
    term = parse(text)
    assert isinstance(term, Words)
    return KNOWN.of(term)


@pytest.mark.parametrize(
    ("text", "milli"),
    [
        ("nowhere", 6000),  # log2(64 / 1)
        ("graph", 2000),  # 3 + 4 + 8 of 63: log2(64 / 16)
        ("Graphs", 2000),
        ("RL", 3000),
        ("grap*", 1913),  # 16 of 63
        ("graphi*", 5000),
        ("the", 0),  # more than there are papers: counted twice where both numbers occur
        ('"the graph rl"~9', 3000),  # its rarest word
        ("title:rl", 3000),
    ],
)
def test_a_term_is_as_rare_as_its_rarest_word(text: str, milli: int) -> None:
    assert of(text) == milli


def test_what_half_of_the_papers_have_tells_one_bit() -> None:
    assert rarity(31, 63) == 1000
    assert rarity(99, 63) == 0
    assert rarity(0, 0) == 0


@given(st.integers(0, 10_000), st.integers(0, 10_000), st.integers(0, 10_000))
def test_the_rarer_is_never_worth_less(size: int, one: int, other: int) -> None:
    if one <= other:
        assert rarity(one, size) >= rarity(other, size) >= 0


def test_the_past_counts_the_words_of_all_its_days() -> None:
    past = Past([*seed_papers()[:20], paper(99, "Koopman operators")])
    assert past.rarity is past.rarity
    koopman, the = (past.rarity.of(Words((word,))) for word in ("koopman", "the"))
    assert koopman > the
    assert NO_PAST.rarity.of(Words(("the",))) == 0
