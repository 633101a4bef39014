"""Papers in a JSON Feed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.sources.daily import MODIFIED
from tests.texts import texts, unhurried
from worker.model import Edition, Incomplete, Unreadable
from worker.sources.finish import finished
from worker.sources.form import Text
from worker.sources.json_feed import FORM, parse, recognise

ITEM: dict[str, object] = {
    "id": "https://arxiv.org/abs/2509.01234",
    "url": "https://arxiv.org/abs/2509.01234",
    "title": "Alpha &amp; Beta",
    "content_html": "<p>We show that 1 &lt; 2.</p><p>And <b>more</b>.</p>",
    "authors": [{"name": "Ann Lee", "url": "https://example.org/ann"}, {"name": "Bo Chen"}],
    "tags": ["cs.CL", "cs.LG"],
    "date_published": "2025-09-05T17:00:00Z",
}
FEED: dict[str, object] = {
    "version": "https://jsonfeed.org/version/1.1",
    "title": "Papers",
    "home_page_url": "https://www.example.org/papers",
    "feed_url": "https://feeds.example.net/papers.json",
    "items": [ITEM],
}


def parsed(**changed: object) -> Edition:
    return parse(Text(json.dumps({**FEED, **changed}), "feed.json", MODIFIED, None))


def test_an_item_is_a_paper() -> None:
    edition = parsed()
    (paper,) = edition.listings
    assert (edition.format, edition.source) == ("json-feed", "example.org")
    assert paper.title == "Alpha & Beta"
    assert paper.abstract == "We show that 1 < 2.\n\nAnd more."
    assert paper.authors == ("Ann Lee", "Bo Chen")
    assert paper.categories == ("cs.CL", "cs.LG")
    assert paper.published == date(2025, 9, 5)
    assert finished(paper).ids == ("arxiv:2509.01234", *finished(paper).ids[1:])


def test_text_comes_before_html_and_a_summary_last() -> None:
    both = {**ITEM, "content_text": "We &lt; ask.", "summary": "Short."}
    short = {"title": "Gamma", "summary": "Short.", "external_url": "https://example.org/g"}
    first, second = parsed(items=[both, short]).listings
    assert first.abstract == "We < ask."
    assert (second.abstract, second.url) == ("Short.", "https://example.org/g")


def test_its_day_is_that_of_the_newest_item() -> None:
    later = {**ITEM, "date_published": "2025-09-07T01:00:00Z"}
    never = {**ITEM, "date_published": "2099-01-01T00:00:00Z"}
    assert parsed(items=[ITEM, later, never, ITEM]).day == date(2025, 9, 7)
    assert parsed(items=[]).day == MODIFIED.date()


@pytest.mark.parametrize(
    ("page", "source"),
    [
        ("https://rss.arxiv.org/rss/cs.CL", "arxiv"),
        ("https://huggingface.co/papers", "huggingface"),
        ("https://notarxiv.org/", "notarxiv.org"),
        ("http://[", "feeds.example.net"),
        (5, "feeds.example.net"),
    ],
)
def test_the_source_is_whose_page_it_is(page: object, source: str) -> None:
    assert parsed(home_page_url=page).source == source
    assert parsed(home_page_url=None, feed_url=None).source == "json-feed"


def test_an_item_without_a_title_is_set_aside() -> None:
    edition = parsed(items=[ITEM, {"id": "5", "content_text": "A note"}, 7])
    assert [one.where for one in edition.rejected] == ["item 2", "item 3"]
    assert len(edition.listings) == 1


def test_a_feed_without_items_is_an_empty_day() -> None:
    assert parsed(items=[]).notes == ("The feed lists no papers.",)


@pytest.mark.parametrize("changed", [{"items": None}, {"items": {}}, {"items": [5, {"id": "x"}]}])
def test_a_feed_that_lists_no_paper_is_refused(changed: Mapping[str, object]) -> None:
    with pytest.raises(Unreadable) as caught:
        parsed(**changed)
    assert not isinstance(caught.value, Incomplete)


def test_a_cut_feed_is_incomplete() -> None:
    """B24."""
    whole = json.dumps(FEED)
    assert recognise(whole)
    for cut in range(1, len(whole)):
        with pytest.raises(Incomplete):
            parse(Text(whole[:cut], "feed.json", MODIFIED, None))


def test_only_a_feed_says_the_version_of_the_format() -> None:
    assert recognise(json.dumps({"items": [], "version": "https://jsonfeed.org/version/1"}))
    assert recognise('{"version":"https:\\/\\/jsonfeed.org\\/version\\/1","items":[]}')
    assert not recognise('[{"title": "On jsonfeed.org/version/1"}]')
    assert not recognise('{"version": "1.1", "papers": []}')


@unhurried
@given(st.integers(0, 700), texts)
def test_no_mutation_raises_anything_else(at: int, piece: str) -> None:
    """B50."""
    whole = json.dumps(FEED)
    with suppress(Unreadable):
        FORM.parse(Text(whole[:at] + piece + whole[at + 1 :], "feed.json", MODIFIED, None))
