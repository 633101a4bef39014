"""Whatever shape a list of papers has in JSON, it is the same edition."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from tests.sources.daily import MODIFIED
from tests.sources.jsonfiles import ALPHA, BETA, SHAPES, api, lines, parsed, text
from worker.model import Counts, Kind
from worker.sources.json_papers import FORM, recognise


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES.keys())
def test_every_shape_gives_the_same_papers(shape: object) -> None:
    assert recognise(text(shape).text)
    edition = parsed(shape)
    alpha, beta = edition.listings
    assert not edition.rejected
    assert (alpha.ids, beta.ids) == (("2509.01234",), ("2509.05678",))
    assert alpha.authors == ("Ann Lee", "Bo Chen")
    assert alpha.abstract == "We show that it holds."
    assert beta.url == "https://example.org/beta"


@pytest.mark.parametrize(
    ("shape", "form"), [("list", "json"), ("lines", "jsonl"), ("python lines", "jsonl")]
)
def test_where_nobody_is_named_the_source_is_the_format(shape: str, form: str) -> None:
    edition = parsed(SHAPES[shape])
    assert (edition.format, edition.source) == (form, form)


def test_one_object_is_one_paper() -> None:
    assert [one.title for one in parsed(BETA).listings] == ["Beta"]


def test_a_paper_listed_twice_stays_listed_twice() -> None:
    """B32: the log joins them."""
    assert len(parsed(lines(ALPHA, BETA, ALPHA)).listings) == 3


# --- the Hugging Face and arXiv ---------------------------------------------


def test_what_the_hugging_face_answers_is_read_whole() -> None:
    edition = parsed([api(ALPHA), api(BETA)])
    first = edition.listings[0]
    assert (edition.format, edition.source) == ("hf-json", "huggingface")
    assert edition.day == date(2025, 9, 8)
    assert first.abstract == "We show that it holds."
    assert first.authors == ("Ann Lee", "Bo Chen")
    assert first.published == date(2025, 9, 5)
    assert first.counts == Counts(upvotes=12, comments=2, stars=3)


def test_what_it_answered_in_2024_says_the_day_elsewhere() -> None:
    record = {
        "paper": {"id": "2405.01234", "title": "A", "publishedAt": "2024-05-24T17:00:00Z"},
        "publishedAt": "2024-05-27T03:50:58.348Z",
        "mediaUrl": "https://example.org/a.png",
    }
    edition = parsed([record])
    assert (edition.format, edition.day) == ("hf-json", date(2024, 5, 27))
    assert edition.listings[0].published == date(2024, 5, 24)


def test_a_flat_record_of_the_hugging_face_is_known_too() -> None:
    flat = {**ALPHA, "upvotes": 3, "submittedOnDailyAt": "2025-09-08T01:00:00Z"}
    edition = parsed([flat])
    assert (edition.format, edition.source, edition.day) == (
        "hf-json",
        "huggingface",
        date(2025, 9, 8),
    )


def test_a_list_scraped_from_the_page_needs_no_abstracts() -> None:
    scraped = {"title": "A", "link": "/papers/2509.01234", "arxiv_id": "2509.01234"}
    edition = parsed([scraped, scraped])
    assert (edition.format, edition.source) == ("json", "huggingface")
    assert edition.listings[0].abstract == ""


def test_what_arxiv_announced_says_how() -> None:
    kinds = ("new", "cross", "replace", "replace-cross")
    papers = [{**ALPHA, "announce_type": kind} for kind in kinds]
    edition = parsed({"date": "2025-09-08", "status": "ok", "count": 4, "papers": papers})
    assert (edition.format, edition.source) == ("arxiv-json", "arxiv")
    assert [one.kind for one in edition.listings] == [
        Kind.NEW,
        Kind.CROSS,
        Kind.REPLACEMENT,
        Kind.REPLACEMENT,
    ]


def test_the_object_round_the_list_may_name_the_source() -> None:
    assert parsed({"source": "arXiv.org RSS", "papers": [ALPHA]}).source == "arxiv"
    assert parsed({"feed": "Hugging Face daily", "papers": [ALPHA]}).source == "huggingface"


# --- the day ----------------------------------------------------------------


def test_what_a_file_says_of_itself_outweighs_its_entries() -> None:
    papers = [{**ALPHA, "date": "2025-09-05"}, {**BETA, "date": "2025-09-05"}]
    assert parsed(papers).day == date(2025, 9, 5)
    assert parsed({"date": "2025-09-08", "papers": papers}).day == date(2025, 9, 8)
    assert parsed({"papers": papers}, "2025-09-06.json").day == date(2025, 9, 6)


def test_a_day_may_be_the_name_of_a_list() -> None:
    assert parsed({"2025-09-04": [ALPHA]}).day == date(2025, 9, 4)


def test_a_file_that_says_no_day_is_of_the_day_it_was_written() -> None:
    assert parsed([ALPHA]).day == MODIFIED.date()


@pytest.mark.parametrize("day", ["0000-00-00", "2026-02-30", "9999-01-01", 1e300, "soon", None])
def test_a_day_that_cannot_be_says_nothing(day: object) -> None:
    """B33."""
    assert parsed([{**ALPHA, "date": day}]).day == MODIFIED.date()


def test_the_day_of_a_revision_is_the_same() -> None:
    """Revisions of one day are simply files."""
    first, later = text([api(ALPHA)]), text([api(ALPHA), api(BETA)])
    later = replace(later, modified=datetime(2025, 9, 12, tzinfo=UTC))
    assert FORM.parse(first).day == FORM.parse(later).day == date(2025, 9, 8)
