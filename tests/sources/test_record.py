"""A paper under whatever names, as whatever values, is the same listing."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.texts import texts, unhurried
from worker.model import Counts, Kind, Listing, Rejected
from worker.sources import fields
from worker.sources.finish import finished
from worker.sources.record import days, listing

NAMES = tuple(
    name
    for known in vars(fields).values()
    if isinstance(known, tuple)
    for name in known
    if isinstance(name, str)
)


def read(**record: object) -> Listing:
    """The listing of a record that has a title, whatever else."""
    paper = listing({"title": "A Paper", **record}, "item 1")
    assert isinstance(paper, Listing), paper
    return paper


# --- titles and abstracts ---------------------------------------------------


@pytest.mark.parametrize("name", ["title", "TITLE", "Paper Title", "paper_title", "paperTitle"])
def test_case_and_signs_in_a_name_do_not_count(name: str) -> None:
    paper = listing({name: "A Paper"}, "item 1")
    assert isinstance(paper, Listing)
    assert paper.title == "A Paper"


def test_a_name_is_a_title_beside_something_else_that_papers_have() -> None:
    assert isinstance(listing({"name": "A Paper", "abstract": "We show."}, "item 1"), Listing)
    assert isinstance(listing({"name": "Ann Lee", "age": 5}, "item 1"), Rejected)


def test_a_record_without_a_title_says_what_it_has_instead() -> None:
    assert listing({"abstract": "We show.", "arXiv-ID": "2509.01234"}, "line 7") == Rejected(
        "line 7", "no title (title, paper_title or name), but abstract, arxivid"
    )
    assert listing({}, "line 8") == Rejected(
        "line 8", "no title (title, paper_title or name), but nothing"
    )


@pytest.mark.parametrize(
    ("title", "kind"),
    [(5, "a number"), (True, "true or false"), (["A", "B"], "a list"), ({"a": "b"}, "an object")],
)
def test_a_title_that_is_no_text_is_said_to_be_none(title: object, kind: str) -> None:
    assert listing({"title": title}, "item 2") == Rejected(
        "item 2", f"the title is no text, but {kind}"
    )


@pytest.mark.parametrize("title", ["", "  ", None, math.nan, "nan", "None", []])
def test_what_stands_for_nothing_is_no_title(title: object) -> None:
    assert isinstance(listing({"title": title, "id": "2509.01234"}, "item 1"), Rejected)


def test_the_only_title_of_a_list_is_the_title() -> None:
    """As Crossref writes it."""
    assert read(title=["The Only One"]).title == "The Only One"


@pytest.mark.parametrize("name", ["abstract", "summary", "Paper Abstract", "description", "annote"])
def test_an_abstract_has_many_names(name: str) -> None:
    assert read(**{name: "We show."}).abstract == "We show."


def test_the_first_name_of_an_abstract_counts_and_paragraphs_are_kept() -> None:
    assert read(summary="Short.", abstract="We show.\n\nMore.").abstract == "We show.\n\nMore."
    assert read(abstract=["We show.", "More."]).abstract == "We show.\nMore."
    assert read(abstract=5, summary="We show.").abstract == "We show."


def test_the_paper_inside_comes_before_what_stands_round_it() -> None:
    paper = listing(
        {
            "paper": {"id": "2509.01234", "title": "Inner", "upvotes": 3},
            "title": "Outer",
            "numComments": 2,
        },
        "item 1",
    )
    assert isinstance(paper, Listing)
    assert (paper.title, paper.ids) == ("Inner", ("2509.01234",))
    assert paper.counts == Counts(upvotes=3, comments=2)


# --- ids and links ----------------------------------------------------------


@pytest.mark.parametrize(
    "record",
    [
        {"id": "2509.01234"},
        {"arxiv_id": "arXiv:2509.01234v2"},
        {"arxivId": "2509.01234"},
        {"Paper ID": "2509.01234"},
        {"doi": "10.48550/arXiv.2509.01234"},
        {"entry_id": "http://arxiv.org/abs/2509.01234v1"},
        {"url": "https://arxiv.org/abs/2509.01234"},
        {"pdf_url": "https://arxiv.org/pdf/2509.01234"},
        {"absLink": "https://arxiv.org/abs/2509.01234"},
        {"link": "https://huggingface.co/papers/2509.01234"},
        {"links": [{"href": "https://arxiv.org/abs/2509.01234v1", "rel": "alternate"}]},
        {"externalIds": {"ArXiv": "2509.01234", "CorpusId": 5}},
    ],
    ids=str,
)
def test_an_arxiv_id_is_found_wherever_it_stands(record: Mapping[str, object]) -> None:
    paper = finished(read(**record))
    assert paper.ids == ("arxiv:2509.01234",)
    assert paper.url.endswith("/2509.01234") or "2509.01234v1" in paper.url


def test_other_ids_are_kept() -> None:
    assert read(DOI="10.1000/182").ids == ("10.1000/182",)
    assert read(pmid=31415926, id="hal-0123456").ids == ("hal-0123456", "pmid:31415926")
    assert read(PMID="31415926").ids == ("pmid:31415926",)


@pytest.mark.parametrize(
    "id_", [2509.1, 2509.01234, 2509, 0, 1, None, "7", "2509.1", [], ["a", "b"]]
)
def test_a_number_is_no_id(id_: object) -> None:
    """B29, B31: as a number, 2509.10000 becomes 2509.1, and rows are numbered too."""
    assert read(id=id_).ids == ()


def test_an_arxiv_id_that_lost_a_zero_is_not_taken_for_another_paper() -> None:
    """B29: 2509.01230 kept as a number is 2509.0123, which since 2015 cannot be an id."""
    assert read(arxiv_id="2509.0123").ids == ()
    assert read(arxiv_id="0704.0156").ids == ("0704.0156",)
    told = read(arxiv_id="2509.0123", url="https://arxiv.org/abs/2509.01230")
    assert finished(told).ids == ("arxiv:2509.01230",)


def test_an_id_is_never_a_path() -> None:
    """B31: it stays a text that no key is made of."""
    assert finished(read(id="../../etc/passwd\n x")).ids == ("../../etc/passwd x",)


def test_links_to_several_papers_tell_no_id() -> None:
    links = ["https://arxiv.org/abs/2509.01234", "https://arxiv.org/abs/2509.05678"]
    assert read(links=links).ids == ()


@pytest.mark.parametrize(
    ("record", "url"),
    [
        ({"link": "/papers/2509.01234"}, "https://huggingface.co/papers/2509.01234"),
        (
            {"link": "/papers/2509.01234", "arxiv_url": "https://arxiv.org/abs/2509.01234"},
            "https://arxiv.org/abs/2509.01234",
        ),
        ({"pdf_url": "https://arxiv.org/pdf/2509.01234"}, ""),
        ({"pdf_url": "https://example.org/paper.pdf"}, "https://example.org/paper.pdf"),
        (
            {"url": "https://example.org/1", "pdf": "https://example.org/1.pdf"},
            "https://example.org/1",
        ),
        ({"url": "javascript:alert(1)", "id": "2509.01234"}, ""),
        ({"url": 5, "link": ["https://example.org/1"]}, "https://example.org/1"),
    ],
)
def test_the_link_is_the_page_of_the_paper(record: Mapping[str, object], url: str) -> None:
    assert read(**record).url == url


# --- the rest ---------------------------------------------------------------


@pytest.mark.parametrize(
    "record",
    [
        {"categories": ["cs.CL", "cs.LG"]},
        {"categories": "cs.CL cs.LG"},
        {"category": "cs.CL, cs.LG"},
        {"Subjects": "Computation and Language (cs.CL); Machine Learning (cs.LG)"},
        {"tags": [{"term": "cs.CL"}, {"term": "cs.LG"}]},
        {"categories": "['cs.CL', 'cs.LG']"},
        {"categories": ["cs.LG", "cs.CL"], "primary_category": "cs.CL"},
        {"cate": "cs.CL;cs.LG"},
    ],
    ids=str,
)
def test_categories_are_read_however_they_are_written(record: Mapping[str, object]) -> None:
    assert read(**record).categories == ("cs.CL", "cs.LG")


def test_words_are_one_category_and_keywords_none() -> None:
    assert read(tags="machine learning, robots").categories == ("machine learning", "robots")
    assert read(keywords="robots", categories=5).categories == ()


@pytest.mark.parametrize(
    ("written", "kind"),
    [
        ("new", Kind.NEW),
        ("cross", Kind.CROSS),
        ("Cross-list", Kind.CROSS),
        ("replace", Kind.REPLACEMENT),
        ("replace-cross", Kind.REPLACEMENT),
        ("replacement", Kind.REPLACEMENT),
        ("article", Kind.NEW),
        (7, Kind.NEW),
    ],
)
def test_what_arxiv_announces_it_as(written: object, kind: Kind) -> None:
    assert read(announce_type=written).kind is kind
    assert read(type=written).kind is kind


@pytest.mark.parametrize(
    ("record", "day"),
    [
        ({"publishedAt": "2025-09-05T17:34:15.000Z"}, date(2025, 9, 5)),
        ({"published": "2025-09-05"}, date(2025, 9, 5)),
        ({"published": 20250905}, date(2025, 9, 5)),
        ({"published": 1757030400}, date(2025, 9, 5)),
        ({"published": 1757030400000}, date(2025, 9, 5)),
        ({"published": datetime(2025, 9, 5, 3, tzinfo=UTC)}, date(2025, 9, 5)),
        ({"updated": "2025-09-05", "published": "2026-02-30"}, date(2025, 9, 5)),
        ({"published": 2025}, None),
        ({"published": "0000-00-00"}, None),
        ({"published": -1e300}, None),
        ({"date": "2025-09-08"}, None),
    ],
    ids=str,
)
def test_when_the_paper_itself_appeared(record: Mapping[str, object], day: date | None) -> None:
    """B33."""
    assert read(**record).published == day


def test_the_day_of_the_edition_is_kept_apart() -> None:
    assert days({"date": "2025-09-08", "published": "2025-09-05"}) == (date(2025, 9, 8),)
    daily = {"paper": {"submittedOnDailyAt": "2025-09-08T01:00:00Z"}, "publishedAt": "2025-09-05"}
    assert days(daily) == (date(2025, 9, 8),)
    assert days({"paper": {"id": "1"}, "publishedAt": "2024-05-27T03:50:58Z"}) == (
        date(2024, 5, 27),
    )
    assert days({"published": "2025-09-05", "date": "soon"}) == ()


def test_counts_are_whole_numbers() -> None:
    assert read(upvotes=3, numComments="1,204", githubStars=7.0).counts == Counts(3, 1204, 7)
    assert read(likes="12", comments="12 pages, 3 figures", score=0.7).counts == Counts(12)
    assert read(upvotes=True, comments=-1, stars=math.inf).counts == Counts()


# --- whatever the values ----------------------------------------------------

scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    texts,
    st.binary(max_size=5),
    st.dates(),
    st.sampled_from(
        ("['", "[{'a': [", "https://arxiv.org/abs/2509.01234", "/papers/", "et al", "1,")
    ),
)
anything = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from((*NAMES, "href", "term", "first")) | texts, inner, max_size=4
        )
    ),
    max_leaves=10,
)


@unhurried
@given(st.dictionaries(st.sampled_from((*NAMES, "paper", "title")), anything, max_size=8))
def test_no_value_is_too_absurd(record: dict[str, object]) -> None:
    paper = listing(record, "item 1")
    days(record)
    if isinstance(paper, Listing):
        assert finished(finished(paper)) == finished(paper)
        assert paper.title.strip()


@pytest.mark.parametrize("name", NAMES)
def test_a_huge_number_breaks_nothing(name: str) -> None:
    """B29: it cannot even be written out."""
    for huge in (10**5000, -(10**5000)):
        paper = listing({"title": "A Paper", name: huge}, "item 1")
        assert isinstance(paper, Listing) == (name != "title")
        assert days({name: huge}) == ()
