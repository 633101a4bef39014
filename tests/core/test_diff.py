"""What is fresh and what was seen (B32, B34, B35)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.texts import unhurried
from worker.core.complete import state_of
from worker.core.diff import Diff, diff
from worker.core.identity import keys, normalise_id
from worker.model import Counts, Kind, Listing, Paper, PaperNumber, Seen

DAY = date(2025, 9, 8)
NOBODY: Mapping[str, Seen] = {}


class Log:
    """The paper log as its port describes it, reduced to what a diff needs."""

    def __init__(self) -> None:
        self.papers: list[Paper] = []

    def take_in(self, listings: Sequence[Listing]) -> Diff:
        kept = {paper.number: paper for paper in self.papers}
        after = PaperNumber(len(self.papers))
        found = diff(listings, self.known(), after, DAY, kept=kept)
        self.papers += found.fresh
        for paper in found.completed:
            self.papers[paper.number - 1] = paper
        return found

    def known(self) -> dict[str, Seen]:
        return {key: Seen(p.number, p.keys) for p in self.papers for key in p.keys}


def listing(title: str, *ids: str) -> Listing:
    """As a form gives it when it is finished: ids are keys, each once."""
    return Listing(
        title, f"About {title}.", ids=tuple(sorted({normalise_id(one) or one for one in ids}))
    )


def titles(papers: Iterable[Paper]) -> list[str]:
    return [paper.title for paper in papers]


TITLES = st.sampled_from(["A", "a.", "B", "C", "D d", "D-D", "E"])
IDS = st.sampled_from(["2509.00001", "2509.00002v1", "2509.00002v2", "10.1000/1", "10.1000/2"])
listings_of_any_kind = st.lists(
    st.builds(listing, TITLES)
    | st.builds(listing, TITLES, IDS)
    | st.builds(listing, TITLES, IDS, IDS)
)
papers_with_two_ids = st.lists(
    st.builds(
        lambda n, shown: listing(f"Paper {n}", *_ids(n)[:shown]),
        st.integers(0, 9),
        st.integers(0, 2),
    )
)


def _ids(number: int) -> tuple[str, str]:
    return f"2509.{number:05}", f"10.1000/{number}"


# --- rules that hold for every edition --------------------------------------


@unhurried
@given(listings_of_any_kind)
def test_an_edition_read_again_has_nothing_fresh_and_nothing_to_learn(
    listings: list[Listing],
) -> None:
    log = Log()
    first, again = log.take_in(listings), log.take_in(listings)
    assert len(first.fresh) + len(first.seen) == len(listings)
    assert again.fresh == ()
    assert again.learned == {}
    assert again.completed == ()
    assert [entry for entry, _ in again.seen] == listings


@unhurried
@given(listings_of_any_kind, st.integers(0, 10))
def test_two_editions_find_what_one_edition_of_both_finds(
    listings: list[Listing], cut: int
) -> None:
    whole, parts = Log(), Log()
    seen = whole.take_in(listings).seen
    found = [parts.take_in(part) for part in (listings[:cut], listings[cut:])]
    assert [replace(paper, version=1) for paper in parts.papers] == whole.papers
    assert found[0].seen + found[1].seen == seen


@unhurried
@given(papers_with_two_ids, st.data())
def test_the_order_of_the_listings_does_not_decide_which_papers_there_are(
    listings: list[Listing], data: st.DataObject
) -> None:
    shuffled = data.draw(st.permutations(listings))
    assert _papers_of(shuffled) == _papers_of(listings)


def _papers_of(listings: Sequence[Listing]) -> set[tuple[str, frozenset[str]]]:
    log = Log()
    log.take_in(listings)
    return {(paper.title, frozenset(paper.keys)) for paper in log.papers}


@unhurried
@given(listings_of_any_kind, listings_of_any_kind)
def test_nothing_is_ever_unseen(one: list[Listing], other: list[Listing]) -> None:
    log = Log()
    log.take_in(one)
    before = log.known()
    log.take_in(other)
    after = log.known()
    assert all(after[key].number == seen.number for key, seen in before.items())
    assert all(set(seen.keys) <= set(after[key].keys) for key, seen in before.items())
    assert all(key in after for entry in one + other for key in keys(entry))


@unhurried
@given(listings_of_any_kind)
def test_papers_are_numbered_without_a_gap_and_no_key_has_two_owners(
    listings: list[Listing],
) -> None:
    log = Log()
    log.take_in(listings)
    assert [paper.number for paper in log.papers] == list(range(1, len(log.papers) + 1))
    owned = [key for paper in log.papers for key in paper.keys]
    assert len(owned) == len(set(owned))
    assert all(paper.keys for paper in log.papers)


# --- single cases -----------------------------------------------------------


def test_fresh_papers_are_numbered_in_the_order_of_the_edition_and_carry_its_day() -> None:
    found = diff([listing("B"), listing("A")], NOBODY, PaperNumber(7), DAY)
    assert [(p.number, p.title, p.day) for p in found.fresh] == [(8, "B", DAY), (9, "A", DAY)]


def test_a_fresh_paper_holds_all_that_its_listing_told() -> None:
    told = Listing(
        "T",
        "a",
        authors=("Ann",),
        ids=("arxiv:2509.00001",),
        url="https://x.org",
        categories=("cs.CV",),
        published=DAY,
    )
    assert diff([told], NOBODY, PaperNumber(0), DAY).fresh == (
        Paper(
            PaperNumber(1),
            DAY,
            ("arxiv:2509.00001", "title:t"),
            "T",
            "a",
            ("Ann",),
            ("arxiv:2509.00001",),
            "https://x.org",
            ("cs.CV",),
            DAY,
        ),
    )


def test_a_repeat_inside_one_edition_is_seen_under_the_number_of_the_first() -> None:
    first, repeat = listing("A", "2509.00001v1"), listing("Other title", "2509.00001v2")
    found = diff([first, listing("B"), repeat], NOBODY, PaperNumber(0), DAY)
    assert titles(found.fresh) == ["A", "B"]
    assert found.seen == ((repeat, 1),)
    assert found.fresh[0].keys == ("arxiv:2509.00001", "title:a", "title:othertitle")
    assert found.learned == {}


def test_one_title_with_two_arxiv_ids_is_two_papers() -> None:
    log = Log()
    log.take_in([listing("A", "2509.00001"), listing("A", "2509.00002")])
    assert len(log.papers) == 2
    assert log.take_in([listing("A"), listing("A", "2509.00002v3")]).fresh == ()


def test_one_title_with_two_dois_is_two_papers_unless_they_share_an_arxiv_id() -> None:
    two = [listing("A", "10.1000/1"), listing("A", "10.1000/2")]
    assert len(diff(two, NOBODY, PaperNumber(0), DAY).fresh) == 2
    one = [listing("A", "10.1000/1", "2509.00001"), listing("A", "10.1000/2", "2509.00001")]
    assert len(diff(one, NOBODY, PaperNumber(0), DAY).fresh) == 1


def test_one_doi_with_two_arxiv_ids_is_two_papers() -> None:
    two = [listing("A", "10.1000/1", "2509.00001"), listing("B", "10.1000/1", "2509.00002")]
    assert len(diff(two, NOBODY, PaperNumber(0), DAY).fresh) == 2


def test_ids_of_different_kinds_do_not_keep_one_title_apart() -> None:
    one = [listing("A", "10.1000/1"), listing("A", "2509.00001")]
    assert len(diff(one, NOBODY, PaperNumber(0), DAY).fresh) == 1


def test_a_paper_first_seen_without_an_id_gains_it_and_then_keeps_others_off() -> None:
    log = Log()
    log.take_in([listing("A")])
    assert log.take_in([listing("A", "2509.00001")]).learned == {1: ("arxiv:2509.00001",)}
    assert titles(log.take_in([listing("A", "2509.00002")]).fresh) == ["A"]
    assert log.take_in([listing("Renamed", "2509.00001")]).seen[0][1] == 1


def test_a_shorter_or_an_empty_edition_changes_nothing() -> None:
    log = Log()
    log.take_in([listing("A"), listing("B")])
    known = log.known()
    for shorter in ([listing("B")], []):
        assert log.take_in(shorter).fresh == ()
        assert log.known() == known


# --- what a later listing completes ------------------------------------------


def test_a_later_file_completes_the_paper_under_its_number_and_day() -> None:
    log = Log()
    log.take_in([listing("A"), listing("B")])
    told = replace(listing("A", "arxiv:2509.00001"), authors=("Ada Ito",), counts=Counts(upvotes=3))
    (better,) = log.take_in([told]).completed
    assert (better.number, better.day, better.version) == (1, DAY, state_of(better))
    assert (better.authors, better.ids, better.counts.upvotes) == (
        ("Ada Ito",),
        ("arxiv:2509.00001",),
        3,
    )
    assert better.keys == ("title:a", "arxiv:2509.00001")


def test_a_repeat_inside_one_edition_completes_the_fresh_paper_itself() -> None:
    one, more = listing("A", "2509.00001"), replace(listing("A"), authors=("Ada Ito",))
    found = diff([one, more], NOBODY, PaperNumber(0), DAY)
    assert [(paper.authors, paper.version) for paper in found.fresh] == [(("Ada Ito",), 1)]
    assert found.completed == ()


def test_a_paper_that_left_with_the_window_gains_keys_but_is_not_made_again() -> None:
    known = {"title:a": Seen(PaperNumber(1), ("title:a",))}
    found = diff([listing("A", "2509.00001")], known, PaperNumber(1), DAY)
    assert (found.fresh, found.completed) == ((), ())
    assert found.learned == {1: ("arxiv:2509.00001",)}


# --- cross-lists and replacements --------------------------------------------


def of_kind(kind: Kind, title: str, *ids: str) -> Listing:
    return replace(listing(title, *ids), kind=kind)


CROSS, REPLACED = (
    of_kind(Kind.CROSS, "A", "2509.00001"),
    of_kind(Kind.REPLACEMENT, "B", "2509.00002"),
)


def test_a_cross_list_or_replacement_nobody_asked_for_leaves_no_trace() -> None:
    found = diff([CROSS, REPLACED], NOBODY, PaperNumber(0), DAY)
    assert found == Diff((), (), {}, (), (CROSS, REPLACED))


def test_a_paper_that_was_only_cross_listed_is_new_when_it_is_announced_or_listed() -> None:
    log = Log()
    log.take_in([CROSS])
    assert titles(log.take_in([listing("A", "2509.00001")]).fresh) == ["A"]


def test_those_that_are_asked_for_are_papers_marked_as_such() -> None:
    found = diff(
        [CROSS, REPLACED], NOBODY, PaperNumber(0), DAY, wanted=frozenset(Kind), source="arxiv"
    )
    assert [(paper.kind, paper.source) for paper in found.fresh] == [
        (Kind.CROSS, "arxiv"),
        (Kind.REPLACEMENT, "arxiv"),
    ]


def test_a_replacement_of_a_seen_paper_is_seen_whatever_is_asked_for() -> None:
    log = Log()
    log.take_in([listing("B", "2509.00002v1")])
    found = log.take_in([of_kind(Kind.REPLACEMENT, "B, improved", "2509.00002v2")])
    assert (found.fresh, len(found.seen), found.unasked) == ((), 1, ())


@pytest.mark.parametrize("wanted", [frozenset({Kind.NEW}), frozenset(Kind)])
def test_what_is_cross_listed_first_and_new_further_down_is_new(wanted: frozenset[Kind]) -> None:
    new = listing("A", "2509.00001")
    cross = replace(new, kind=Kind.CROSS)
    found = diff([cross, new], NOBODY, PaperNumber(0), DAY, wanted=wanted)
    assert [paper.kind for paper in found.fresh] == [Kind.NEW]
    assert (found.seen, found.unasked) == (((cross, PaperNumber(1)),), ())


def test_a_link_to_another_paper_does_not_make_that_one_seen() -> None:
    log = Log()
    log.take_in([Listing("A", "", ids=("arxiv:2509.00001", "arxiv:2509.00003"))])
    assert titles(log.take_in([listing("The real one", "2509.00003")]).fresh) == ["The real one"]


# --- titles with LaTeX --------------------------------------------------------


def test_a_title_is_one_with_its_latex_its_readable_form_and_what_a_dump_left_of_it() -> None:
    readable = replace(listing("Learning Z⋅Z"), as_listed="Learning $Z\\cdot Z$")
    for other in ("Learning ZcdotZ", "Learning Z⋅Z", "Learning $Z\\cdot Z$"):
        log = Log()
        log.take_in([readable])
        assert log.take_in([listing(other)]).fresh == (), other
        log = Log()
        log.take_in([listing(other)])
        assert log.take_in([readable]).fresh == (), other
