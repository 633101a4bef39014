"""What a later file knows better completes a paper, and nothing is ever taken from it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.made import paper
from worker.core.complete import complete, state_of
from worker.model import Counts, Kind, Listing, Paper

KNOWN = replace(
    paper(1, title="A", abstract="It works."),
    authors=("Ada Ito",),
    ids=("arxiv:2509.00001",),
    url="https://arxiv.org/abs/2509.00001",
    categories=("cs.CV",),
    published=date(2025, 9, 5),
    counts=Counts(upvotes=3, stars=1),
)
BARE = replace(paper(1, title="A"), abstract="")


def told(**more: object) -> Listing:
    return replace(Listing("A", ""), **more)  # type: ignore[arg-type]  # any field of it


@pytest.mark.parametrize(
    ("known", "listing", "better"),
    [
        (BARE, told(abstract="It works."), replace(BARE, abstract="It works.")),
        (
            replace(BARE, abstract="It\nworks …"),
            told(abstract="It works well."),
            replace(BARE, abstract="It works well."),
        ),
        (BARE, told(url="https://x.org/1"), replace(BARE, url="https://x.org/1")),
        (BARE, told(published=date(2025, 9, 1)), replace(BARE, published=date(2025, 9, 1))),
        (
            KNOWN,
            told(authors=("Ada Ito", "Ben Roy")),
            replace(KNOWN, authors=("Ada Ito", "Ben Roy")),
        ),
        (
            KNOWN,
            told(ids=("doi:10.1000/1", "arxiv:2509.00001")),
            replace(KNOWN, ids=("arxiv:2509.00001", "doi:10.1000/1")),
        ),
        (
            KNOWN,
            told(categories=("cs.LG", "cs.CV")),
            replace(KNOWN, categories=("cs.CV", "cs.LG")),
        ),
        (
            KNOWN,
            told(counts=Counts(upvotes=2, comments=7)),
            replace(KNOWN, counts=Counts(3, 7, 1)),
        ),
    ],
)
def test_what_the_paper_lacks_or_counts_comes_from_the_later_file(
    known: Paper, listing: Listing, better: Paper
) -> None:
    assert complete(known, listing) == better


@pytest.mark.parametrize(
    "listing",
    [
        told(),
        told(abstract="Now it works better.", kind=Kind.REPLACEMENT),
        told(abstract="It worksheets."),
        told(title="Another title", as_listed="$A$"),
        told(authors=("A. Ito",), url="https://x.org/1", published=date(2025, 9, 9)),
        told(counts=Counts(upvotes=3)),
    ],
)
def test_what_the_paper_has_stays_and_then_it_is_the_very_same(listing: Listing) -> None:
    assert complete(KNOWN, listing) is KNOWN


def test_what_is_listed_as_new_is_new_and_nothing_else_takes_that_away() -> None:
    crossed = replace(KNOWN, kind=Kind.CROSS)
    assert complete(crossed, told()).kind is Kind.NEW
    assert complete(crossed, told(kind=Kind.REPLACEMENT)).kind is Kind.CROSS
    assert complete(KNOWN, told(kind=Kind.CROSS)).kind is Kind.NEW


def test_each_state_of_a_paper_has_a_number_of_its_own_whatever_its_version() -> None:
    states = {state_of(paper) for paper in (BARE, KNOWN, replace(KNOWN, counts=Counts(4)))}
    assert len(states) == 3
    assert state_of(replace(KNOWN, version=7)) in states
    assert all(1 < state < 2**31 for state in states)


@given(st.lists(st.text("abc", min_size=1, max_size=2), max_size=40))
def test_no_id_and_no_category_is_ever_lost_nor_do_they_grow_without_end(names: list[str]) -> None:
    better = complete(KNOWN, told(ids=tuple(names), categories=tuple(names)))
    assert better.ids[:1] == KNOWN.ids
    assert better.categories[:1] == KNOWN.categories
    assert max(len(better.ids), len(better.categories)) <= 20
    assert set(better.ids) - set(KNOWN.ids) <= set(names)
