"""Words as characters, phrases as regular expressions; papers as bits."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.core.rules import RULES
from tests.core.stocks import STOCK
from worker.core.bits import bits_of, ones
from worker.core.catalogue import Catalogue
from worker.core.index import Index
from worker.core.places import Places
from worker.core.query import parse
from worker.core.terms import TEXT, Words
from worker.core.together import any_of, character, reached
from worker.core.words import words
from worker.model import Paper


@given(st.sets(st.integers(0, 300)))
def test_numbers_become_bits_and_bits_numbers(numbers: set[int]) -> None:
    bits = bits_of(numbers, 301)
    assert bits == sum(1 << number for number in numbers)
    assert list(ones(bits)) == sorted(numbers)
    assert bits_of((), 0) == 0


def test_neighbours_are_one_range() -> None:
    a, b, c, d = map(character, (1, 2, 3, 7))
    assert any_of((1, 2, 3, 7)) == f"[{a}-{c}{d}-{d}]"
    assert a < b < c < d


def test_beyond_a_million_different_words_the_last_share_a_character() -> None:
    assert character(2_000_000) == character(3_000_000) == "\U0010ffff"
    assert any_of((2_000_000, 3_000_000)) == "[\U0010ffff-\U0010ffff\U0010ffff-\U0010ffff]"


def test_a_position_is_reached_by_the_last_window_that_starts_before_it() -> None:
    assert [reached(at, (3, 9), 4) for at in (2, 3, 6, 7, 9, 12, 13)] == [
        False, True, True, False, True, True, False,
    ]  # fmt: skip


def _work(query: str, papers: tuple[Paper, ...] = STOCK.window.papers) -> int:
    term = parse(query)
    assert not hasattr(term, "parts")
    return Catalogue(papers).work(term)  # type: ignore[arg-type]


def test_the_work_grows_with_the_papers_and_with_what_is_asked() -> None:
    few = STOCK.window.papers[:5]
    for query in ("network", '"neural network"~50', "/network/", "cat:cs*", "upvotes:3"):
        assert 0 < _work(query, few) < _work(query)
    assert _work("network") < _work('"neural network"') < _work('"neural network"~50')
    assert _work("/network/") < _work("/networks of/")
    assert _work("net*") > _work("network")
    assert _work("title:network") < _work("network")


@pytest.mark.parametrize("query", ["*", "cat:cs", "zebra", '"zebra network"'])
def test_what_is_looked_up_or_nowhere_is_next_to_no_work(query: str) -> None:
    assert _work(query) < 100


def test_each_folded_word_is_counted_with_the_papers_that_have_it() -> None:
    catalogue = STOCK.window.catalogue
    counts = catalogue.counts()
    for word in ("diffusion", "network", "the"):
        fields = (Words((word,), exact=True, field=field) for field in TEXT)
        assert counts[word] == max(catalogue.papers(term).bit_count() for term in fields)
    assert all(word == word.casefold() for word in counts)


def _days(papers: tuple[Paper, ...], lengths: list[int]) -> list[tuple[Paper, ...]]:
    starts = [sum(lengths[:n]) for n in range(len(lengths))]
    return [papers[start : start + n] for start, n in zip(starts, lengths, strict=True)]


@given(st.lists(st.integers(0, 9), max_size=5), st.lists(RULES, max_size=5))
def test_papers_joined_from_several_are_found_as_if_read_together(
    lengths: list[int], asked: list[str]
) -> None:
    some = _days(STOCK.window.papers, lengths)
    joined = Catalogue.joined([Catalogue(each) for each in some])
    together = Catalogue([paper for each in some for paper in each])
    assert joined.listed == together.listed
    assert joined.counts() == together.counts()
    places = range(len(joined.listed))
    assert list(map(joined.tally, places)) == list(map(together.tally, places))
    for query in map(parse, asked):
        assert Index(joined).match(query) == Index(together).match(query)


def test_phrases_are_found_where_they_stand_also_in_joined_papers() -> None:
    parts = [Places([[words("graph neural network")]]), Places([[words("a Neural Network")]])]
    term = parse('"neural network"')
    assert isinstance(term, Words)
    joined = Places.joined(parts)
    assert joined.papers(term) == 0b11
    assert [list(joined.ranges(term, paper)) for paper in (0, 1)] == [[range(1, 3)], [range(1, 3)]]
