"""Feeds: RSS, RDF and Atom, from arXiv and from anybody."""

from __future__ import annotations

from datetime import date
from html import escape
from pathlib import Path
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.sources.daily import MODIFIED, ROOT, daily_file
from tests.texts import texts, unhurried
from worker.model import (
    Counts,
    Edition,
    Incomplete,
    Kind,
    Listing,
    Rejected,
    Unreadable,
)
from worker.sources import feed
from worker.sources.finish import finished
from worker.sources.form import Text
from worker.sources.unpack import text_of

CORPUS = ROOT / "tests" / "corpus" / "feed"
FILES = sorted(CORPUS.iterdir())
ATOM = "http://www.w3.org/2005/Atom"
DIV = '<div xmlns="http://www.w3.org/1999/xhtml">'
LINK = "<link>https://proxy.example/x</link>"


def edition(text: str, name: str = "feed.xml") -> Edition:
    assert feed.recognise(text)
    return feed.parse(Text(text, name, MODIFIED, None))


def read(name: str) -> Edition:
    return edition((CORPUS / name).read_text(encoding="utf-8"), name)


def rss(*items: str, head: str = "") -> str:
    inner = "".join(f"<item>{item}</item>" for item in items)
    return f'<rss version="2.0"><channel>{head}{inner}</channel></rss>'


def atom(*entries: str, head: str = "") -> str:
    inner = "".join(f"<entry>{entry}</entry>" for entry in entries)
    return f'<feed xmlns="{ATOM}">{head}{inner}</feed>'


def only(text: str) -> Listing:
    (listing,) = edition(text).listings
    return listing


def refusal(text: str) -> str:
    with pytest.raises(Unreadable) as refused:
        edition(text)
    return str(refused.value)


# --- arXiv ------------------------------------------------------------------


def test_arxivs_rss_says_what_kind_of_news_each_paper_is() -> None:
    found = read("arxiv.rss")
    assert (found.day, found.format, found.source) == (date(2025, 9, 8), "arxiv-rss", "arxiv")
    kinds = [listing.kind for listing in found.listings]
    assert kinds == [Kind.NEW, Kind.CROSS, Kind.REPLACEMENT, Kind.REPLACEMENT]
    assert not found.rejected
    assert not found.notes


def test_arxivs_abstract_is_bare_and_no_html() -> None:
    paper = read("arxiv.rss").listings[0]
    assert paper.title == "Counting Sheep in $O(n)$: When a<b and c>d"
    written = "Sheep are counted where $p<0.05$ & nothing is lost: if x<b>y then z."
    assert paper.abstract == written
    assert paper.authors == ("Ada Example", 'Bo S\\"oderberg', "The Flock Team")


def test_the_categories_of_arxiv_are_kept_and_codes_of_msc_and_acm_are_not() -> None:
    papers = read("arxiv.rss").listings
    assert papers[0].categories == ("cs.CL", "stat.ML")
    assert papers[1].categories == ("math", "astro-ph.CO")


def test_arxivs_ids_are_found_in_its_guids() -> None:
    text = '<guid isPermaLink="false">oai:arXiv.org:hep-th/9901001v4</guid><title>A</title>'
    assert only(rss(text)).ids == ("arxiv:hep-th/9901001",)
    assert finished(only(rss(text)), markup=True).url == "https://arxiv.org/abs/hep-th/9901001"


def test_the_doi_of_the_published_paper_is_an_id_too() -> None:
    assert read("arxiv.rss").listings[1].ids == ("arxiv:2401.01002", "doi:10.1000/sheep.2")


def test_the_date_of_an_announcement_is_not_that_of_the_paper() -> None:
    assert {paper.published for paper in read("arxiv.rss").listings} == {None}
    assert read("arxiv_announced.atom").listings[0].published is None


def test_arxivs_announcements_as_atom_are_read_as_those_in_rss() -> None:
    found = read("arxiv_announced.atom")
    assert (found.day, found.format, found.source) == (date(2025, 9, 8), "arxiv-atom", "arxiv")
    (paper,) = found.listings
    assert (paper.kind, paper.abstract) == (Kind.CROSS, "Sheep plan their day.")
    assert paper.authors == ("Ada Example", "Bo Sample")
    assert paper.ids == ("arxiv:2509.03001",)


def test_the_titles_of_arxivs_older_feeds_tell_id_category_and_kind() -> None:
    found = read("arxiv_old.rdf")
    assert (found.day, found.format, found.source) == (date(2022, 9, 8), "arxiv-rss", "arxiv")
    new, updated = found.listings
    assert (new.title, new.ids) == ("Herding for Everybody", ("arxiv:2209.01001",))
    assert (new.categories, new.kind) == (("cs.LG",), Kind.NEW)
    assert new.abstract == "We herd everything that there is, and some more."
    assert new.authors == ("Ada Example", "Bo Müller")
    assert (updated.title, updated.kind) == ("Who Herds?", Kind.REPLACEMENT)


def test_an_older_cross_list_is_one() -> None:
    paper = only(rss("<title>A. (arXiv:0801.0001v1 [hep-th] CROSS LISTED)</title>"))
    assert (paper.title, paper.kind) == ("A", Kind.CROSS)


def test_arxivs_api_gives_the_papers_own_date_and_its_doi() -> None:
    found = read("arxiv_api.atom")
    assert (found.day, found.format, found.source) == (date(2025, 9, 8), "arxiv-atom", "arxiv")
    (paper,) = found.listings
    assert paper.title == "Shepherding: Robots That Walk Behind Their Sheep"
    assert paper.ids == ("arxiv:2509.02001", "doi:10.1000/sheep.1")
    assert (paper.published, paper.kind) == (date(2025, 9, 4), Kind.NEW)
    assert paper.authors == ("Ada Example", "Bo Sample")
    assert paper.categories == ("eess.SY", "cs.RO")
    assert paper.url == "http://arxiv.org/abs/2509.02001v2"


def test_an_abstract_of_the_api_is_unwrapped_and_its_indented_paragraphs_are_kept() -> None:
    first, second = read("arxiv_api.atom").listings[0].abstract.split("\n\n")
    assert first == "Robots walk behind sheep, where a<b>c holds and &amp; is how AT&T is written."
    assert second == "A second paragraph is indented."


def test_an_error_of_arxivs_api_is_no_paper() -> None:
    error = "<id>http://arxiv.org/api/errors#bad</id><title>Error</title><summary>bad id</summary>"
    assert refusal(atom(error)) == "file: arXiv reports an error: bad id"


def test_a_feed_of_an_error_is_refused_with_what_it_says() -> None:
    head = "<title>Feed error for query: cs.XX</title><description>Bad archive cs.XX</description>"
    assert refusal(rss(head=head)) == "file: the feed reports an error: Bad archive cs.XX"


# --- others -----------------------------------------------------------------


def test_the_html_of_a_daily_papers_feed_tells_authors_upvotes_and_abstract() -> None:
    found = read("hf_daily.rss")
    assert (found.day, found.format, found.source) == (date(2025, 9, 9), "rss", "huggingface")
    (paper,) = found.listings
    assert paper.authors == ("Ada Example", "Bo Sample")
    assert paper.counts == Counts(upvotes=1017, comments=3)
    assert paper.ids == ("arxiv:2509.04001",)
    assert paper.published == date(2025, 9, 3)


def test_a_word_of_a_label_inside_an_abstract_is_part_of_it() -> None:
    first, second = read("hf_daily.rss").listings[0].abstract.split("\n\n")
    assert first == "Wool is predicted. Summary: it works."
    assert second == "Authors: this is a second paragraph."


def test_a_preprint_server_turns_names_and_gives_a_doi() -> None:
    found = read("biorxiv.rdf")
    assert (found.day, found.format, found.source) == (date(2025, 9, 6), "rdf", "biorxiv.org")
    (paper,) = found.listings
    assert paper.title == "Sleep of Ovis aries in CO2"
    assert paper.abstract == "Sheep (Ovis aries) sleep. p<0.05 & more."
    assert paper.authors == ("A. B. Example", "C. van Sample", "D.-E. Case")
    assert paper.ids == ("doi:10.1101/2025.09.01.600001",)
    assert paper.published == date(2025, 9, 6)


def test_a_journal_has_its_abstract_in_the_content_and_links_within_its_site() -> None:
    found = read("journal.rss")
    assert found.source == "journal.example"
    (paper,) = found.listings
    assert paper.title == "Fleece & Fibre: in vivo"
    assert paper.abstract == "Fleece is measured.\n\nMüller & sons agree."
    assert paper.authors == ("Ada Example", "Bo Sample")
    assert paper.url == "https://www.journal.example/articles/s1-25-00001"
    assert paper.ids == ("doi:10.1000/s1-25-00001",)
    assert paper.categories == ("Materials Science",)


def test_what_arxiv_said_is_heard_inside_the_text_of_another_feed() -> None:
    said = "arXiv:2509.05001v2 Announce Type: replace Abstract: Wool."
    paper = only(rss(f"<title>A</title><description>&lt;p>Laine.&lt;/p>&lt;p>{said}</description>"))
    assert (paper.kind, paper.ids) == (Kind.REPLACEMENT, ("arxiv:2509.05001",))
    assert paper.abstract == f"Laine.\n\n{said}"


def test_codes_are_no_categories_anywhere() -> None:
    codes = "<category>68T50, 03B70</category><category>I.2.7</category><category>3D</category>"
    assert only(rss(f"<title>A</title>{codes}")).categories == ("3D",)


def test_a_description_that_breaks_off_gives_way_to_the_content() -> None:
    short = f"<description>{'Long. ' * 50}And…</description>"
    long = f"<content:encoded>{'Long. ' * 50}And so on.</content:encoded>"
    assert only(rss(f"<title>A</title>{short}{long}")).abstract.endswith("And so on.")
    whole = short.replace("…", " whole.")
    assert only(rss(f"<title>A</title>{whole}{long}")).abstract.endswith("And whole.")


@pytest.mark.parametrize(
    ("written", "authors"),
    [
        ("<author>ada@farm.example (Ada Example)</author>", ("Ada Example",)),
        ("<author>ada@farm.example</author>", ()),
        ("<author>Ada Example</author>", ("Ada Example",)),
        ("<dc:creator>A B</dc:creator><dc:creator>C D</dc:creator>", ("A B", "C D")),
        ("<dc:creator/><author>Ada Example</author>", ("Ada Example",)),
        ("<dc:creator>Example, A., Sample</dc:creator>", ("Example", "A.", "Sample")),
    ],
)
def test_authors_are_names(written: str, authors: tuple[str, ...]) -> None:
    assert only(rss(f"<title>A</title>{written}")).authors == authors


@pytest.mark.parametrize(
    ("written", "url"),
    [
        ("<link>https://a.example/1</link>", "https://a.example/1"),
        ("<link>papers/1?a=1&amp;b=2</link>", "https://feed.example/papers/1?a=1&b=2"),
        ("<link>//b.example/1</link>", "https://b.example/1"),
        ("<link>javascript:alert(1)</link>", ""),
        ("<link>http://[::bad/</link>", "http://[::bad/"),
        ("<guid>https://a.example/2</guid>", "https://a.example/2"),
        ("<guid>not-a-link</guid>", ""),
        ("<link/><atom:link href='https://a.example/3'/>", "https://a.example/3"),
        ("<link>https://arxiv.org/pdf/2509.00001v1</link>", ""),
        (
            "<link>https://scholar.google.com/scholar_url?url=https://a.example/4%3Fb&amp;hl=en</link>",
            "https://a.example/4?b",
        ),
        (
            f"{LINK}<feedburner:origLink>https://a.example/5</feedburner:origLink>",
            "https://a.example/5",
        ),
    ],
)
def test_an_item_leads_to_its_paper(written: str, url: str) -> None:
    head = "<link>https://feed.example/</link>"
    listing = only(rss(f"<title>A</title>{written}", head=head))
    assert listing.url == url
    assert finished(listing, markup=True).title == "A"


def test_the_link_of_an_atom_entry_is_its_page_and_not_its_pdf() -> None:
    links = (
        '<link rel="related" href="https://a.example/1.pdf"/><link rel="self" href="/me"/>'
        '<link type="application/pdf" href="https://a.example/2.pdf"/>'
        '<link type="text/html" href="1.html"/>'
    )
    entry = f"<title>A</title><id>urn:x</id>{links}"
    based = atom(entry).replace("<entry>", '<entry xml:base="https://a.example/all/">')
    assert only(based).url == "https://a.example/all/1.html"


def test_a_paper_of_an_item_without_guid_link_and_description_has_a_title() -> None:
    """B38."""
    assert only(rss("<title>A</title>")) == Listing("A", "")


def test_an_item_without_a_title_is_set_aside_and_the_others_go_on() -> None:
    found = edition(rss("<title>A</title>", "<title> </title><link>https://a.example</link>"))
    assert [listing.title for listing in found.listings] == ["A"]
    assert found.rejected == (Rejected("item 2", "no title"),)


def test_a_feed_of_which_no_item_is_a_paper_is_refused() -> None:
    assert refusal(rss("<a/>", "<b/>")).startswith("file: none of the 2 items is a paper; item 1:")


# --- texts ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "title"),
    [
        ("<title>A &amp;lt;i> &amp;amp; B</title>", "A &lt;i> &amp; B"),
        ('<title type="text">A &lt;i>B&lt;/i></title>', "A <i>B</i>"),
        ('<title type="html">A &lt;i>B&lt;/i> &amp;amp; &amp;amp;amp; C</title>', "A B & &amp; C"),
        (
            f'<title type="xhtml">{DIV}A <i>B</i> &amp; &amp;amp; C<br/>&lt;b></div></title>',
            "A B & &amp; C <b>",
        ),
        ('<title type="html"><![CDATA[A &eacute;]]></title>', "A é"),
        ("<title><![CDATA[A &eacute;]]></title>", "A &eacute;"),
    ],
)
def test_atom_says_how_often_a_text_is_decoded(written: str, title: str) -> None:
    """B21."""
    assert only(atom(written)).title == title


@pytest.mark.parametrize(
    ("written", "title"),
    [
        ("A&nbsp;B &amp; C", "A B & C"),
        ("M&amp;uuml;ller", "Müller"),
        ("x &amp;lt; y", "x < y"),
        ("<![CDATA[A <i>B</i><sub>2</sub>]]>", "A B2"),
        ("A <i>B</i>", "A B"),
        ("if x&lt;y and z&gt;0", "if x<y and z>0"),
        ("&lt;![CDATA[A]]&gt;", "A"),
        ("<![CDATA[A <![CDATA[B]]> C]]>", "A B C"),
        ("AT&T &c.", "AT&T &c."),
    ],
)
def test_the_texts_of_rss_are_html_as_far_as_they_have_its_tags(written: str, title: str) -> None:
    assert only(rss(f"<title>{written}</title>")).title == title


@pytest.mark.parametrize("levels", [0, 1, 2])
def test_no_text_is_decoded_once_too_often(levels: int) -> None:
    title = "R&D <of> sheep"
    written = escape(title)
    for _ in range(levels):
        title, written = escape(title), escape(written)
    assert only(atom(f"<title>{written}</title>")).title == title


def test_paragraphs_of_a_description_are_kept() -> None:
    text = rss("<title>A</title><description>&lt;p>B\nC&lt;/p>&lt;p>D&lt;/p></description>")
    assert only(text).abstract == "B C\n\nD"


def test_a_deeply_nested_description_takes_no_time() -> None:
    """B38."""
    nested = escape("<b>" * 50_000 + "deep" + "</b>" * 50_000)
    begun = process_time()
    listing = only(rss(f"<title>A</title><description>{nested}</description>"))
    assert listing.abstract == "deep"
    assert process_time() - begun < 2.5


def test_an_address_longer_than_any_takes_no_time_and_leads_nowhere() -> None:
    """The marks of its host would be sorted in quadratic time."""
    address = "https://a" + "\u0301\u0323" * 100_000 + ".example/"
    begun = process_time()
    listing = only(rss(f"<title>A</title><link>{address}</link>", head=f"<link>{address}</link>"))
    assert listing.url == ""
    assert process_time() - begun < 2.5


def test_more_items_than_any_day_has_are_refused() -> None:
    assert "more than 100,000 entries" in refusal(rss(*[""] * 100_001))


# --- the whole --------------------------------------------------------------


def test_a_feed_without_items_is_a_day_without_papers() -> None:
    for empty in (rss(head="<title>A</title>"), atom(head="<title>A</title>")):
        found = edition(empty)
        assert found.listings == ()
        assert found.notes == ("The feed lists no papers.",)


def test_dropped_characters_are_told() -> None:
    found = edition(rss("<title>A\x0bB\x0c</title>"))
    assert found.listings[0].title == "AB"
    assert found.notes == ("2 characters that XML forbids were left out.",)


@pytest.mark.parametrize(
    ("head", "day"),
    [
        ("<pubDate>Mon, 08 Sep 2025 23:30:00 -0400</pubDate>", date(2025, 9, 8)),
        ("<lastBuildDate>Sun, 07 Sep 2025 00:10:00 +0900</lastBuildDate>", date(2025, 9, 7)),
        (
            "<lastBuildDate>2025-09-07</lastBuildDate><pubDate>2025-09-05</pubDate>",
            date(2025, 9, 5),
        ),
    ],
)
def test_the_day_is_what_the_feed_says_in_its_own_zone(head: str, day: date) -> None:
    item = "<title>A</title><pubDate>Wed, 03 Sep 2025 00:00:00 GMT</pubDate>"
    assert edition(rss(item, head=head)).day == day


def test_a_feed_that_names_no_day_is_of_that_of_its_newest_item() -> None:
    days = ("2025-09-06", "2025-08-01", "2036-01-01", "2026-02-30", "never")
    items = [f"<title>A</title><pubDate>{day}</pubDate>" for day in days]
    assert edition(rss(*items)).day == date(2025, 9, 6)


def test_a_date_that_is_none_says_nothing() -> None:
    """B33."""
    for wrong in ("today", "2026-02-30", "0000-00-00", "Fri, 31 Dec 9999 23:59:59 GMT"):
        dated = f"<pubDate>{wrong}</pubDate>"
        assert edition(rss(f"<title>A</title>{dated}", head=dated)).day == MODIFIED.date()


def test_the_day_in_the_name_outweighs_the_feed() -> None:
    found = edition(rss(head="<pubDate>2025-09-08</pubDate>"), "a_2025-09-05.xml")
    assert found.day == date(2025, 9, 5)


@pytest.mark.parametrize(
    ("head", "source"),
    [
        ("<link>https://export.arxiv.org/rss/cs.CL</link>", "arxiv"),
        ("<title>cs.CL updates on arXiv.org</title>", "arxiv"),
        ("<link>https://notarxiv.org/</link>", "notarxiv.org"),
        ("<link>https://arxiv.org.example/</link>", "arxiv.org.example"),
        ("<title>HuggingFace papers</title><link>https://a.example</link>", "huggingface"),
        ("<link>https://huggingface.co/blog</link>", "huggingface.co"),
        ("<link>https://www.a.example:8080/x</link>", "a.example"),
        ("<link>http://[bad</link>", "feed"),
        ("<title>A</title>", "feed"),
    ],
)
def test_the_source_is_who_lists_the_papers(head: str, source: str) -> None:
    assert edition(rss(head=head)).source == source


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (
            "<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>",
            "its root element is <Error>, which says “Access Denied”",
        ),
        ('<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"/>', "<urlset>"),
        ('<svg xmlns="http://www.w3.org/2000/svg"><title>A</title></svg>', "<svg>, which says “A”"),
        ('<?xml version="1.0"?><a:entry xmlns:a="http://www.w3.org/2005/Atom"/>', "<entry>"),
        ('<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"/>', "<rdf:RDF>"),
        ('<rss version="2.0"/>', "<rss>"),
    ],
)
def test_xml_that_is_no_feed_is_said_to_be_what_it_is(text: str, why: str) -> None:
    """B39."""
    assert refusal(text).startswith("file: XML, but no feed: ")
    assert why in refusal(text)


@pytest.mark.parametrize(
    "text",
    [
        "<!DOCTYPE html><html></html>",
        '<?xml version="1.0"?>\n<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Strict//EN">\n<html/>',
        '<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"/>',
        "<div>rss</div>",
        "<p><rss>",
        "Daily Papers",
        '{"rss": 1}',
        "<",
        "",
    ],
)
def test_a_page_is_no_feed(text: str) -> None:
    assert not feed.recognise(text)


@pytest.mark.parametrize(
    "text",
    [
        "\n <rss>",
        "<!-- by hand --><?x y?><feed>",
        "<a:feed",
        "<!DOCTYPE rss [",
        "<?xml version='1.0'?>",
        "<?xml version='1.0'?><lolz/>",
        "<sitemapindex>",
    ],
)
def test_a_feed_is_told_by_its_beginning(text: str) -> None:
    assert feed.recognise(text)


@pytest.mark.parametrize("hostile", ["<!--", "<?", " ", "<!-- -->", "<?xml ", "<!DOCTYPE "])
def test_no_beginning_takes_long(hostile: str) -> None:
    begun = process_time()
    feed.recognise(hostile * (5_000_000 // len(hostile)))
    assert process_time() - begun < 0.5


def test_a_doctype_is_refused() -> None:
    """B36."""
    assert "a DOCTYPE" in refusal('<!DOCTYPE rss [<!ENTITY a "b">]><rss><channel/></rss>')


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_cut_feed_is_never_taken_for_a_smaller_day(path: Path) -> None:
    """B24."""
    content = path.read_bytes()
    end = len(content.rstrip())
    for cut in range(1, end):
        text = text_of(daily_file(content[:cut]), None)
        if feed.recognise(text.text):
            with pytest.raises(Incomplete):
                feed.parse(text)
    assert edition(content.decode()).listings


@unhurried
@given(st.sampled_from(FILES), st.data())
def test_a_mutated_feed_is_an_edition_or_refused(path: Path, drawn: st.DataObject) -> None:
    """B50."""
    text = path.read_text(encoding="utf-8")
    for piece in drawn.draw(st.lists(texts | st.sampled_from(PIECES), min_size=1, max_size=4)):
        at = drawn.draw(st.integers(0, len(text)))
        text = text[:at] + piece + text[at + drawn.draw(st.integers(0, 40)) :]
    assert_settled(text)


@unhurried
@given(st.lists(texts | st.sampled_from(("<item>", "</item>", "<title>", "</title>", "<b>"))))
def test_whatever_is_in_a_channel_is_an_edition_or_refused(pieces: list[str]) -> None:
    """B50."""
    assert_settled(rss(head="".join(pieces)))


@unhurried
@given(texts, texts, texts)
def test_any_texts_in_an_item_make_a_paper_or_none(title: str, text: str, other: str) -> None:
    told = "".join(f"<{name}>{escape(other)}</{name}>" for name in NAMES)
    item = f"<title>{escape(title)}</title><description>{escape(text)}</description>{told}"
    assert_settled(rss(item, head=told))


PIECES = ("<", ">", "&", "]]>", "<![CDATA[", "</item>", "<item>", "<!--", "xmlns='u'", "&#0;", "/")
NAMES = ("link", "guid", "pubDate", "dc:creator", "category", "dc:identifier", "slash:comments")


def assert_settled(text: str) -> None:
    """It is refused, or an edition whose listings can be finished; nothing else is raised."""
    try:
        listings = feed.parse(Text(text, "a.xml", MODIFIED, None)).listings
    except Unreadable:
        return
    assert all(finished(listing, markup=True).title for listing in listings)
