"""Markdown digests: headings, items and rows that lead to papers (B23, B24, B31-B33, B40, B46)."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from time import process_time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.sources.daily import LONG, ROOT, SEEDS, daily_file
from tests.texts import texts, unhurried
from worker.model import Edition, Kind, Listing, Rejected, Unreadable
from worker.sources import markdown
from worker.sources.unpack import text_of

CORPUS = ROOT / "tests" / "corpus" / "markdown"
NAMES = sorted(path.stem for path in CORPUS.glob("*.md"))
SEP_9 = date(2025, 9, 9)
ABS = "https://arxiv.org/abs/"
RUDDERS = ("Rudders That Listen", "arxiv:2509.01234")
KNOTS = ("A Short History of Knots", "arxiv:2509.02345")


def read(name: str) -> str:
    return (CORPUS / f"{name}.md").read_text(encoding="utf-8")


def parsed(text: str, name: str = "papers.md") -> Edition:
    return markdown.parse(text_of(daily_file(text, name), None))


def outcome(text: str) -> Edition | Unreadable:
    try:
        return parsed(text)
    except Unreadable as refused:
        return refused


def told(edition: Edition) -> list[tuple[str, str]]:
    return [(one.title, next(iter(one.ids), "")) for one in edition.listings]


def only(text: str) -> Listing:
    (listing,) = parsed(text).listings
    return listing


# --- digests as people make them -------------------------------------------------


@pytest.mark.parametrize(
    ("name", "source", "papers"),
    [
        (
            "headings",
            "huggingface",
            [("Rudders That Listen: Steering by the Sound of the Wind", RUDDERS[1]), KNOTS],
        ),
        ("fields", "arxiv", [("Rudders That Listen: Steering by Sound", RUDDERS[1]), KNOTS]),
        ("folded", "arxiv", [RUDDERS, KNOTS, ("Lanterns", "arxiv:2509.03456")]),
        (
            "newsletter",
            "huggingface",
            [("Rudders That Listen: Steering by the Sound of the Wind", RUDDERS[1]), KNOTS],
        ),
        ("mail", "arxiv", [RUDDERS, KNOTS]),
        ("fenced", "arxiv", [RUDDERS, KNOTS]),
        (
            "bold",
            "markdown",
            [
                *(RUDDERS, KNOTS, ("Lanterns", "arxiv:2509.03456")),
                ("Bells", "arxiv:2509.06789"),
            ],
        ),
        (
            "sources",
            "huggingface",
            [RUDDERS, KNOTS, ("Lanterns: What They Don&#x27;t Show", "arxiv:2509.03456")],
        ),
        (
            "table",
            "markdown",
            [
                ("Rudders That Listen | Part 1", RUDDERS[1]),
                KNOTS,
                ("Lanterns: Seeing at Sea", "arxiv:2509.03456"),
                ("Bells", "arxiv:2509.06789"),
            ],
        ),
        (
            "list",
            "markdown",
            [
                RUDDERS,
                ("A_B Knots* of [Old] Times", KNOTS[1]),
                ("Lanterns: Seeing at Sea", "arxiv:2509.03456"),
                ("Ropes and How to Coil Them", "arxiv:2509.04567"),
                ("Anchors: a Survey", ""),
                ("Fog Horns", "arxiv:2509.05678"),
                ("Bells", "arxiv:2509.06789"),
            ],
        ),
    ],
)
def test_each_paper_of_a_digest_is_a_listing(
    name: str, source: str, papers: list[tuple[str, str]]
) -> None:
    text = read(name)
    edition = parsed(text)
    assert markdown.recognise(text)
    assert told(edition) == papers
    assert (edition.day, edition.format, edition.source) == (SEP_9, "markdown", source)
    assert edition.notes == ()


def test_every_digest_of_the_corpus_is_tested() -> None:
    assert set(NAMES) == {
        *("headings", "fields", "folded", "newsletter", "mail", "fenced", "bold", "sources"),
        *("table", "list"),
    }


def test_fields_are_read_whatever_holds_them() -> None:
    rudders, knots = parsed(read("fields")).listings
    assert rudders.authors == ("Ada Fisher", "Bo de Vries", "Chen Wei")
    assert rudders.counts.upvotes == 1204
    assert rudders.categories == ("cs.RO", "cs.SD")
    assert rudders.abstract.split("\n") == [
        "Long boats are hard to steer when the wind turns. We propose a rudder that listens.",
        r"It drifts 12\% less on $n_1$ and $n_2$.",
    ]
    assert (knots.abstract, knots.published) == ("Knots are old. We say how old.", date(2025, 9, 7))


def test_the_abstract_is_the_original_one_if_there_is_one() -> None:
    rudders, knots, _ = parsed(read("folded")).listings
    assert rudders.abstract == "Long boats are hard to steer. We propose a rudder that listens."
    assert knots.abstract == "Knots are old. We say how old. A <think> is no tag."
    assert parsed(read("newsletter")).listings[1].abstract == "绳结很古老。"


def test_items_under_a_heading_are_its_text_and_images_are_none() -> None:
    first = parsed(read("headings")).listings[0]
    assert first.abstract.split("\n") == [
        "What's New: 이 논문은 바람의 소리를 듣는 키를 제안합니다.",
        "Details: 호수 세 곳에서 다른 논문과 비교하여 시험합니다.",
    ]
    assert (first.authors[1], first.counts.upvotes) == ("Bo de Vries", 75)


@pytest.mark.parametrize(
    ("line", "authors"),
    [
        ("*Ada Fisher,Bo de Vries,and Chen Wei*", ("Ada Fisher", "Bo de Vries", "Chen Wei")),
        ("Ada Fisher, Bo de Vries and Chen Wei", ("Ada Fisher", "Bo de Vries", "Chen Wei")),
        ("*Ada Fisher*", ("Ada Fisher",)),
        ("Ada Fisher et al.", ("Ada Fisher",)),
        ("We show boats, knots and ropes.", ()),
    ],
)
def test_a_line_of_names_under_the_title_is_its_authors(
    line: str, authors: tuple[str, ...]
) -> None:
    listing = only(f"# D\n\n### [On A]({ABS}2509.01234)\n{line}\n\nIt is so.\n")
    assert listing.authors == authors
    assert listing.abstract.endswith("It is so.")


def test_a_mail_made_into_markdown_keeps_its_tex() -> None:
    first, second = parsed(read("mail")).listings
    assert first.authors == ("Ada Fisher", r"Bo\v{z}o de Vries", "Chen Wei")
    assert first.abstract.startswith("Long boats are hard to steer when the wind turns. We")
    assert (first.categories, second.categories) == (("cs.RO", "cs.SD"), ("math.GT",))
    assert first.counts.comments is None


def test_an_item_tells_authors_counts_categories_and_the_day_of_its_paper() -> None:
    rudders, knots, lanterns, ropes, anchors, horns, bells = parsed(read("list")).listings
    assert (rudders.authors, rudders.counts.stars) == (("Ada Fisher", "Bo de Vries"), 1200)
    assert (knots.authors, knots.abstract) == (("Dana Ilves",), "Knots are old. We say how old.")
    assert (lanterns.authors, lanterns.published) == (("Eli Faber",), date(2025, 9, 8))
    assert ropes.counts.upvotes == 12
    assert anchors.authors == ("Finn Gale", "Gro Holm")
    assert (anchors.abstract, anchors.ids) == ("Anchors hold.", ())
    assert anchors.url == "https://openreview.net/forum?id=abcDEF123"
    assert (horns.categories, bells.categories) == (("cs.SD",), ("cs.SD",))
    assert (bells.counts.upvotes, bells.counts.comments) == (31, 4)


def test_a_row_tells_what_its_columns_are_named_for() -> None:
    rudders, _, lanterns, _ = parsed(read("table")).listings
    assert (rudders.authors, rudders.published) == (("Ada Fisher",), date(2025, 9, 8))
    assert (lanterns.counts.upvotes, lanterns.abstract) == (31, "Lanterns are seen.")


@pytest.mark.parametrize(
    ("name", "line", "shown"),
    [
        ("fields", 48, "3. Lanterns, of Which Nothing Is Known"),
        ("list", 18, "**A Paper Without Any Link**"),
        ("table", 9, "|**2025-09-07**|**A Row Without a Link**|||null|"),
    ],
)
def test_what_looks_like_a_paper_but_leads_to_none_is_set_aside(
    name: str, line: int, shown: str
) -> None:
    why = f"looks like a paper, but leads to none and names no authors: “{shown}”"
    assert parsed(read(name)).rejected == (Rejected(f"line {line}", why),)


# --- titles ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("heading", "title"),
    [
        (f"[On *the* `First`]({ABS}2509.01234)", "On the First"),
        (f"1. **[On A_B and C_D]({ABS}2509.01234)**", "On A_B and C_D"),
        (rf"[4] [A\* Search, \[Part\] \#1]({ABS}2509.01234v3)", "A* Search, [Part] #1"),
        (f"🔥 12\\. [A* Search]({ABS}2509.01234) 🚀", "A* Search"),
        (f"2D or Not 2D [[PDF]]({ABS}2509.01234) [[Code]](https://a.example)", "2D or Not 2D"),
        ("On the First (arXiv:2509.01234)", "On the First"),
        ("2509.01234v2 — On the First", "On the First"),
        (f"[2509.01234: On the First]({ABS}2509.01234)", "On the First"),
        (f'<a href="{ABS}2509.01234">On <b>the</b> First</a>', "On the First"),
        (f"[Price: $5 & <think> {{\\em so}} 1%>100%]({ABS}2509.01234)",
         "Price: $5 & <think> {\\em so} 1%>100%"),
        ("[On the First][a]", "On the First"),
        (f"论文一：[On the First]({ABS}2509.01234)", "论文一：On the First"),
    ],
)  # fmt: skip
def test_a_title_is_read_without_what_marks_it(heading: str, title: str) -> None:
    text = f"# arXiv\n\n## {heading}\n\nWe show.\n\n[a]: {ABS}2509.01234\n"
    listing = only(text)
    assert (listing.title, listing.ids) == (title, ("arxiv:2509.01234",))
    assert listing.abstract == "We show."


@pytest.mark.parametrize(
    "section",
    ["Introduction", "Trends", "Table of Contents", "📊 Summary", "Highlights", "目录", "Sources"],
)
def test_a_section_of_the_digest_is_no_paper(section: str) -> None:
    text = (
        f"# Digest\n\n## {section}\n\nOne leads: [pdf](https://arxiv.org/pdf/2509.09999).\n\n"
        f"## [On A]({ABS}2509.01234)\n\nWe show.\n\n## {section}\n\nThe end.\n"
    )
    edition = parsed(text)
    assert told(edition) == [("On A", "arxiv:2509.01234")]
    assert edition.rejected == ()


@pytest.mark.parametrize(
    "item",
    [
        f"Two papers agree: [A]({ABS}2509.01234) and [B]({ABS}2509.02345).",
        f"As [Direct]({ABS}2509.07777) reports, gains are consistent.",
        "Gains are consistent (2509.07777).",
        f"[A]({ABS}2509.06666) against [B]({ABS}2509.07777)",
        f"**Robots:** gains are consistent, as is shown in [Direct]({ABS}2509.07777) by us all.",
        "[Our site](https://example.org)",
        "[All papers](https://arxiv.org/list/cs.RO/recent)",
    ],
)
def test_prose_on_papers_is_no_paper(item: str) -> None:
    text = f"# Digest\n\n## Summary\n\n- {item}\n\n## Papers\n\n- **On A** [pdf]({ABS}2509.08888)\n"
    assert told(parsed(text)) == [("On A", "arxiv:2509.08888")]


def test_a_paper_that_stands_in_several_places_is_one_with_its_whole_title() -> None:  # B32
    text = (
        f"# Digest\n\n- [On A]({ABS}2509.01234v1)\n\n## [On A: The Whole]({ABS}2509.01234v2)\n\n"
        "**Authors**: Ada Fisher\n\n**Abstract**: We show.\n"
    )
    listing = only(text)
    assert (listing.title, listing.abstract) == ("On A: The Whole", "We show.")
    assert listing.authors == ("Ada Fisher",)


def test_a_title_that_is_marked_as_one_goes_before_what_only_stands_there() -> None:
    text = (
        f"# D\n\n- a long way to say what is in it [pdf]({ABS}2509.01234)\n"
        f"- **On B** [pdf]({ABS}2509.02345)\n- **On A** [pdf]({ABS}2509.01234)\n"
    )
    assert [title for title, _ in told(parsed(text))] == ["On B", "On A"]


def test_an_id_that_lacks_its_last_digit_is_none() -> None:  # B31
    text = f"# Digest\n\n## On A\n\n**Authors**: Ada Fisher\n\n**Link**: {ABS}2509.0123\n"
    assert only(text).ids == ()


def test_crosslists_and_replacements_are_told_by_their_section() -> None:
    text = "".join(
        f"## {section}\n\n- [On {n}]({ABS}2509.0000{n})\n\n"
        for n, section in enumerate(["cs.CL", "Cross-lists for cs.CL", "Replacements"])
    )
    edition = parsed(text)
    assert [one.kind for one in edition.listings] == [Kind.NEW, Kind.CROSS, Kind.REPLACEMENT]
    assert [one.categories for one in edition.listings] == [("cs.CL",), ("cs.CL",), ()]


# --- the day -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("head", "name", "day"),
    [
        ("---\ntitle: x\ndate: 2025-09-05\n---\n\n# D", "x.md", date(2025, 9, 5)),
        ("# Digest of September 5, 2025", "x.md", date(2025, 9, 5)),
        ("# 2025年9月5日 论文", "x.md", date(2025, 9, 5)),
        ("# Digest", "5-Sep-2025_RO.md", date(2025, 9, 5)),
        ("# Digest 2025-09-05", "2025-09-06.md", date(2025, 9, 6)),
        ("# Digest\n\n2026-02-30, 0000-00-00, 2035-01-01", "x.md", SEP_9),  # B33
        ("# Digest", "x.md", SEP_9),
    ],
)
def test_the_day_is_that_of_the_name_or_the_head(head: str, name: str, day: date) -> None:
    assert parsed(f"{head}\n\n## [On A]({ABS}2509.01234)\n\nWe show.\n", name).day == day


@pytest.mark.parametrize("said", ["No new papers today.", "- 总论文数：0", "0 papers found"])
def test_a_digest_that_says_so_is_an_empty_day(said: str) -> None:
    text = f"# arXiv 2025-09-08\n\n{said}\n"
    assert markdown.recognise(text)
    edition = parsed(text)
    assert (edition.listings, edition.day) == ((), date(2025, 9, 8))
    assert edition.notes == ("The text says that there are no papers.",)


def test_a_text_without_papers_that_does_not_say_so_is_refused() -> None:
    with pytest.raises(Unreadable, match="no heading, list item or row that leads to a paper"):
        parsed("# Notes\n\n- [a](https://example.org)\n")


# --- what is recognised ------------------------------------------------------------------


@pytest.mark.parametrize("seed", SEEDS)
def test_the_page_as_plain_text_is_another_form(seed: Path) -> None:
    assert not markdown.recognise(seed.read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "# Notes\n\nNothing [here](https://example.org).",
        f'{{"title": "A", "url": "{ABS}2509.01234"}}',
        f'[{{"readme": "# [A]({ABS}2509.01234)"}}]',
        f"- title: A\n  url: {ABS}2509.01234\n  abstract: We show.\n",
        f"# papers\n- title: A\n  authors: [B]\n  url: {ABS}2509.01234\n  abstract: We show.\n",
        f"title,url,abstract\nA,{ABS}2509.01234,We show.\n",
        f"title\turl\nA\t{ABS}2509.01234\n",
        f"@article{{a, title={{A}}, url={{{ABS}2509.01234}}}}",
        f"TY  - JOUR\nTI  - A\nUR  - {ABS}2509.01234\nER  - \n",
        "\\\\\narXiv:2509.01234\nTitle: A\nAuthors: B\nCategories: cs.CL\n\\\\\n  We show.\n",
        f"From: no-reply@arxiv.org\nSubject: cs\n\n# [A]({ABS}2509.01234)\n",
        f"<!DOCTYPE html><body><h1><a href='{ABS}2509.01234'>A</a></h1></body>",
        f"<?xml version='1.0'?><rss><item><link>{ABS}2509.01234</link></item></rss>",
        f"Daily Papers\n\nSep 8\n\nOn A\n\n{LONG}",
    ],
)
def test_the_files_of_other_forms_are_not_claimed(text: str) -> None:
    assert not markdown.recognise(text)


# --- cut and broken ------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_a_cut_digest_gives_whole_papers_or_says_that_it_is_cut(name: str) -> None:  # B24
    text = read(name)
    whole = parsed(text).listings
    for end in range(1, len(text)):
        found = outcome(text[:end])
        if isinstance(found, Edition) and not (found.rejected or found.notes):
            papers = [(one.title, one.ids) for one in found.listings]
            assert set(papers) <= {(one.title, one.ids) for one in whole}, end


@pytest.mark.parametrize(
    ("ending", "why"),
    [
        (f"## [On C]({ABS}2509.0", "looks like a paper"),
        ("## [On C", "looks like a paper"),
        (f"## [On C]({ABS}2509.03456)\n", "the last paper has no abstract"),
        (f"## [On C]({ABS}2509.03456)\n\nWe show that", "the last abstract breaks off"),
        ("## On C", "looks like a paper"),
    ],
)
def test_a_cut_in_the_last_paper_is_set_aside_with_its_line(ending: str, why: str) -> None:
    text = (
        f"# D\n\n## [On A]({ABS}2509.01234)\n\nWe show.\n\n## [On B]({ABS}2509.02345)\n\nIt is.\n\n"
    )
    edition = parsed(text + ending)
    assert [one.where for one in edition.rejected] == ["line 11"]
    assert edition.rejected[0].why.startswith(why)


@pytest.mark.parametrize(
    ("ending", "what"),
    [("<details>\nMore", "<details>"), ("```\nMore", "a block of code"), ("[x](https://a", "link")],
)
def test_what_is_not_closed_at_the_end_is_noted(ending: str, what: str) -> None:
    edition = parsed(f"# D\n\n## [On A]({ABS}2509.01234)\n\nWe show.\n\n{ending}")
    assert told(edition) == [("On A", "arxiv:2509.01234")]
    assert what in edition.notes[0]


@unhurried
@given(st.sampled_from(NAMES), st.integers(0, 2000), texts)
@example("list", 0, "[" * 100)
def test_no_text_amid_a_digest_raises_anything_but_unreadable(  # B50
    name: str, at: int, noise: str
) -> None:
    text = read(name)
    mutated = (text[:at] + noise + text[at + 5 :]).encode("utf-8", "replace").decode()
    found = outcome(mutated)
    assert isinstance(found, Edition) or found.reasons
    markdown.recognise(mutated)


@unhurried
@given(st.lists(st.sampled_from(["Alpha", "Beta", "Gamma", "Delta"]), unique=True, min_size=1))
def test_papers_come_in_the_order_of_the_text(names: list[str]) -> None:
    lines = [f"- **On {name}** [pdf]({ABS}2509.0000{n})\n" for n, name in enumerate(names)]
    assert [title for title, _ in told(parsed("# D\n\n" + "".join(lines)))] == [
        f"On {name}" for name in names
    ]


@pytest.mark.parametrize(
    "unit",
    [
        *("[", "](", "[a](b)", "![", "**", "*a ", "_a ", "`", "<a href=", "<a href=x>b<b>", "<!--"),
        *("<summary>", "<h1>", "|a|b|\n|--|--|\n", "- a\n", "# a\n", "```\n", "a | ", "x. ", "3\n"),
        *("<https://a", "[a](b \"c", "- **a**\n  - Authors: b\n", "](a(b)", "Title: a\n", " " * 40),
    ],
)  # fmt: skip
def test_a_digest_full_of_one_sign_takes_no_quadratic_time(unit: str) -> None:  # B46
    text = f"# [T]({ABS}2509.01234)\n\n" + (unit * 100_000)[:100_000]
    start = process_time()
    markdown.recognise(text)
    outcome(text)
    assert process_time() - start < 5
