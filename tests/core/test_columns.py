"""Lines as wide as a terminal shows them."""

from __future__ import annotations

import textwrap

from hypothesis import given
from hypothesis import strategies as st

from worker.core.columns import columns, wrapped


def test_a_chinese_character_takes_two_columns_and_an_accent_none() -> None:
    assert columns("a图") == 3
    assert columns("e\u0301") == 1
    assert columns("plain") == 5


def test_a_text_without_blanks_is_broken_between_its_characters() -> None:
    lines = wrapped("我们研究图上的扩散过程，并学习一个神经算子。" * 5, 40, 3).splitlines()
    assert all(columns(line) <= 40 for line in lines)
    assert (
        "".join(line.strip() for line in lines)
        == "我们研究图上的扩散过程，并学习一个神经算子。" * 5
    )


def test_no_line_begins_with_what_ends_a_sentence() -> None:
    for width in range(10, 30):
        lines = wrapped("图。图，图」图 word（图）。" * 8, width).splitlines()
        assert [line for line in lines if line[0] in "。，」）"] == []


def test_words_among_them_are_kept_whole_and_apart() -> None:
    assert wrapped("Diffusion 模型 and 图 GNNs行", 12).splitlines() == [
        "Diffusion 模",
        "型 and 图",
        "GNNs行",
    ]


@given(st.text("ab c-图", max_size=80))
def test_nothing_is_lost(text: str) -> None:
    assert wrapped(text, 12).replace("\n", "").replace(" ", "") == text.replace(" ", "")


@given(st.text("ab c-", max_size=80))
def test_a_text_without_wide_characters_is_wrapped_as_ever(text: str) -> None:
    assert wrapped(text, 12) == textwrap.fill(
        text, 12, break_long_words=False, break_on_hyphens=False
    )
