"""What a subject names."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from worker.core.headline import PREVIEW, ROOM, Headline, cut, headline, preview

LONG = "On the many ways in which a title may be longer than any subject has room for"
NAMED = "Short name: what the paper is about, at some length and in many words"


def test_two_short_titles_are_named_whole() -> None:
    assert headline(["One: a thing", "Two", "Three"], ["x"]) == Headline(("One: a thing", "Two"), 1)
    assert headline(["One"], ["x"]) == Headline(("One",))


def test_of_long_ones_what_stands_before_the_colon() -> None:
    assert headline([NAMED, "Two"], ["x"]).names == ("Short name", "Two")
    assert headline(["Two", NAMED], ["x"]).names == ("Two", "Short name")
    assert headline(["What is it? " + LONG, "Two"], ["x"]).names == ("What is it?", "Two")
    assert headline(["A – " + LONG, "Two"], ["plain"]).names == ("plain",)


def test_where_both_are_long_the_rules_are_named_if_they_are_words() -> None:
    assert headline([LONG, LONG], ['"graph diffusion"', "PDEs", "more"]) == Headline(
        ("graph diffusion", "PDEs")
    )
    assert headline([LONG, LONG], ["title:gate", "a OR b", "*"]) == Headline((cut(LONG, ROOM),), 1)


def test_a_paper_alone_is_named_as_far_as_there_is_room() -> None:
    assert headline([LONG], ["plain"]).names == (cut(LONG, ROOM),)
    assert headline(["x" * 200], []).names == ("x" * (ROOM - 1) + "…",)
    assert cut(LONG, ROOM).endswith("subject has…")


def test_a_preview_is_cut() -> None:
    assert preview(["One", "Two"]) == "One · Two"
    assert len(preview([LONG] * 9)) <= PREVIEW


@given(st.lists(st.text(min_size=1), min_size=1), st.lists(st.text(max_size=90)))
def test_it_always_fits(titles: list[str], rules: list[str]) -> None:
    found = headline(titles, rules)
    assert len("; ".join(found.names)) <= ROOM
    assert 0 <= found.more < len(titles)
