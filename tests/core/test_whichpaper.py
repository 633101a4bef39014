"""Which paper somebody means."""

from __future__ import annotations

import pytest

from tests.made import paper
from worker.core.whichpaper import NEAREST, keys_in, nearest, number_in, titled

PAPERS = (
    paper(1, "Flow Matching for Video"),
    paper(2, "Video Diffusion with Flow"),
    paper(3, "Schrödinger Bridges"),
    paper(4, "Flow Matching"),
)


@pytest.mark.parametrize(
    ("text", "number"),
    [("42", 42), (" #7 ", 7), ("0", None), ("042", None), ("2509.01234", None), ("4e", None)],
)
def test_a_number_is_one_and_nothing_else_is(text: str, number: int | None) -> None:
    assert number_in(text) == number


def test_an_id_is_a_key_in_whatever_way_it_is_written_and_a_title_always_is() -> None:
    assert keys_in("https://arxiv.org/abs/2509.01234v2")[0] == "arxiv:2509.01234"
    assert keys_in("doi:10.1000/182")[0] == "doi:10.1000/182"
    assert keys_in("Flow Matching") == ("title:flowmatching",)


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("flow video", [2, 1]),
        ("flow matching", [4, 1]),
        ("matching flow", [4, 1]),
        ("schrodinger", [3]),
        ("brid", [3]),
        ("ridges", []),
        ("  ", []),
    ],
)
def test_words_of_a_title_find_it(text: str, numbers: list[int]) -> None:
    assert [paper.number for paper in titled(text, PAPERS)] == numbers


def test_words_that_stand_together_in_some_titles_mean_those() -> None:
    apart = paper(9, "Matching with Flow")
    assert [each.number for each in titled("Flow Matching", (*PAPERS, apart))] == [4, 1]


def test_the_nearest_titles_have_half_of_the_words_at_least() -> None:
    assert [each.number for each in nearest("flow matching for audio", PAPERS)] == [1, 4]
    assert nearest("one two three flow", PAPERS) == ()
    assert nearest("", PAPERS) == ()
    many = tuple(paper(number, "Flow") for number in range(1, 9))
    assert [each.number for each in nearest("flow", many)] == [8, 7, 6]
    assert NEAREST == 3
