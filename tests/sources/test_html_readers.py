"""The pages of Hugging Face and arXiv, of one paper, and newsletters, paper by paper."""

from __future__ import annotations

from datetime import date

import pytest

from tests.sources.web import MONDAY, carrying, outcome, page, parsed, saved, titles
from worker.model import Counts, Edition, Kind, Listing, Rejected, Unreadable
from worker.sources.finish import finished

TIDAL = "Tidal Memory: Caches That Ebb & Flow <1% of the Time"
LONG = "We open doors with words, and close them with more words than it took to open them."


def paper(number: int, title: str = "Doors", **more: object) -> dict[str, object]:
    return {"paper": {"id": f"2509.9{number:04}", "title": title, **more}, "numComments": 2}


def ids(html: str) -> list[str]:
    return [id_ for listing in parsed(html).listings for id_ in finished(listing).ids]


# --- Hugging Face -----------------------------------------------------------


def test_the_list_that_the_page_carries_is_read_whole() -> None:
    edition = parsed(saved("hf_daily"))
    assert (edition.day, edition.source, edition.format) == (MONDAY, "huggingface", "html")
    assert (edition.notes, edition.rejected, len(edition.listings)) == ((), (), 3)
    first = finished(edition.listings[0])
    assert first == Listing(
        title=TIDAL,
        abstract=(
            "We let a cache grow and shrink with the tide of its reads.\n"
            "It costs < 1% of the time & keeps every hit."
        ),
        authors=("Ada Quill", "Björn Lindqvist"),
        ids=("arxiv:2509.90001",),
        url="https://arxiv.org/abs/2509.90001",
        published=date(2025, 9, 4),
        counts=Counts(upvotes=42, comments=3, stars=1310),
    )


def test_the_cards_are_read_where_the_page_carries_no_list() -> None:
    edition = parsed(saved("hf_cards"), newest=date(2025, 9, 5))
    carried = parsed(saved("hf_daily"))
    assert [one.title for one in edition.listings] == [one.title for one in carried.listings]
    assert [one.counts.upvotes for one in edition.listings] == [42, 7, 1]
    assert edition.listings[0].counts == Counts(42, 3, 1310)
    assert edition.listings[0].url == "https://huggingface.co/papers/2509.90001"
    assert (edition.day, edition.source, edition.rejected) == (MONDAY, "huggingface", ())


def test_an_abstract_on_a_card_is_read_and_short_remarks_are_not() -> None:
    card = '<article><h3><a href="/papers/2509.90001">A</a></h3><p>New!</p><p>{}</p></article>'
    html = page(card.format(LONG) + card.format("Old!").replace("90001", "90002"))
    assert [one.abstract for one in parsed(html).listings] == [LONG, ""]


def test_what_a_card_does_not_count_in_numbers_is_not_counted() -> None:
    box = '<div class="leading-none">{}</div>'
    card = f'<article>{box.format("-")}<h3><a href="/papers/2509.90001">A</a></h3></article>'
    assert parsed(page(card)).listings[0].counts == Counts()
    assert parsed(page(card.replace("-<", "1,234<"))).listings[0].counts == Counts(1234)


def test_a_card_without_a_title_is_set_aside_and_one_without_a_paper_is_none() -> None:
    card = '<article><h3>{}</h3><a href="/papers/2509.90001"></a></article>'
    html = page(f"{card.format('A')}<article><h3>Advertisement</h3></article>{card.format('')}")
    edition = parsed(html)
    assert len(edition.listings) == 1
    assert edition.rejected == (Rejected("card 3", "no title beside the link to arxiv:2509.90001"),)


def test_a_list_without_papers_is_an_empty_day() -> None:
    edition = parsed(carrying(dailyPapers=[], dateString="2025-09-07"))
    assert (edition.day, edition.listings) == (date(2025, 9, 7), ())
    assert edition.notes == ("The page is that of a day without papers.",)


@pytest.mark.parametrize(
    ("props", "listed"),
    [
        ({"periodType": "week", "dateString": "2025-W37"}, "the papers of a week"),
        ({"periodType": "month", "dateString": "2025-09"}, "the papers of a month"),
        ({"isTrending": True, "dateString": "2025-09-01"}, "what is talked of"),
    ],
)
def test_a_page_of_more_than_a_day_says_so_and_has_the_day_of_its_papers(
    props: dict[str, object], listed: str
) -> None:
    listings = [paper(1, submittedOnDailyAt="2025-09-08T01:00:00Z"), paper(2)]
    edition = parsed(carrying(**{"dailyPapers": listings, **props}))
    assert edition.notes == (f"The page lists {listed}, not the papers of a day.",)
    assert edition.day == MONDAY


def test_what_is_no_paper_in_the_list_is_set_aside_and_the_others_go_on() -> None:
    edition = parsed(carrying(dailyPapers=[paper(1), 7, None, {"paper": {"upvotes": 3}}]))
    assert len(edition.listings) == 1
    assert [one.where for one in edition.rejected] == ["item 2", "item 3", "item 4"]
    assert edition.rejected[0].why == "not a paper, but a number"


def test_a_page_of_nothing_but_what_is_set_aside_is_refused_with_the_reasons() -> None:
    refused = outcome(carrying(dailyPapers=[7] * 30))
    assert isinstance(refused, Unreadable)
    assert refused.reasons[0] == Rejected("item 1", "not a paper, but a number")
    assert len(refused.reasons) == 20


def test_the_page_of_one_paper_is_an_edition_of_that() -> None:
    edition = parsed(carrying(paper={"id": "2509.90009", "title": "Alone", "upvotes": 3}))
    assert [(one.title, one.counts.upvotes) for one in edition.listings] == [("Alone", 3)]


@pytest.mark.parametrize("props", ["[1]", "{", "{&quot;dailyPapers&quot;: 1}", "null"])
def test_a_list_that_cannot_be_read_leaves_the_cards(props: str) -> None:
    html = saved("hf_cards").replace("<main>", f'<main><div data-props="{props}"></div>')
    assert titles(html)[0] == TIDAL


# --- arXiv ------------------------------------------------------------------


def test_a_listing_of_arxiv_is_read_with_its_sections() -> None:
    edition = parsed(saved("arxiv_new"))
    assert (edition.day, edition.source, edition.notes) == (MONDAY, "arxiv", ())
    assert edition.rejected == ()
    assert [one.kind for one in edition.listings] == (
        [Kind.NEW, Kind.NEW, Kind.CROSS, Kind.REPLACEMENT]
    )
    assert finished(edition.listings[0]) == Listing(
        title="Whispering Parsers: Syntax at 1<2 Bits",
        abstract=(
            "We parse with n < 2 bits & find that it is enough.\nA second paragraph says why."
        ),
        authors=("Ada Quill", "Gus O'Neil"),
        ids=("arxiv:2509.90011",),
        url="https://arxiv.org/abs/2509.90011",
        categories=("cs.CL", "cs.LG"),
    )
    assert edition.listings[2].categories == ("math.PR", "cs.CL", "hep-th")


def test_entities_are_decoded_once_and_never_twice() -> None:  # B21
    assert titles(saved("arxiv_new"))[1] == "The &eacute; That Was Not Decoded Twice"


def test_kinds_are_also_told_by_the_entries_themselves() -> None:
    recent = saved("arxiv_new").replace("Cross submissions", "Mon").replace("Replacement ", "Tue ")
    kinds = [one.kind for one in parsed(recent).listings]
    assert kinds == [Kind.NEW, Kind.NEW, Kind.CROSS, Kind.REPLACEMENT]
    bare = saved("arxiv_new").replace("(cross-list from math.PR)", "").replace("(replaced)", "")
    assert [one.kind for one in parsed(bare).listings] == kinds


def test_a_page_of_recent_days_says_which_and_that_there_are_more_entries() -> None:
    html = (
        saved("arxiv_new")
        .replace("Showing new listings for Monday, 8 September 2025", "Recent")
        .replace("New submissions (showing 2 of 2", "Mon, 8 Sep 2025 (showing first 2 of 42")
        .replace("Cross submissions", "Fri, 5 Sep 2025")
        .replace("Replacement submissions", "Fri, 5 Sep 2025")
        .replace("2401.90014", "2509.90015")
    )
    edition = parsed(html)
    assert edition.day == MONDAY
    assert edition.notes == (
        "The page shows only a part: 40 more entries are on its other pages.",
        "The page lists several days, from 2025-09-05 to 2025-09-08.",
    )


def test_the_headings_of_older_pages_have_years_of_two_digits() -> None:
    html = saved("arxiv_new").replace("Showing new listings for Monday, 8 September 2025", "")
    for section in ("New submissions", "Cross submissions", "Replacement submissions"):
        html = html.replace(section, f"{section} for Mon, 8 Sep 25")
    edition = parsed(html)
    assert (edition.day, [one.kind for one in edition.listings][2:]) == (
        MONDAY,
        [Kind.CROSS, Kind.REPLACEMENT],
    )


def test_an_entry_without_title_or_link_is_set_aside_and_the_others_go_on() -> None:
    html = saved("arxiv_new").replace('href ="/abs/2509.90011"', "").replace("2509.90011", "")
    html = html.replace("Roots of Random Sonnets", "")
    edition = parsed(html)
    assert len(edition.listings) == 2
    assert edition.rejected == (
        Rejected("entry 1", "no link to the paper"),
        Rejected("entry 3", "no title"),
    )


def test_authors_that_are_no_links_and_entries_without_a_frame_are_read_too() -> None:
    html = page(
        "<dl><dt><a href='/abs/math/0309136'>x</a></dt><dd><div class='list-title'>Title: T</div>"
        "<div class='list-authors'>Authors: Ada Quill, Gus O'Neil</div></dd></dl>"
    )
    assert parsed(html).listings[0].authors == ("Ada Quill", "Gus O'Neil")
    assert ids(html) == ["arxiv:math/0309136"]


def test_a_day_on_which_nothing_was_announced_is_an_empty_one() -> None:
    html = page(
        "<h3>Showing new listings for Monday, 8 September 2025</h3><p>No updates today.</p>"
    )
    edition = parsed(html)
    assert (edition.day, edition.source, edition.listings) == (MONDAY, "arxiv", ())
    assert edition.notes == ("The page is that of a day without announcements.",)


# --- the page of one paper --------------------------------------------------


def test_the_abstract_page_of_arxiv_is_an_edition_of_one_paper() -> None:
    edition = parsed(saved("arxiv_abs"))
    assert (edition.day, edition.source) == (date(2025, 9, 9), "arxiv")
    assert [finished(one) for one in edition.listings] == [
        Listing(
            title="A Grammar of Rivers & Roads",
            abstract="Rivers branch like sentences, and we parse both.",
            authors=("Léa Marie Massé", "Chidi Okafor"),
            ids=("arxiv:2509.90021",),
            url="https://arxiv.org/abs/2509.90021",
            categories=("cs.CL", "physics.geo-ph"),
            published=date(2025, 9, 3),
        )
    ]


def test_the_tags_of_a_journal_are_read_without_an_abstract_on_the_page() -> None:
    metas = {
        "citation_title": "On Hinges", "citation_doi": "10.5555/hinge.1",
        "dc.creator": "Quill, Ada", "citation_publication_date": "2025/9/1",
        "DC.Description": "Hinges turn.",
    }  # fmt: skip
    head = "".join(f'<meta name="{name}" content="{value}">' for name, value in metas.items())
    (one,) = map(finished, parsed(page("", head=head)).listings)
    assert (one.ids, one.abstract, one.authors) == (
        ("doi:10.5555/hinge.1",),
        "Hinges turn.",
        ("Ada Quill",),
    )
    assert one.published == date(2025, 9, 1)


def test_articles_in_json_ld_are_read_however_deep() -> None:
    script = """<script type="application/ld+json">{"@graph": [{"@type": "WebPage"}, {"item":
      {"@type": "ScholarlyArticle", "headline": "On Bolts", "author": [{"name": "Ada Quill"}],
       "description": "Bolts hold &amp; turn.", "datePublished": "2025-09-01",
       "sameAs": "https://doi.org/10.5555/bolt.1"}}]}</script>"""
    (one,) = map(finished, parsed(page("", head=script)).listings)
    assert (one.title, one.authors) == ("On Bolts", ("Ada Quill",))
    assert (one.ids, one.published) == (("doi:10.5555/bolt.1",), date(2025, 9, 1))


@pytest.mark.parametrize("json", ["{", '{"@type": "NewsArticle", "headline": "x"}', "[]", '"x"'])
def test_other_json_ld_is_no_paper(json: str) -> None:
    html = page("", head=f'<script type="application/ld+json">{json}</script>')
    assert isinstance(outcome(html), Unreadable)


# --- newsletters ------------------------------------------------------------


def test_a_newsletter_whose_links_are_the_titles() -> None:
    edition = parsed(saved("newsletter"))
    assert (edition.day, edition.source, edition.rejected) == (MONDAY, "html", ())
    assert ids(saved("newsletter")) == [f"arxiv:2509.9003{n}" for n in (1, 2, 3)]
    first, second, third = edition.listings
    assert (first.title, second.title) == ("Lullabies for Large Models", "Attention Is a Verb")
    assert first.abstract.startswith("Models that are sung to before they are asked make fewer")
    assert second.authors == ("Noor Hadi", "Olu Bello")
    assert second.abstract.startswith("What attends, acts")
    assert third.title == "Blink Twice: Vision with Gaps"
    assert third.abstract.startswith("Cameras that look away")
    assert not any("Unsubscribe" in one.abstract for one in edition.listings)


def test_a_newsletter_whose_links_are_labels_below_the_papers() -> None:
    edition = parsed(saved("digest_fragment"))
    assert (edition.day, edition.rejected) == (MONDAY, ())
    assert ids(saved("digest_fragment")) == (
        ["arxiv:2509.90041", "arxiv:2509.90042", "doi:10.5555/kite.2025.3"]
    )
    first, second, third = edition.listings
    assert first.title == "Singing Models: A Survey in C Major"
    assert first.abstract == "唱歌的模型更好。我们证明了这一点，并且说明了原因。"
    assert (second.title, second.counts.upvotes) == ("Rain on a Sparse Roof", 12)
    assert second.abstract.startswith("Sparse roofs let")
    assert (third.title, third.abstract) == (
        "Kites, Strings and Other Attachments",
        "Kites need strings.",
    )


def link(number: int, text: str = "arXiv") -> str:
    return f'<a href="https://arxiv.org/abs/2509.9{number:04}v2">{text}</a>'


TITLED = f"<p>{link(1, 'On Doors')}</p><p>{link(2, 'On Locks')}</p>"
LABELLED = f"<p>On Doors {link(1)}</p><p>On Locks {link(2)}</p>"


@pytest.mark.parametrize(
    "body",
    [
        f"<ul><li>On Doors [{link(1)}]</li><li>On Locks ({link(2, 'PDF')})</li></ul>",
        f"<p>On Doors, {link(1)}<br>On Locks: {link(2)}</p>",
        f"<p>On Doors<br>{LONG}<br>{link(1)}</p><p>On Locks</p><p>{link(2)} | {link(2, 'pdf')}</p>",
        f"<p>{link(1, 'On Doors')} and {link(2, 'On Locks')}</p>",
        f"<h4>On Doors</h4><p>{link(1)}</p><p>{LONG}</p><h4>On Locks</h4><p>{link(2)}</p>",
        f"<h2>A</h2><h3>1. On Doors</h3><h4>Links</h4>{link(1)}<h3>2) On Locks</h3>{link(2)}",
        f"<p>• On Doors (2509.90001) — {link(1)}</p><p>[2] On Locks (2509.90002) {link(2)}</p>",
        f"<p>Title: On Doors</p>{link(1)}<p>Paper title: On Locks</p>{link(2)}",
        f"{link(1, '2509.90001')}<br>{link(2, 'https://a.org')}<hr>{TITLED}",
        f"<h2>All</h2><p>{link(1, '[1]')}</p><p>{link(2, '[2]')}</p><h2>Sources</h2>{LABELLED}",
        f"{LABELLED}<p>{link(1)}</p><p>{link(2)}</p>",
        f"<h3>{link(1, 'On Doors')}</h3><h4>Abstract</h4><p>{LONG}</p>{link(2, 'On Locks')}",
    ],
)  # fmt: skip
def test_the_title_is_found_wherever_people_write_it(body: str) -> None:
    assert titles(page(body)) == ["On Doors", "On Locks"]


@pytest.mark.parametrize(
    "body",
    [
        f"<p>{link(1, 'On Doors')}</p><p>{LONG}</p>", f"<p>{link(1, 'On Doors')} — {LONG}</p>",
        f"<h4>On Doors</h4>{LONG} <p>{link(1)}</p>", f"<p>On Doors<br>{LONG}<br>{link(1)}</p>",
        f"<h3>{link(1, 'On Doors')}</h3><h4>Abstract</h4><p>{LONG}</p>",
        f"<p>{link(1, 'On Doors')}<br>Authors: {'Ada Quill, ' * 20}<br>Abstract: {LONG}</p>",
        f"<li>{link(1, 'On Doors')}<p>Score: 9</p><p>{LONG}</p></li><h1>More</h1><p>{LONG * 2}</p>",
    ],
)  # fmt: skip
def test_the_abstract_is_what_is_said_of_the_paper(body: str) -> None:
    (one,) = parsed(page(body)).listings
    assert (one.title, finished(one).abstract) == ("On Doors", LONG)


def test_a_paper_linked_to_twice_is_listed_once() -> None:
    assert titles(page(f"{TITLED}<p>{link(1, 'Doors')}</p>")) == ["On Doors", "On Locks"]


def test_a_link_without_a_title_is_set_aside() -> None:
    edition = parsed(page(f"<p>{link(1)}</p><p>{link(2, 'On Locks')}</p>"))
    assert [one.title for one in edition.listings] == ["On Locks"]
    assert edition.rejected == (Rejected("arxiv:2509.90001", "no title beside the links to it"),)


@pytest.mark.parametrize(
    ("address", "key"),
    [
        ("//arxiv.org/pdf/2509.90001v3.pdf", "arxiv:2509.90001"),
        ("https://export.arxiv.org/abs/math.GT/0309136", "arxiv:math/0309136"),
        ("https://www.alphaxiv.org/overview/2509.90001?x=1", "arxiv:2509.90001"),
        ("https://hf.co/papers/2509.90001#community", "arxiv:2509.90001"),
        ("https://t.example/?u=https%253A%252F%252Farxiv.org%252Fabs%252F2509.90001&amp;c=1",
         "arxiv:2509.90001"),
        ("https://doi.org/10.48550/arXiv.2509.90001", "arxiv:2509.90001"),
        ("https://doi.org/10.5555/door.1", "doi:10.5555/door.1"),
    ],
)  # fmt: skip
def test_links_lead_to_papers_in_many_ways(address: str, key: str) -> None:
    assert ids(page(f'<p><a href="{address}">On Doors</a></p>')) == [key]


@pytest.mark.parametrize(
    "address",
    [
        "https://arxiv.org/list/cs.CL/new", "https://huggingface.co/papers", "mailto:a@b.org",
        "https://arxiv.org/abs/2509.123456789", "https://x.org/" + "a" * 5_000, "http://[::1",
        "https://example.org/papers/2509.90001", "",
    ],
)  # fmt: skip
def test_other_links_lead_to_none(address: str) -> None:
    assert isinstance(outcome(page(f'<p><a href="{address}">On Doors</a></p>')), Unreadable)


def test_a_page_of_thousands_of_papers_is_read() -> None:  # B46
    edition = outcome(page("".join(f"<p>{link(n, f'Door {n}')}</p>" for n in range(3_000))))
    assert isinstance(edition, Edition)
    assert len(edition.listings) == 3_000
