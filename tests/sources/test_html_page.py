"""A web page as a daily file: what kind it is, of which day, and whether it is whole."""

from __future__ import annotations

import re
from datetime import date
from time import process_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.sources.daily import page as hf_text_page
from tests.sources.web import CORPUS, MONDAY, carrying, outcome, page, parsed, saved, titles
from tests.texts import texts
from worker.model import Edition, Incomplete, Unreadable
from worker.sources.finish import finished
from worker.sources.html_page import FORM, recognise

PAGES = sorted(path.stem for path in CORPUS.glob("*.html"))
WHOLE = [name for name in PAGES if name not in ("bad_gateway", "digest_fragment")]
LINK = '<p><a href="https://arxiv.org/abs/2509.90051">A Paper on Doors</a></p>'


def reason(html: str) -> str:
    refused = outcome(html)
    assert isinstance(refused, Unreadable)
    return str(refused)


# --- which files are pages --------------------------------------------------


@pytest.mark.parametrize("name", PAGES)
def test_every_page_is_recognised(name: str) -> None:
    assert recognise(saved(name))


@pytest.mark.parametrize(
    "text",
    [
        "\n <!DOCTYPE HTML PUBLIC><p>", "<HTML>", '<?xml version="1.0"?>\n<!DOCTYPE html>',
        "<!-- saved from url=(0014)about:internet -->\n<html>", "<div dir='ltr'>x</div>", "<p>x",
        "<table><tr><td>x", "<h1>x</h1>", "<!-- a mail --><p>x</p>",
    ],
)  # fmt: skip
def test_a_page_is_known_by_its_first_tag(text: str) -> None:
    assert recognise(text)


@pytest.mark.parametrize(
    "text",
    [
        '<?xml version="1.0"?><rss>', "<rss version='2.0'>", "<feed xmlns='…'>", "<rdf:RDF>",
        "<article-set>", "a < b", "[]", '{"html": "<p>"}', "<think>", "", hf_text_page("A", "B."),
        '<p align="center"><img></p>\n\n# Papers\n\n- [A](https://arxiv.org/abs/2509.1)',
        "<h1>Papers</h1>\n\n## Today\n",
    ],
)  # fmt: skip
def test_feeds_markdown_and_other_texts_are_no_pages(text: str) -> None:
    assert not recognise(text)


def test_the_form_says_that_entities_are_decoded() -> None:
    assert FORM.markup


# --- pages without papers ---------------------------------------------------


@pytest.mark.parametrize(
    ("html", "named"),
    [
        (saved("bad_gateway"), "502 Bad Gateway"),
        (page("<p>Checking your browser</p>", "Just a moment..."), "Just a moment..."),
        (page("<form><input></form>", "Log in – Mail &amp; more"), "Log in – Mail & more"),
        (page("<h1>Sorry, you are rate limited</h1>", ""), "Sorry, you are rate limited"),
        (page("", ""), "untitled"),
        ("<div>Nothing <b>here</b></div>", "Nothing here"),
        (page(LINK, "404 Not Found"), "404 Not Found"),
        (page(LINK, "Attention Required! | Cloudflare"), "Attention Required! | Cloudflare"),
    ],
)  # fmt: skip
def test_a_page_without_papers_is_said_to_be_that(html: str, named: str) -> None:
    assert reason(html) == f"file: a web page without papers: “{named}”"


def test_a_news_mail_without_papers_is_said_to_be_that() -> None:
    news = '<h1>AI this week</h1><p><a href="https://news.example/a">A robot danced</a></p>'
    assert reason(page(news, "News")) == "file: a web page without papers: “News”"


def test_a_long_title_is_shown_in_part() -> None:
    assert len(reason(page("", "x" * 9_999))) < 150


def test_a_page_that_says_that_its_day_has_no_papers_is_an_empty_day() -> None:
    edition = parsed(page("<h1>Daily Papers</h1><p>No papers on this day</p>", "Daily Papers"))
    assert (edition.listings, edition.rejected) == ((), ())
    assert edition.notes == ("The page says that there are no papers on its day.",)
    assert "without papers" in reason(page("<p>No papers today</p>", "The Gazette"))


# --- the day ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("head", "body"),
    [
        ('<link rel="canonical" href="https://x.org/papers/date/2025-09-08">', ""),
        ('<meta property="og:url" content="https://x.org/papers?date=2025-09-08">', ""),
        ("", "<h1>Monday, 8 September 2025</h1>"), ("", "<h2>Sept. 8th, 2025</h2>"),
        ("", "<h1>Papers</h1><h2>2025年9月8日</h2>"), ("", "<time datetime='2025-09-08T06:00Z'>"),
        ("", "<div>September 8, 2025</div>"), ("", "<p>Sep 8</p>"), ("", "<p># 2025-09-08 #</p>"),
    ],
)  # fmt: skip
def test_the_day_is_what_the_page_says(head: str, body: str) -> None:
    assert parsed(page(f"{body}{LINK}", head=head)).day == MONDAY


def test_the_day_may_be_in_the_title_or_where_a_browser_saved_it_from() -> None:
    assert parsed(page(LINK, "Papers of 2025-09-08")).day == MONDAY
    mark = "<!-- saved from url=(0045)https://huggingface.co/papers/date/2025-09-08 -->"
    assert parsed(page(LINK).replace("<html>", f"{mark}\n<html>")).day == MONDAY


def test_the_address_counts_more_than_other_dates_and_a_name_more_than_all() -> None:
    address = '<link rel="canonical" href="https://x.org/2025-09-08">'
    html = page(f"<h1>Until 2025-09-01</h1>{LINK}", head=address)
    assert parsed(html).day == MONDAY
    assert parsed(html, "2025-09-05.html").day == date(2025, 9, 5)
    assert parsed(page(f"<p>Sep 8</p>{LINK}"), "2025-09-05.html").day == date(2025, 9, 5)


def test_without_any_date_it_is_the_day_that_the_file_was_saved_on() -> None:
    assert parsed(page(LINK)).day == date(2025, 9, 9)
    assert "February 2025 has no day 30" in reason(page(f"<h1>30 February 2025</h1>{LINK}"))


def test_a_date_without_a_year_is_near_the_newest_day() -> None:
    html = page(f"<p>Sep 8</p>{LINK}")
    assert parsed(html, newest=date(2024, 9, 6)).day == date(2024, 9, 8)


# --- the source -------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "source"),
    [
        ("https://huggingface.co/papers", "huggingface"), ("https://www.arxiv.org/a", "arxiv"),
        ("https://letter.example/p/1", "letter.example"), ("", "html"), ("http://[::1", "html"),
    ],
)  # fmt: skip
def test_the_source_is_the_site_or_else_the_form(address: str, source: str) -> None:
    head = f'<link rel="canonical" href="{address}">'
    assert parsed(page(LINK, head=head)).source == source


# --- whole and cut (B24) ----------------------------------------------------


@pytest.mark.parametrize("name", WHOLE)
def test_a_page_cut_anywhere_breaks_off(name: str) -> None:
    html = saved(name)
    end = html.rindex("</html>") + len("</html>")
    assert isinstance(outcome(html[:end]), Edition)
    for cut in range(html.index("<html") + len("<html"), end):
        assert isinstance(outcome(html[:cut]), Incomplete), html[:cut][-60:]


def test_a_page_that_breaks_off_says_what_is_missing_and_what_to_do() -> None:
    assert reason("<html><p>a") == (
        "file: the page breaks off: there is no </html>; wait for the rest, or save it again"
    )
    assert "it ends within a tag" in reason("<html><p>a</p><a href='x")
    assert "it ends within a tag" in reason("<html><!-- </html>")
    assert "a <div> is not closed" in reason("<div><p>a</p>")


def test_a_piece_of_a_page_breaks_off_but_where_all_that_it_opens_is_closed() -> None:
    html = saved("digest_fragment").rstrip()
    for cut in range(1, len(html)):
        if not isinstance(outcome(html[:cut]), Incomplete):
            assert re.search(r"(</[hpul0-9]+>|/>)\n?\Z", html[:cut]), html[:cut][-60:]


@pytest.mark.parametrize(
    "body",
    [
        f"<p>No end tag<p>at all{LINK}".replace("</p>", ""), f"<ul><li>a<li>{LINK}</ul>",
        f"<br><img src=x><hr/><svg><path d='M1'/></svg>{LINK}", f"{LINK}</div> stray",
    ],
)  # fmt: skip
def test_what_html_does_not_ask_to_close_need_not_be_closed(body: str) -> None:
    assert titles(body) == ["A Paper on Doors"]


# --- hostile pages (B38, B50) -----------------------------------------------


@pytest.mark.parametrize(
    "html",
    [
        "<b>" * 50_000 + LINK + "</b>" * 50_000, "<div>" * 50_000 + LINK + "</div>" * 50_000,
        f'<p title="{"x" * 1_000_000}">a</p>{LINK}', f"<p {'a=1 ' * 250_000}>a</p>{LINK}",
        "<p><font color=x>" * 30_000 + "</font>" * 30_000 + LINK,
        "<article>" * 40_000 + LINK + "</article>" * 40_000,
        "<dl><dt><dd><div class=list-title>" * 20_000 + "</div>" * 20_000 + "</dl>" * 20_000 + LINK,
        "<h1>" * 40_000 + LINK + "</h1>" * 40_000, "<p>" + LINK[3:-4] * 9_000 + "</p>",
        "<a href=https://arxiv.org/abs/2509.90051>A b</a><br>" * 10_000,
        "".join(f"<h{n % 6 + 1}>{LINK.replace('90051', str(10000 + n))}</h{n % 6 + 1}>"
                for n in range(4_000)),
        "<p>" + " " * 1_000_000 + "</p>" + LINK, "<p>" + "<b> </b>" * 60_000 + "</p>" + LINK,
        "<p>" + "&#" + "9" * 500_000 + ";" + "&amp" * 100_000 + "</p>" + LINK,
        "<p>" + "".join(f"{LINK[3:-8]} {n}</a> " for n in range(20_000)) + "</p>",
        "<link rel=canonical href='http://a" + "\u0301\u0323" * 100_000 + ".org'>" + LINK,
        "<h2>A b</h2>" + LINK + "<p>Authors: a" + "()" * 500_000 + "b</p>",
        "<script type='application/ld+json'>" + '{"@type":' * 60 + "[" + "1," * 1_900_000 + "1]"
        + "}" * 60 + "</script>" + LINK,
        carrying(dailyPapers=[[[]] * 50_000]), f"<p>{'a: ' * 200_000}</p>{LINK}",
    ],
)  # fmt: skip
def test_a_hostile_page_takes_no_more_time_than_its_length(html: str) -> None:
    started = process_time()
    outcome(html if html.startswith("<!") else page(html))
    assert process_time() - started < 5


@pytest.mark.parametrize("opened", ["<", "<!--", "<a ", "<a b='", "</a", "<script>", "<![CDATA["])
def test_a_page_of_beginnings_only_takes_no_time(opened: str) -> None:
    started = process_time()
    outcome("<html>" + opened * (900_000 // len(opened)))
    assert process_time() - started < 5


def test_a_page_of_a_million_tags_is_none() -> None:
    assert "more than 1,000,000 tags" in reason("<b>" * 1_000_001)


def test_json_that_is_too_deep_is_no_list_of_papers() -> None:
    deep = "[" * 100_000 + "]" * 100_000
    html = page(f'<div data-target="DailyPapers" data-props="{{&quot;dailyPapers&quot;:{deep}}}">')
    assert "without papers" in reason(html)


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from(PAGES), st.integers(0, 8_000), st.integers(0, 60),
    st.sampled_from(["<", ">", '"', "'", "&", "</a>", "<p>", "<!--", "\0", "&#0;"]) | texts,
)  # fmt: skip
def test_whatever_is_done_to_a_page_it_is_an_edition_or_refused(
    name: str, at: int, length: int, put: str
) -> None:
    html = saved(name)
    at %= len(html)
    edition = outcome(html[:at] + put + html[at + length :])
    if isinstance(edition, Edition):
        assert all(finished(listing).title for listing in edition.listings)


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.sampled_from(["<p>", "<a href='/papers/2509.90001'>", "</a>", "<html>"]) | texts)
)
def test_any_text_is_an_edition_or_refused(parts: list[str]) -> None:
    assert isinstance(outcome("<p>" + "".join(parts)), Edition | Unreadable)
