"""How well a paper matches the rules that chose it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.core.oracle import seed_papers
from tests.core.rules import RULES
from tests.made import MONDAY, paper
from worker.core.batch import Batch
from worker.core.past import NO_PAST, Past
from worker.core.rarity import rarity
from worker.model import Counts, Cursor, Paper, PaperNumber, Pick, Rule

MATCH = 10_000
FILLER = tuple(paper(100 + n, "Other matters", "the usual") for n in range(61))
PAPERS = (
    replace(paper(1, "Diffusion", "for video"), authors=("Li Wei",), ids=("arxiv:2509.01234",)),
    replace(paper(2, "A survey", "of diffusion"), categories=("cs.CV",), counts=Counts(upvotes=9)),
    replace(paper(3, "Diffusion", "is diffusion"), counts=Counts(upvotes=30)),
)
PAST = Past((*PAPERS, *FILLER))
TWO, ONE = rarity(2, 64), rarity(1, 64)  # two titles or abstracts, one of 64 papers


def batch(papers: Sequence[Paper] = PAPERS, past: Past = PAST) -> Batch:
    end = Cursor(papers[-1].number if papers else PaperNumber(0), 0)
    return Batch(papers, (), end, past)


def picked(*queries: str, over: Batch | None = None) -> dict[int, Pick]:
    """Each paper that any of the rules match, by its number."""
    made, found = over or batch(), dict[Paper, list[Rule]]()
    for query in queries:
        rule = Rule(query, query)
        for one in made.matches(rule, PaperNumber(0)):
            found.setdefault(one, []).append(rule)
    return {one.number: made.pick(one.which, rules) for one, rules in found.items()}


def scores(*queries: str) -> dict[int, int]:
    return {number: pick.score for number, pick in picked(*queries).items()}


def test_the_title_counts_three_times_what_the_abstract_does() -> None:
    assert scores("diffusion") == {1: MATCH + 3 * TWO, 2: MATCH + TWO, 3: MATCH + 4 * TWO}


def test_a_rare_word_counts_more_than_a_frequent_one() -> None:
    assert ONE > TWO
    assert scores("video OR diffusion")[1] == MATCH + 3 * TWO + ONE
    assert scores("abstract:video OR the") == {1: MATCH + ONE}


def test_only_where_a_field_says_it_counts() -> None:
    assert scores("title:diffusion")[3] == MATCH + 3 * TWO
    assert scores("abstract:diffusion") == {2: MATCH + TWO, 3: MATCH + TWO}


@pytest.mark.parametrize(
    ("query", "number", "extra"),
    [
        ("*", 2, 0),
        ("* -video", 2, 0),
        ("diffusion diffusion", 2, TWO),
        ("author:li", 1, 24_000),
        ("id:2509.01234", 1, 24_000),
        ("cat:cs", 2, 1_000),
        ("cat:/cs/", 2, 1_000),
        ("upvotes:>=9", 2, 1_000),
        ("/surve./", 2, 12_000),
        ("title:/surve./", 2, 12_000),
        ("top:10", 3, rarity(1, 2)),
        ("top:10", 2, rarity(2, 2)),
        ("* -(-diffusion)", 2, 0),
    ],
)
def test_each_kind_of_term_has_its_worth(query: str, number: int, extra: int) -> None:
    assert scores(query)[number] == MATCH + extra


def test_several_rules_beat_one_and_each_weighs_what_its_pluses_say() -> None:
    both, one = scores("diffusion", "video"), scores("diffusion")
    assert both[1] == one[1] + MATCH + ONE
    assert scores("++diffusion")[2] == 3 * one[2]
    assert scores("+diffusion", "diffusion")[2] == 3 * one[2]


def test_without_a_past_all_words_are_alike() -> None:
    made = picked("diffusion", "video", over=batch(past=NO_PAST))
    assert [pick.score for pick in made.values()] == [2 * MATCH, MATCH, MATCH]


def test_a_pick_says_that_its_paper_was_among_the_most_upvoted_where_that_was_asked() -> None:
    made = picked("diffusion OR top:1", "top:2", "* -top:1")
    assert {number: pick.because for number, pick in made.items()} == {
        1: (),
        2: ("top:2",),
        3: ("top:1", "top:2"),
    }


@settings(deadline=None, max_examples=30)  # each plans all papers of both days three times
@given(RULES, RULES, st.integers(0, 66), st.integers(1, 40))
def test_a_score_depends_on_the_paper_and_its_rules_and_not_on_where_the_batch_begins(
    one: str, other: str, first: int, more: int
) -> None:
    papers, past = tuple(replace(each, day=MONDAY) for each in seed_papers()), SEEDS
    end = Cursor(PaperNumber(67), 0)
    whole = picked(one, other, over=Batch(papers, (), end, past))
    part = picked(one, other, over=Batch(papers[first:], (), end, past, papers[:first]))
    assert part == {number: pick for number, pick in whole.items() if number > first}
    alone = picked(one, over=Batch(papers, (), end, past))
    for number, pick in alone.items():
        assert whole[number].score >= pick.score >= MATCH
        assert (whole[number].score > pick.score) == (len(whole[number].rules) > 1)


SEEDS = Past([replace(each, day=MONDAY) for each in seed_papers()])
