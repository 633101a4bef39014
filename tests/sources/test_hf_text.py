"""The Daily Papers page saved as text (B24, B34, B40, scenarios 1, 2 and 4)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.sources.daily import CORPUS, HEADER, LONG, SEEDS, daily_file, outcome, page, parsed
from tests.texts import texts, unhurried
from worker.core.diff import diff
from worker.model import Edition, PaperNumber, Seen, Unreadable
from worker.sources import forms, hf_text

SEP_8 = date(2025, 9, 8)


def corpus(name: str) -> Edition:
    return forms.read(daily_file((CORPUS / name).read_bytes()), None)


def titles(edition: Edition) -> list[str]:
    return [listing.title for listing in edition.listings]


# --- the two files the project began with -----------------------------------


@pytest.mark.parametrize(
    ("seed", "count", "day", "first", "last"),
    [
        (
            SEEDS[0],
            47,
            SEP_8,
            "StageInteractor: Query-based Object Detector with Cross-stage Interaction",
            "Research on Optimizing Real-Time Data Processing in High-Frequency Trading",
        ),
        (
            SEEDS[1],
            20,
            date(2025, 9, 9),
            "Neural-Driven Image Editing",
            "DyFraNet: Forecasting and Backcasting Dynamic Fracture Mechanics in Space and Time",
        ),
    ],
)
def test_a_seed_is_read_whole(seed: Path, count: int, day: date, first: str, last: str) -> None:
    edition = parsed(seed.read_bytes(), seed.name)
    assert (edition.day, edition.format, edition.rejected) == (day, "hf-text", ())
    assert titles(edition)[0] == first
    assert titles(edition)[-1].startswith(last)
    assert len(edition.listings) == count
    assert all(len(listing.abstract) > 1400 for listing in edition.listings)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_listings_are_the_paragraphs_behind_the_date_in_their_order(seed: Path) -> None:
    paragraphs = seed.read_text(encoding="utf-8").split("\n\n")[6:]
    edition = parsed(seed.read_bytes())
    told = [text for listing in edition.listings for text in (listing.title, listing.abstract)]
    assert told == paragraphs


def test_both_seeds_hold_63_papers_and_the_second_repeats_four() -> None:
    known: dict[str, Seen] = {}
    counts = []
    for seed in SEEDS:
        edition = forms.read(daily_file(seed.read_bytes(), seed.name), None)
        found = diff(edition.listings, known, PaperNumber(len(known)), edition.day)
        known |= {
            key: Seen(paper.number, paper.keys) for paper in found.fresh for key in paper.keys
        }
        counts.append((len(found.fresh), len(found.seen)))
    assert counts == [(47, 0), (16, 4)]
    assert len({seen.number for seen in known.values()}) == 63


# --- files as people have them ----------------------------------------------

THREE = ["Alpha: On the First", "Beta: On the Second", "Gamma: On the Third"]


@pytest.mark.parametrize("name", ["plain", "crlf-bom", "cr", "utf16", "header-shuffled", "wrapped"])
def test_ends_of_lines_encodings_and_headers_make_no_difference(name: str) -> None:
    edition, plain = corpus(f"{name}.txt"), corpus("plain.txt")
    assert titles(edition) == THREE
    assert (edition.day, edition.rejected) == (SEP_8, ())
    words = [[listing.abstract.split() for listing in e.listings] for e in (edition, plain)]
    assert words[0] == words[1]


def test_an_abstract_keeps_its_lines() -> None:
    assert "\n" in corpus("wrapped.txt").listings[0].abstract


def test_a_page_that_was_saved_as_latin_1_is_read_as_such() -> None:
    assert titles(corpus("latin1.txt")) == ["Ålpha: On the First", *THREE[1:]]


@pytest.mark.parametrize(
    ("name", "rejected"),
    [
        (
            "split-abstract",
            [("line 17", "without title: “Moreover, "), ("line 19", "without title")],
        ),
        ("missing-abstract", [("line 17", "without abstract: “Lost: Is There an Abstract?”")]),
        ("missing-title", [("line 17", "without title: “Of a lost title. ")]),
        ("missing-separator", [("line 17", "without title: “Glued: To Its Abstract Of glue.")]),
        ("two-days", [("line 27", "a second date, “Sep 9”")]),
        ("brief", []),
    ],
)
def test_an_odd_paragraph_is_set_aside_and_the_others_go_on(
    name: str, rejected: list[tuple[str, str]]
) -> None:
    edition = corpus(f"{name}.txt")
    assert [title.rstrip(".").split(" Thing")[0] for title in titles(edition)] == THREE
    assert [one.where for one in edition.rejected] == [where for where, _ in rejected]
    for one, (_, why) in zip(edition.rejected, rejected, strict=True):
        assert one.why.startswith(why)


@pytest.mark.parametrize(
    ("paragraphs", "names", "odd"),
    [
        (
            ("A", LONG, "Code is here", "On the Second", LONG),
            ["A", "On the Second"],
            "Code is here",
        ),
        (("A", LONG, "Is it lost?", "On Two", LONG), ["A", "On Two"], "Is it lost?"),
        (("A", LONG, "Lost", "Is it Two?", LONG), ["A", "Is it Two?"], "Lost"),
        (("A", "A remark.", "A remark more.", "B", "We see."), ["A", "B"], "A remark more."),
        (("A", "A remark.", "Stray.", "On the Second", LONG), ["A", "On the Second"], "Stray."),
    ],
)
def test_short_paragraphs_are_told_apart_by_what_comes_next(
    paragraphs: Sequence[str], names: list[str], odd: str
) -> None:
    edition = parsed(page(*paragraphs))
    assert titles(edition) == names
    assert [one.why.split(": ")[1] for one in edition.rejected] == [f"“{odd}”"]


def test_the_day_comes_from_the_name_if_the_header_has_none() -> None:
    content = (CORPUS / "no-date.txt").read_bytes()
    assert parsed(content, "2025-09-08.txt").day == SEP_8
    for name in ("papers.txt", "2025-09-08_2025-09-09.txt"):
        with pytest.raises(Unreadable, match="file: no date in the header"):
            parsed(content, name)


@pytest.mark.parametrize(
    ("line", "newest", "day"),
    [
        ("Dec 31", date(2026, 1, 1), date(2025, 12, 31)),
        ("Jan 1", date(2025, 12, 31), date(2026, 1, 1)),
        ("Sept 9", None, date(2025, 9, 9)),
        ("Sep 8, 2024", date(2025, 9, 9), date(2024, 9, 8)),
        ("** 8 September **", None, SEP_8),
    ],
)
def test_the_header_tells_the_day(line: str, newest: date | None, day: date) -> None:
    text = page("Alpha", LONG, header=(*HEADER, line))
    assert parsed(text, newest=newest).day == day


@pytest.mark.parametrize(
    ("header", "name", "reason"),
    [
        ((*HEADER, "Feb 29"), "papers.txt", "line 11: February 2025 has no day 29"),
        ((*HEADER, "Sep 8"), "2025-09-09.txt", "line 11: the date is Sep 8, but .*2025-09-09"),
        (("Sep 7", *HEADER, "Sep 8"), "x", "line 13: a second date, “Sep 8” after “Sep 7”"),
    ],
)
def test_a_day_that_cannot_be_told_makes_the_file_unreadable(
    header: Sequence[str], name: str, reason: str
) -> None:
    with pytest.raises(Unreadable, match=reason):
        parsed(page("Alpha", LONG, header=header), name)


@pytest.mark.parametrize(
    ("paragraphs", "reason"),
    [
        ((), "file: 0 listings behind the header, 0 paragraphs"),
        (("Alpha",), "0 listings .*; line 13: without abstract: “Alpha”"),
        ((LONG, LONG, LONG), "0 listings .*, 3 paragraphs .*; line 13: without title: “We show"),
        (("Alpha", LONG, LONG, LONG), "1 listings .*, 2 paragraphs that fit nowhere"),
    ],
)
def test_a_file_that_is_more_odd_than_not_is_not_trusted(
    paragraphs: Sequence[str], reason: str
) -> None:
    with pytest.raises(Unreadable, match=reason):
        parsed(page(*paragraphs))


def test_twenty_thousand_odd_paragraphs_get_a_short_answer() -> None:
    with pytest.raises(Unreadable) as caught:
        parsed(page(*["x"] * 20_000))
    assert len(caught.value.reasons) < 50


def test_a_line_of_ten_megabytes_is_cut_and_does_not_take_its_neighbours_along() -> None:
    edition = forms.read(daily_file(page("Alpha", "word " * 2_000_000, "Beta", LONG)), None)
    assert titles(edition) == ["Alpha", "Beta"]
    assert len(edition.listings[0].abstract) == 10_000


# --- rules that hold for every page -----------------------------------------

header_lines = st.permutations((*HEADER, "Sep 8", "Models", "Log In", "2,481 followers", "Docs"))
title_words = st.text("abcdefg ", min_size=5, max_size=60).filter(
    lambda text: len(text.split()) > 1
)


@unhurried
@given(header_lines, st.sampled_from(["\n", "\n\n", "\r\n \r\n"]), st.booleans())
def test_a_header_line_never_becomes_a_paper(header: list[str], between: str, upper: bool) -> None:
    lines = [line.upper() if upper else line for line in header]
    text = between.join(lines) + "\n\nAlpha Beta\n\n" + LONG
    edition = parsed(text)
    assert [t for t in titles(edition) if t != "Alpha Beta"] == []
    assert edition.day == SEP_8


@unhurried
@given(st.lists(title_words, min_size=1, max_size=8))
def test_every_title_with_an_abstract_is_a_listing_in_the_order_of_the_page(
    names: list[str],
) -> None:
    edition = parsed(page(*(text for name in names for text in (f"x{name}", LONG))))
    assert titles(edition) == [" ".join(f"x{name}".split()) for name in names]
    assert edition.rejected == ()


@pytest.mark.parametrize("title", ["A", "X: a", "Newer", "Models of Daily Papers"])
def test_a_title_that_resembles_a_header_line_is_a_paper(title: str) -> None:
    assert titles(parsed(page(title, LONG, "Omega", LONG))) == [title, "Omega"]


@unhurried
@given(st.lists(st.sampled_from(["Alpha", "Beta Gamma", "A remark.", LONG, "Docs", "Sep 9"])))
def test_every_paragraph_is_in_a_listing_or_set_aside_or_the_pages_own(
    paragraphs: list[str],
) -> None:
    edition = outcome(daily_file(page(*paragraphs, "Omega", LONG)))
    if isinstance(edition, Unreadable):
        return
    listed = [text for one in edition.listings for text in (one.title, one.abstract)]
    own = sum(text == "Docs" for text in paragraphs)
    assert len(listed) + len(edition.rejected) + own == len(paragraphs) + 2
    assert not {"Docs", "Sep 9", "Sep 8", *HEADER} & set(listed)


@unhurried
@given(texts, texts)
def test_no_text_at_all_breaks_the_reading(one: str, other: str) -> None:
    text = page(one, other, "Omega", LONG).encode("utf-8", "surrogatepass")
    assert hf_text.recognise(text.decode("utf-8", "replace"))
    found = outcome(daily_file(text))
    assert isinstance(found, Edition) or found.reasons


@pytest.mark.parametrize(
    ("text", "ours"),
    [
        ("Daily Papers", True),
        ("\n\n# DAILY PAPERS\r\n", True),
        ("\n" * 500 + "x\n" * 39 + "Daily Papers", True),
        ("x\n" * 40 + "Daily Papers", False),
        ("We read the daily papers.\n\nDaily Papers", False),
        ("", False),
    ],
)
def test_the_page_is_recognised_by_its_name_among_the_first_lines(text: str, ours: bool) -> None:
    assert hf_text.recognise(text) == ours


# --- what the page counts -----------------------------------------------------

MENUS = (*HEADER, "Daily", "Weekly", "Monthly", "Sep 8")
TITLES_ALONE = "These are titles without abstracts"


def counted(edition: Edition) -> list[tuple[str, int | None, int | None, int | None]]:
    return [
        (listing.title, listing.counts.upvotes, listing.counts.comments, listing.counts.stars)
        for listing in edition.listings
    ]


def test_a_copy_of_the_list_view_is_titles_with_what_is_counted() -> None:
    cards = (
        "Submitted by\nskipper\n72\nAlpha: On the First\n· 5 authors\n3",
        "Submitted by\n\nsome one\n\n-\nBeta: On the Second\n\nOther Lab · 12 authors\n1.2k\n4",
        "Submitted by mate\n9\n\nGamma: On the Third\n\nHarbour University\n\n·\n\n3 authors",
    )
    edition = parsed(page(*cards, header=MENUS))
    assert counted(edition) == [
        ("Alpha: On the First", 72, 3, None),
        ("Beta: On the Second", 0, 4, 1200),
        ("Gamma: On the Third", 9, None, None),
    ]
    assert [listing.abstract for listing in edition.listings] == [""] * 3
    assert edition.rejected == ()
    assert edition.notes[0].startswith(TITLES_ALONE)


def test_numbers_authors_and_dates_between_papers_are_neither_title_nor_abstract() -> None:
    cards = (
        *("72", "Alpha: On the First", LONG, "3 authors", "·", "May 30", "6"),
        *("1,204", "Beta: On the Second", LONG, "Harbour University", "·", "Mar 8, 2024 2"),
        *("-", "Gamma: On the Third", LONG, "* · 3 authors", "System theme", "TOS Privacy"),
    )
    edition = parsed(page(*cards, header=MENUS))
    assert counted(edition) == [
        ("Alpha: On the First", 72, 6, None),
        ("Beta: On the Second", 1204, 2, None),
        ("Gamma: On the Third", 0, None, None),
    ]
    assert [one.published for one in edition.listings] == [
        date(2025, 5, 30),
        date(2024, 3, 8),
        None,
    ]
    assert {listing.abstract for listing in edition.listings} == {LONG.strip()}
    assert (edition.rejected, edition.notes) == ((), ())


def test_labelled_numbers_behind_the_abstract_are_counted() -> None:
    cards = (
        *("Alpha", LONG, "Some Lab · Published on Oct 4, 2024", "Upvote\n117\nGitHub 3.29k"),
        *("Beta", LONG, "· Published on Sep 1", "Upvote\n11\nGitHub\n32\narXiv Page"),
    )
    edition = parsed(page(*cards, header=MENUS))
    assert counted(edition) == [("Alpha", 117, None, 3290), ("Beta", 11, None, 32)]
    assert [one.published for one in edition.listings] == [date(2024, 10, 4), date(2025, 9, 1)]


def test_a_number_right_behind_a_title_is_its_upvotes_where_none_stands_before() -> None:
    edition = parsed(page("Alpha One\n72\n· 5 authors\n3", "Beta Two\n8\n· 1 author", header=MENUS))
    assert counted(edition) == [("Alpha One", 72, 3, None), ("Beta Two", 8, None, None)]


@pytest.mark.parametrize("name", ["lynx-nolist", "lynx-nolist-titles"])
def test_a_dump_without_links_is_read(name: str) -> None:
    edition = corpus(f"{name}.txt")
    assert [(title[:7], up) for title, up, *_ in counted(edition)] == [
        ("Rudders", 65),
        ("A Short", 0),
        ("Lantern", 24),
    ]
    assert edition.rejected == ()
    assert bool(edition.notes) == name.endswith("titles")


def test_several_short_lines_are_titles_but_one_or_two_may_be_anything() -> None:
    edition = parsed(page("Alpha One", "Beta Two", "Gamma Three"))
    assert titles(edition) == ["Alpha One", "Beta Two", "Gamma Three"]
    assert edition.notes[0].startswith(TITLES_ALONE)
    for few in (("Alpha One", "Beta"), ("Alpha One", "Alpha One", "Alpha One")):
        with pytest.raises(Unreadable, match="without abstract"):
            parsed(page(*few))


@pytest.mark.parametrize("cut", ["We show that", LONG + "And so", LONG[:250]])
def test_an_abstract_never_becomes_a_title_because_it_breaks_off(cut: str) -> None:
    edition = parsed(page("72\n\nAlpha: On", cut, header=MENUS))
    assert [(one.title, one.abstract, one.counts.upvotes) for one in edition.listings] == [
        ("Alpha: On", cut.strip(), 72)
    ]


@pytest.mark.parametrize(
    ("line", "day"),
    [
        ("Week 36", date(2025, 9, 7)),
        ("Week 37, 2025", date(2025, 9, 9)),
        ("Week 50", date(2024, 12, 15)),
        ("Aug 2025", date(2025, 8, 31)),
        ("September 2025", date(2025, 9, 9)),
    ],
)
def test_the_page_of_a_week_or_a_month_is_taken_for_its_last_day_with_a_note(
    line: str, day: date
) -> None:
    edition = parsed(page("Alpha", LONG, header=(*HEADER, line)))
    assert (edition.day, titles(edition)) == (day, ["Alpha"])
    assert str(day) in edition.notes[0]
    assert parsed(page("Alpha", LONG, header=(*HEADER, line)), "2025-09-01.txt").notes == ()


def test_a_week_that_there_is_not_has_no_day() -> None:
    with pytest.raises(Unreadable, match="no date in the header"):
        parsed(page("Alpha", LONG, header=(*HEADER, "Week 77")))


def test_a_page_that_says_it_has_no_papers_is_an_empty_day() -> None:
    edition = parsed(page("No papers published on this date"))
    assert (edition.listings, edition.day) == ((), SEP_8)
    assert edition.notes == ("The page says that there are no papers.",)


@pytest.mark.parametrize("line", ["2024", "3 authors"])
def test_such_a_line_amid_a_wrapped_abstract_does_not_make_a_listing_of_its_own(line: str) -> None:
    wrapped = f"We began in\n{line}\nand so we go on. " + LONG
    edition = parsed(page("Alpha", wrapped, "Beta", LONG))
    assert titles(edition)[-1] == "Beta"
    assert line not in titles(edition)
