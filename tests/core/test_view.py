"""A digest as templates get it, and what both parts make of it."""

from __future__ import annotations

from dataclasses import replace
from html.parser import HTMLParser

import pytest

from tests.made import delivery, paper, pick
from tests.showcase import (
    DAYS,
    SHOWCASE,
    TRENDS,
    by_upvotes,
    nothing,
    one_paper,
    three_days,
    titles_only,
    usual,
    week,
)
from worker import shipped
from worker.core.columns import WIDTH, columns
from worker.core.entries import entries_of
from worker.core.message import Letter
from worker.core.render import Links, Templates
from worker.core.trim import Trim
from worker.core.view import view
from worker.deliveries import Delivery
from worker.digests import Receipt
from worker.manner import Abstracts, Manner
from worker.model import Counts, Rule

HOME = "https://papers.example.org"
LINKS = Links(f"{HOME}/u/TOKEN", HOME, "Paper Round")
SITE = replace(LINKS, page=f"{HOME}/d/TOKEN", preferences=f"{HOME}/p/TOKEN")
SHIPPED = Templates(shipped.mail_templates())


class Seen(HTMLParser):
    """What a reader sees of the HTML part."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.text, self._hidden = "", 0
        self.feed(html.partition("</head>")[2])

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.text += " " if tag in ("td", "p") else ""
        self._hidden += tag == "div" and dict(attrs).get("style") == "display:none"

    def handle_endtag(self, tag: str) -> None:
        self._hidden -= tag == "div" and self._hidden > 0

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.text += data


def parts(one: Delivery, links: Links = SITE) -> tuple[Letter, str, str]:
    """The letter, and what both parts say, blanks evened out."""
    letter = SHIPPED.letter(one, links)
    return letter, " ".join(Seen(letter.html).text.split()), " ".join(letter.text.split())


@pytest.mark.parametrize("name", SHOWCASE)
def test_both_parts_lead_out_at_the_top_and_at_the_foot_and_end_with_a_receipt(name: str) -> None:
    letter, *said = parts(SHOWCASE[name]())
    for part in (letter.html, letter.text):
        assert part.count(SITE.unsubscribe) == 2
        assert part.index(SITE.unsubscribe) < part.index("Receipt")
        assert part.index(SITE.page) < part.index("Receipt")
    for text in said:
        assert "Read: 2025-09-08.txt of 8 September, at 06:02 UTC" in text or "2 more." in text
    assert len(letter.subject) <= 110


@pytest.mark.parametrize("name", SHOWCASE)
def test_lines_are_at_most_72_columns_but_for_links_and_endless_words(name: str) -> None:
    text = SHIPPED.letter(SHOWCASE[name](), SITE).text
    wide = [line for line in text.splitlines() if columns(line) > WIDTH]
    assert [line for line in wide if "://" not in line and len(line.split()) > 1] == []


def test_a_page_may_show_a_paper_that_no_rule_chose() -> None:
    (shown,) = entries_of([paper(1, "Flow")])
    assert (shown.rules, shown.terms) == ((), ())


def test_what_was_held_over_before_is_told_apart_from_what_matched_now() -> None:
    made = delivery(pick(1, "a"), receipt=Receipt(matched=2))
    crowded = replace(made, digest=replace(made.digest, rest=(pick(2, "a"), pick(3, "a"))))
    assert view(crowded).from_before == 1
    assert view(made).from_before == 0


def test_the_receipt_tells_all_that_became_of_the_papers() -> None:
    letter, *said = parts(usual())
    for text in said:
        for line in (
            "67 listed on 8 September", "63 new", "4 already seen", "6 matched your rules",
            "2 held over for your next digest", "3 removed by your NOT",
            "1 too old: past the keeping time before this digest",
        ):  # fmt: skip
            assert line in text
    assert f"{SITE.page}#removed" in letter.html
    assert f"{SITE.page}#removed" in letter.text
    assert "#removed" not in SHIPPED.letter(usual(), LINKS).html


def test_both_parts_say_at_their_head_how_many_are_held_over() -> None:
    assert all("4 already seen · 2 held over" in text for text in parts(usual())[1:])


def test_the_receipt_names_the_newest_files_first_and_counts_the_others() -> None:
    _, *said = parts(three_days())
    for text in said:
        assert "listed on 8, 9 and 10 September" in text
        assert "Read: 2025-09-10.txt of 10 September, at 06:02 UTC; 2025-09-09.txt" in text
        assert text.count("; and 2 more.") == 1


def test_a_file_read_on_another_day_says_on_which() -> None:
    one = usual()
    late = replace(one.digest.receipt.files[0], day=DAYS[0].replace(day=5))
    receipt = replace(one.digest.receipt, files=(late,))
    for text in parts(replace(one, digest=replace(one.digest, receipt=receipt)))[1:]:
        assert "Read: 2025-09-08.txt of 5 September, on 8 September at 06:02 UTC." in text


def test_a_digest_without_papers_has_its_own_subject_and_the_same_receipt() -> None:
    assert parts(nothing())[0].subject == "Nothing for you today – 8 Sep"
    assert parts(nothing(weekly=True))[0].subject == "Nothing for you this week – 8 Sep"
    days = replace(nothing(), digest=three_days().digest)
    days = replace(days, digest=replace(days.digest, picks=()), papers=())
    assert parts(days)[0].subject == "Nothing for you this time – 10 Sep"
    told = replace(usual(), digest=replace(usual().digest, picks=()))
    assert parts(told)[0].subject == "Nothing for you today, but news of 5 papers you had – 8 Sep"
    for text in parts(nothing())[1:]:
        assert "0 matched your rules" in text


def test_the_line_below_the_subject_goes_on_with_the_titles() -> None:
    letter = parts(usual())[0]
    assert letter.subject == "6 papers: Neural operators for PDEs; Graph diffusion (+4) – 8 Sep"
    first = letter.html.partition('<div style="display:none">')[2]
    assert first.startswith("Which PDE is it? Telling equations from what they do · Diffusion on")
    assert "&#847;" in first[:400]
    assert parts(one_paper())[0].html.partition("display:none")[2][2:].startswith("We study")
    empty = parts(nothing())[0].html.partition("display:none")[2]
    assert empty[2:].startswith("67 listed, 63 new, 0 matched.")


def test_the_strongest_are_named_by_their_scores() -> None:
    picks = tuple(replace(pick(number), score=number) for number in (1, 2, 3))
    assert view(delivery(*picks)).headline.names == ("Paper 3", "Paper 2")


def test_the_contents_have_counts_and_bars_in_both_parts() -> None:
    letter, seen, text = parts(usual())
    assert "Neural operators" in seen.partition("Neural operators (3)")[0]
    assert letter.html.count('role="img"') == 4
    assert f"last 30 days: {', '.join(map(str, TRENDS[0].days))}" in letter.html
    assert "█" in letter.text.partition("Neural operators (3)")[0]
    assert "     0  Protein folding\n        0 in 30 days\n" in letter.text
    for part in (seen, text):
        assert "and 1 above" in part
        assert "in 30 days" in part


def test_bars_give_way_where_there_is_little_room() -> None:
    assert [part.bars for part in view(usual(), Trim(0, line=40)).contents] == [None] * 4
    assert view(usual(), Trim(160)).contents[0].bars


def test_by_upvotes_there_is_one_list_and_each_paper_names_its_rules() -> None:
    one = by_upvotes()
    shown = view(one)
    assert [section.rule for section in shown.sections] == ["Most upvoted first"]
    assert [(part.rule[:6], part.count, part.also) for part in shown.contents] == [
        ("Neural", 3, 0), ("diffus", 2, 0), ("Graph ", 3, 0), ("Protei", 0, 0)
    ]  # fmt: skip
    for text in parts(one)[1:]:
        assert text.count("Most upvoted first (6)") == 1
        assert "ule: Neural operators" in text
        assert "ules: Neural operators, Graph diffusion, " in text


def test_a_not_keeps_its_minus_on_its_line_unless_it_is_too_long_for_one() -> None:
    html = SHIPPED.letter(delivery(pick(1, "flow -survey"), pick(2, f"-{'a' * 40}")), SITE).html
    assert 'flow <span style="white-space:nowrap">-survey</span>' in html
    assert f'<span dir="auto">-{"a" * 40}</span>' in html


@pytest.mark.parametrize("query", ["flow  -survey", " flow", "flow "])
def test_any_blanks_in_a_rule_can_be_shown(query: str) -> None:
    assert query in SHIPPED.letter(delivery(pick(1, query)), SITE).text
    assert "flow" in SHIPPED.letter(delivery(pick(1, query)), SITE).html


def test_rules_of_one_name_are_named_once() -> None:
    chosen = replace(pick(1), rules=(Rule("nlp: flow", "flow -a"), Rule("nlp: flow", "flow")))
    (entry,) = view(delivery(chosen)).sections[0].entries
    assert entry.rules == ("nlp: flow",)


def test_of_abstracts_there_is_as_much_as_he_likes() -> None:
    whole = usual().papers[0].abstract
    for how_much, shown in (
        (Abstracts.FULL, whole),
        (Abstracts.OPENING, whole[: whole.index(" Experiments")]),
        (Abstracts.NONE, ""),
    ):
        one = replace(usual(), manner=Manner(abstracts=how_much))
        entry = view(one).sections[0].entries[0]
        assert "".join(piece.text for piece in entry.abstract) == shown
    assert "We study" not in parts(titles_only())[2]


def test_an_opening_without_an_end_is_cut_at_a_word() -> None:
    endless = replace(usual().papers[0], abstract="word " * 200)
    one = delivery(pick(1), papers=[endless])
    (entry,) = view(replace(one, manner=Manner(abstracts=Abstracts.OPENING))).sections[0].entries
    assert "".join(piece.text for piece in entry.abstract) == "word " * 59 + "word …"


@pytest.mark.parametrize(
    ("how_much", "trim", "cut"),
    [
        (Abstracts.FULL, Trim(), False), (Abstracts.FULL, Trim(1000), True),
        (Abstracts.OPENING, Trim(300), False), (Abstracts.OPENING, Trim(160), True),
        (Abstracts.NONE, Trim(0, 5), False),
    ],
)  # fmt: skip
def test_abstracts_are_said_to_be_cut_only_where_he_would_have_more(
    how_much: Abstracts, trim: Trim, *, cut: bool
) -> None:
    assert view(replace(usual(), manner=Manner(abstracts=how_much)), trim).shortened is cut


def test_where_and_when_it_was_listed_is_said_and_what_chose_it() -> None:
    for text in parts(usual())[1:]:
        assert "Hugging Face, 8 September · 7 upvotes" in text
        assert "arXiv, 8 September · cross-listed" in text
        assert "· 1 upvote " in text
        assert '"neural operator", pde, top:10' in text
    feed = replace(paper(1), source="blog.example.org", counts=Counts(upvotes=2))
    table = replace(paper(2), source="csv")
    entries = view(delivery(pick(1), pick(2), papers=[feed, table])).sections[0].entries
    assert [entry.source for entry in entries] == ["blog.example.org", ""]


def test_authors_that_cleaning_only_counted_are_counted() -> None:
    names = tuple(f"Author {place}" for place in range(9))
    many = replace(paper(1), authors=(*names, "and 4,991 more"))
    few = replace(paper(2), authors=("Ann", "and 3 more"))
    entries = view(delivery(pick(1), pick(2), papers=[many, few])).sections[0].entries
    assert [(len(entry.authors), entry.more_authors) for entry in entries] == [(6, 4994), (1, 3)]


def test_news_of_papers_he_had_is_told_in_one_line_each() -> None:
    for text in parts(usual())[1:]:
        assert text.count("News of papers you had") == 1
        for line in (
            "has 120 upvotes now, 14 when you got it on 8 September.",
            "has 120 upvotes now; you got it on 8 September.",
            "was listed again on 9 September; you got it on 8 September.",
            "has a new version, listed on 9 September; you got it on 8 September.",
            "was cross-listed on 9 September; you got it on 8 September.",
        ):
            assert line in text
    assert "News of papers" not in parts(week())[2]


def test_a_week_opens_with_what_rose_and_fell_and_its_new_words() -> None:
    letter, seen, text = parts(week())
    assert letter.subject.startswith("Your week: 6 papers – Neural operators for PDEs; Graph")
    assert "Up Graph diffusion: 12 this week, 5 the week before" in seen
    assert "Down Protein folding: 0 this week, 4 the week before" in seen
    assert "New words superposition (9 papers), σ-algebra (4 papers)" in seen
    assert "Up: Graph diffusion, 12 papers; 5 the week before" in text
    assert "Down: Protein folding, 0 papers; 4 the week before" in text
    assert "New words: superposition (9), σ-algebra (4)" in text


def test_what_has_no_room_is_on_the_page_where_there_is_one() -> None:
    many = [paper(number, f"{number} " + "&<" * 240) for number in range(1, 101)]
    one = delivery(*(pick(one.number) for one in many), papers=many, receipt=Receipt(100))
    letter, seen, _ = parts(one)
    assert "more are on the page of this digest." in seen
    assert letter.html.count(SITE.page) == 3
    small = replace(one, small=True)
    assert "more on the page of this digest: " + SITE.page in parts(small)[2]
