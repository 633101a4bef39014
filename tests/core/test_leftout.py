"""A paper that NOTs left out, as the page of its digest shows it."""

from __future__ import annotations

from dataclasses import replace

from tests.made import paper, pick
from worker.core.leftout import Remover, left_out


def test_it_has_the_rules_that_left_it_out_and_the_words_marked() -> None:
    both = pick(5, "flow -survey", "flow -review")
    found = left_out(both, paper(5, "A survey of flow", "And a review."))
    assert found.removers == (
        Remover("flow -survey", ("survey",)),
        Remover("flow -review", ("review",)),
    )
    assert [piece.text for piece in found.title if piece.marked] == ["survey"]
    assert found.passage == ()
    assert found.url.startswith("https://arxiv.org/search/")


def test_words_that_are_not_in_the_title_are_shown_in_the_abstract() -> None:
    one = replace(paper(5, "Flow", "This is a survey."), url="https://example.org/5")
    found = left_out(pick(5, "flow -survey"), one)
    assert [piece.text for piece in found.title] == ["Flow"]
    assert [piece.text for piece in found.passage if piece.marked] == ["survey"]
    assert found.url == "https://example.org/5"


def test_without_a_rule_it_is_its_title_alone() -> None:
    found = left_out(replace(pick(5), rules=()), paper(5, "Flow"))
    assert ("".join(piece.text for piece in found.title), found.removers) == ("Flow", ())
