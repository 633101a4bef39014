"""The first sentences of an abstract."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.core.sentences import opening


@pytest.mark.parametrize(
    "first",
    [
        "It is so.",
        "Is it so?",
        "As Li et al. did, e.g. for graphs, i.e. networks, we go on (cf. Fig. 3 and Eq. 4).",
        "It is 3.5 times faster, at v1.2 of it.",
        "J. S. Bach et al. 2019 had it.",
        "It said “yes.”",
        "It runs on node.js and ends here.",
        "The U.S. Senate votes.",
        "We reach 95. 3 was a typing error.",
    ],
)
def test_a_sentence_ends_where_a_reader_says_it_does(first: str) -> None:
    text = f"{first} Another sentence follows."
    assert text[: opening(text, len(first) + 5)] == first


def test_as_many_sentences_are_taken_as_fit() -> None:
    text = "One is here. Two is here. Three is a good deal longer than that."
    assert text[: opening(text, 30)] == "One is here. Two is here."
    assert opening(text, 500) == len(text)
    assert opening("", 30) == 0


def test_a_first_sentence_that_is_a_little_too_long_is_taken_whole_and_a_longer_one_is_not() -> (
    None
):
    text = "A sentence of thirty-six characters. Then more."
    assert opening(text, 30) == 36
    assert opening(text, 20) == 0


def test_sentences_without_blanks_between_them_end_too() -> None:
    text = "我们研究图。结果很好！还有更多的内容在这里。"
    assert text[: opening(text, 12)] == "我们研究图。结果很好！"


@given(st.text(), st.integers(1, 80))
def test_it_is_never_much_longer_than_asked_for(text: str, length: int) -> None:
    assert 0 <= opening(text, length) <= min(len(text), length + length // 2)
