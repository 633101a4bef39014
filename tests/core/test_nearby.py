"""The word that was meant."""

from __future__ import annotations

import string
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.core.nearby import Nearby, distance

KNOWN = Nearby({"diffusion": 41, "network": 9, "networks": 30, "graph": 5, "graphs": 5, "gate": 7,
                "transformer": 8, "gpt4": 5, "rag": 9, "schrodinger": 2})  # fmt: skip


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("difusion", "diffusion"),  # one is missing
        ("difffusion", "diffusion"),  # one too many
        ("diffuzion", "diffusion"),  # a wrong one
        ("diffuison", "diffusion"),  # two changed places
        ("tranformr", "transformer"),  # two mistakes in a long word
        ("shrodnger", "schrodinger"),
        ("gat", None),  # too short to say
        ("gte4", None),
        ("grph", "graph"),
        ("gpah", None),  # two in a short one
        ("trnsfmr", None),
        ("gpt5", None),  # another number is another thing
        ("diffusion", None),  # itself
    ],
)
def test_the_nearest_word_is_found(typed: str, meant: str | None) -> None:
    assert next(iter(KNOWN.near(typed)), None) == meant


def test_of_words_as_near_the_more_frequent_comes_first_then_the_alphabet() -> None:
    assert KNOWN.near("networkz") == ("networks", "network")
    assert Nearby({"graphs": 5, "grapha": 5}).near("graphx") == ("grapha", "graphs")
    assert Nearby({"modeling": 1, "modelink": 99}).near("modelng") == ("modeling",)
    assert Nearby({"modelings": 90, "modeling": 1}).near("modelinx") == ("modeling", "modelings")


@cache
def plainly(one: str, other: str) -> int:
    """The optimal string alignment distance by its definition."""
    if not one or not other:
        return len(one) + len(other)
    ways = [plainly(one[:-1], other) + 1, plainly(one, other[:-1]) + 1]
    ways.append(plainly(one[:-1], other[:-1]) + (one[-1] != other[-1]))
    if len(one) > 1 and len(other) > 1 and one[-2:] == other[-1] + other[-2]:
        ways.append(plainly(one[:-2], other[:-2]) + 1)
    return min(ways)


WORDS = st.text("abc", max_size=8)


@given(WORDS, WORDS, st.integers(1, 2))
def test_the_distance_is_the_one_of_the_definition_as_far_as_it_matters(
    one: str, other: str, most: int
) -> None:
    assert distance(one, other, most) == min(plainly(one, other), most + 1)


@given(st.lists(st.text("abéü" + string.ascii_lowercase[:3], min_size=3, max_size=10)), WORDS)
def test_no_word_that_is_near_enough_is_passed_over(words: list[str], asked: str) -> None:
    most = 2 if len(asked) >= 8 else 1
    near = {word for word in words if word != asked and plainly(word, asked) <= most}
    found = Nearby(dict.fromkeys(words, 1)).near(asked)
    assert set(found) <= near
    assert len(found) == (min(5, len(near)) if len(asked) > 3 else 0)
