"""The Daily Papers page as html2text, lynx and w3m write it (B23, B24, B32, B40, B46, B50)."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.sources.daily import ROOT, SEEDS, daily_file
from tests.texts import texts, unhurried
from worker.model import Edition, Incomplete, Unreadable
from worker.sources import hf_links
from worker.sources.unpack import text_of

CORPUS = ROOT / "tests" / "corpus" / "hf_links"
SEP_9 = date(2025, 9, 9)
ABSTRACT = (
    "Long boats are hard to steer when the wind turns, as we show in [0, 1) and in [3] for all of "
    "them. We propose a rudder that listens to the wind, and measure 12% less drift on three "
    "lakes. "
    "The code is at https://example.org/rudder."
)
TITLES = [
    "Rudders That Listen: Steering Long Boats by the Sound of the Wind and of the Water",
    "A Short History of Knots",
    "Lanterns: Seeing at Sea",
]
IDS = ["2509.01234", "2509.02345", "2509.03456"]
WITH_ABSTRACTS = ("numbered", "references", "inline", "lynx", "w3m", "below")
LISTS = ("list-references", "list-inline", "list-lynx", "list-w3m")
HEAD = "# Daily Papers\n\n## by[AK](/akhaliq) and the research community\n\nSep 9\n\n"


def read(name: str) -> str:
    return (CORPUS / f"{name}.txt").read_text(encoding="utf-8")


def parsed(text: str, name: str = "papers.txt") -> Edition:
    return hf_links.parse(text_of(daily_file(text, name), None))


def outcome(text: str) -> Edition | Unreadable:
    try:
        return parsed(text)
    except Unreadable as refused:
        return refused


def card(number: str, title: str, abstract: str, upvotes: str = "7") -> str:
    page = f"/papers/{number}"
    return (
        f"[{upvotes}](/login?next=%2Fpapers%2F{number})\n\n### [{title}]({page})\n\n"
        f"[{abstract}]({page})\n\n[\n\n  * 3 authors\n\n]({page})\n\n·\n\nAug 30\n\n"
    )


@pytest.mark.parametrize("name", WITH_ABSTRACTS)
def test_every_program_s_text_of_one_page_gives_the_same_papers(name: str) -> None:
    text = read(name)
    edition = parsed(text)
    assert hf_links.recognise(text)
    assert (edition.day, edition.format, edition.source) == (SEP_9, "hf-links", "huggingface")
    assert [listing.title for listing in edition.listings] == TITLES
    assert {listing.abstract for listing in edition.listings} == {ABSTRACT}
    assert [listing.ids for listing in edition.listings] == [(f"arxiv:{id_}",) for id_ in IDS]
    assert [listing.url.rsplit("/")[-1] for listing in edition.listings] == IDS
    assert (edition.rejected, edition.notes) == ((), ())


@pytest.mark.parametrize("name", [*WITH_ABSTRACTS, *LISTS])
def test_upvotes_stand_before_a_title_and_comments_behind(name: str) -> None:
    counts = [(one.counts.upvotes, one.counts.comments) for one in parsed(read(name)).listings]
    assert counts == [(65, 6), (0, 1 if name in LISTS else None), (24, 1)]


@pytest.mark.parametrize("name", WITH_ABSTRACTS)
def test_the_date_of_a_paper_is_not_the_page_s(name: str) -> None:
    published = [listing.published for listing in parsed(read(name)).listings]
    assert published == [date(2025, 8, 30), date(2024, 3, 8), date(2025, 9, 1)]


@pytest.mark.parametrize("name", LISTS)
def test_the_list_view_has_titles_alone(name: str) -> None:
    edition = parsed(read(name))
    assert [(one.title, one.abstract) for one in edition.listings] == [(t, "") for t in TITLES]
    assert (edition.rejected, edition.notes) == ((), ())


def test_without_the_addresses_the_headings_are_titles_and_a_note_says_so() -> None:
    edition = parsed(read("numbered").split("[1]: ")[0])
    assert [listing.title for listing in edition.listings] == TITLES
    assert [listing.ids for listing in edition.listings] == [()] * 3
    assert [(one.counts.upvotes, one.counts.comments) for one in edition.listings] == [
        *((65, 6), (0, None), (24, 1))
    ]
    assert "addresses of the links are missing" in edition.notes[0]


@pytest.mark.parametrize("abstract", ["Of [0, 1) it.", "Of (0, 1] it.", "Of [a][b it.", "[3] it."])
def test_a_bracket_in_an_abstract_is_part_of_it(abstract: str) -> None:
    text = HEAD + card("2509.01234", "Alpha", abstract) + card("2509.02345", "Beta", "B.")
    assert [(one.title, one.abstract) for one in parsed(text).listings] == [
        ("Alpha", abstract),
        ("Beta", "B."),
    ]


def test_an_abstract_that_is_no_link_ends_where_the_organisation_is_one() -> None:
    text = (
        f"{HEAD}Submitted by\n\nskipper\n\n"
        "### [Alpha](https://huggingface.co/papers/2509.01234)\n\nWe show [CLS]\nand more. [3]\n\n"
        "[Some Lab](https://huggingface.co/lab) · Published on Sep 1\n\n"
        "[Upvote\n\n117](/login?next=%2Fpapers%2F2509.01234)\n\n"
        "[GitHub 3.29k](https://github.com/example/alpha) [arXiv Page](https://arxiv.org/abs/2)\n"
    )
    (listing,) = parsed(text).listings
    assert listing.abstract == "We show [CLS] and more. [3]"
    assert (listing.counts.upvotes, listing.counts.stars) == (117, 3290)
    assert listing.published == date(2025, 9, 1)


def test_a_card_that_is_shown_twice_is_one_paper() -> None:  # B32
    one = card("2509.01234", "Alpha", "A.")
    edition = parsed(HEAD + one + one + card("2509.02345", "Beta", "B."))
    assert [listing.title for listing in edition.listings] == ["Alpha", "Beta"]


def test_a_page_that_says_it_has_no_papers_is_an_empty_day() -> None:
    edition = parsed(HEAD + "No papers for this day\n")
    assert (edition.listings, edition.day) == ((), SEP_9)
    assert edition.notes


def test_a_page_without_papers_that_does_not_say_so_may_be_cut() -> None:
    with pytest.raises(Incomplete, match="no papers below the header"):
        parsed(HEAD)


# --- what is recognised ---------------------------------------------------------


@pytest.mark.parametrize("seed", SEEDS)
def test_the_page_as_plain_text_is_another_form(seed: Path) -> None:
    assert not hf_links.recognise(seed.read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Daily Papers\n\nSep 9\n\nAlpha\n\nWe show that. [1] And [2] and [3].",
        "## Daily Papers (2025-09-09)\n\n### [A](https://arxiv.org/abs/2509.01234)\n" * 3,
        "# Daily Papers\n\n- [A](https://arxiv.org/abs/2509.01234)\n" * 3,
        '[{"paper": {"id": "2509.01234"}}]',
    ],
)
def test_what_is_no_such_page_is_not_claimed(text: str) -> None:
    assert not hf_links.recognise(text)


# --- cut and broken --------------------------------------------------------------


@unhurried
@given(st.sampled_from(["numbered", "references", "lynx", "w3m"]), st.integers(0, 6_000))
def test_a_cut_list_of_addresses_is_incomplete_or_the_note_says_so(  # B24
    name: str, length: int
) -> None:
    text = read(name)
    end = text.index("Lanterns") + length % (len(text.rstrip()) - text.index("Lanterns"))
    found = outcome(text[:end])
    silent = isinstance(found, Edition) and not (found.notes or found.rejected)
    assert not silent or _is_whole(found)
    assert isinstance(found, Edition | Incomplete)


@unhurried
@given(st.sampled_from(["inline", "below", "list-inline"]), st.integers(0, 6_000))
def test_a_cut_page_is_reported_unless_it_ends_between_two_links(  # B24
    name: str, length: int
) -> None:
    text = read(name)
    end = text.index("Daily\n") + length % (len(text) - text.index("Daily\n"))
    found = outcome(text[:end])
    if isinstance(found, Unreadable) or found.rejected or found.notes:
        return
    whole = [(one.title, one.abstract) for one in parsed(text).listings]
    kept = [(one.title, one.abstract) for one in found.listings]
    assert kept[:-1] == whole[: len(kept) - 1]
    assert whole[len(kept) - 1][1].startswith(kept[-1][1])


def _is_whole(found: Edition | Unreadable) -> bool:
    return isinstance(found, Edition) and [one.title for one in found.listings] == TITLES


@unhurried
@given(st.sampled_from((*WITH_ABSTRACTS, *LISTS)), st.integers(0, 3000), texts)
def test_no_text_amid_a_page_raises_anything_but_unreadable(  # B50
    name: str, at: int, noise: str
) -> None:
    text = read(name)
    mutated = (text[:at] + noise + text[at + 5 :]).encode("utf-8", "replace").decode()
    found = outcome(mutated)
    assert isinstance(found, Edition) or found.reasons


@pytest.mark.parametrize(
    "unit", ["[", "]", "](", "[a](b)", "][1]", "[1]", "\n", "![", "[ ]\n-\n", "·", "[1]: a\n"]
)
def test_a_page_full_of_one_sign_takes_no_quadratic_time(unit: str) -> None:  # B46
    text = HEAD + card("2509.01234", "Alpha", "A.") + (unit * 200_000)[:200_000]
    start = process_time()
    hf_links.recognise(text)
    outcome(text)
    assert process_time() - start < 5
