"""A delivery becomes a letter: marked, escaped, whole, and small enough."""

from __future__ import annotations

from binascii import b2a_qp
from dataclasses import replace
from datetime import date
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.made import LETTERHEAD, MONDAY, NOON, delivery, paper, pick
from worker import shipped
from worker.core.columns import wrapped
from worker.core.jinja import (
    RenderError,
)
from worker.core.message import assemble
from worker.core.render import (
    Links,
    Templates,
)
from worker.core.room import LARGEST_ENCODED, LARGEST_HTML
from worker.core.sample import sample_delivery
from worker.core.trim import (
    Piece,
    Trim,
    pieces,
)
from worker.core.typeset import (
    spelled,
    spelled_all,
)
from worker.core.view import (
    view,
)
from worker.digests import Receipt
from worker.model import Kind, Paper, PaperNumber, Pick, Rule

LINKS = Links("https://papers.example.org/u/TOKEN", "https://papers.example.org", "Paper Round")
SHIPPED = Templates(shipped.mail_templates())


class Visible(HTMLParser):
    """The texts a reader sees, and those that are marked."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.text, self.marked, self._in_mark = "", [""], False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self._in_mark = tag == "mark"

    def handle_endtag(self, tag: str) -> None:
        if tag == "mark":
            self._in_mark = False
            self.marked.append("")

    def handle_data(self, data: str) -> None:
        self.text += data
        if self._in_mark:
            self.marked[-1] += data


def test_matched_words_are_marked_in_both_parts() -> None:
    one = paper(1, "Mixture-of-Experts, gated", "We gate a mixture of experts.")
    letter = SHIPPED.letter(delivery(pick(1, '"mixture of experts"'), papers=[one]), LINKS)
    assert [text for text in Visible(letter.html).marked if text] == [
        "Mixture-of-Experts",
        "mixture of experts",
    ]
    assert "1. *Mixture-of-Experts*, gated" in letter.text
    assert "We gate a *mixture of experts*." in letter.text


def test_no_mark_breaks_a_link_in_an_abstract() -> None:
    one = paper(1, "MoE", "The MoE code: https://example.org/x/MoE-Fusion (MoE).")
    letter = SHIPPED.letter(delivery(pick(1, "MoE"), papers=[one]), LINKS)
    assert "The *MoE* code: https://example.org/x/MoE-Fusion (*MoE*)." in letter.text


def test_a_hostile_title_is_text_in_both_parts() -> None:
    title = '<script>alert(1)</script> "><img src=x onerror=y> {{7*7}} ${7} %s &#x3c; ]]>'
    one = paper(1, title, "</p><style>")
    letter = SHIPPED.letter(delivery(pick(1), papers=[one]), LINKS)
    assert "<script" not in letter.html
    assert "<img" not in letter.html
    assert title in Visible(letter.html).text
    assert title.split()[0] in letter.text


@given(
    title=st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), min_size=1),
    word=st.sampled_from(["a", "*", "an", "the", "&", "gt", "amp", "mark"]),
)
def test_marking_never_breaks_an_entity_or_a_tag(title: str, word: str) -> None:
    one = paper(1, f"{title} <a&amp;b> {word}", "x")
    letter = SHIPPED.letter(delivery(pick(1, "a OR gt OR amp OR mark"), papers=[one]), LINKS)
    assert f"<a&amp;b> {word}" in Visible(letter.html).text


@given(
    st.text(max_size=40).flatmap(
        lambda text: st.tuples(
            st.just(text), st.lists(st.integers(0, len(text)), max_size=6).map(sorted)
        )
    )
)
def test_pieces_joined_are_the_text_again(cut: tuple[str, list[int]]) -> None:
    text, edges = cut
    spans = list(zip(edges[::2], edges[1::2], strict=False))
    cut_up = pieces(text, spans)
    assert "".join(piece.text for piece in cut_up) == text
    assert "".join(piece.text for piece in cut_up if piece.marked) == "".join(
        text[start:end] for start, end in spans
    )


def test_each_paper_comes_once_under_its_first_rule_with_all_rules_named() -> None:
    shown = delivery(pick(2, "two", "both"), pick(1, "one"), pick(3, "one"))
    sections = view(shown).sections
    assert [(one.rule, [entry.position for entry in one.entries]) for one in sections] == [
        ("two", [1]),
        ("one", [2, 3]),
    ]
    assert sections[0].entries[0].rules == ("two", "both")


@pytest.mark.parametrize(
    ("kind", "mark"), [(Kind.CROSS, "cross-listed"), (Kind.REPLACEMENT, "new version")]
)
def test_a_paper_that_is_not_simply_new_says_what_it_is(kind: Kind, mark: str) -> None:
    shown = delivery(pick(1), pick(2), papers=[paper(1), replace(paper(2), kind=kind)])
    letter = SHIPPED.letter(shown, LINKS)
    assert letter.text.count(mark) == Visible(letter.html).text.count(mark) == 1


def test_the_counts_stand_at_the_top_of_both_parts() -> None:
    receipt = Receipt(47, 43, 4, 1, held_over=2, expired=1, days=(MONDAY, date(2025, 9, 9)))
    letter = SHIPPED.letter(delivery(pick(1), receipt=receipt), LINKS)
    top = " ".join(letter.text.split())
    assert "1 for you · 47 listed on 8 and 9 September · 43 new · 4 already seen" in top[:200]
    visible = " ".join(Visible(letter.html).text.split())
    assert "47 listed on 8 and 9 September · 43 new · 4 already seen · 2 held over" in visible


def test_a_digest_without_papers_says_so_and_whether_a_file_was_read() -> None:
    made = delivery()
    read = replace(made, digest=replace(made.digest, receipt=Receipt(listed=3, new=3)))
    assert "Nothing matched your rules this time" in SHIPPED.letter(read, LINKS).text
    letter = SHIPPED.letter(made, LINKS)
    for part in (letter.text, letter.html or ""):
        assert "No daily file came for this digest, so there was nothing to match." in part
        assert "nothing went wrong" not in part
    assert letter.subject == "Nothing for you today – 8 Sep"


def test_the_unsubscribe_link_is_at_the_top_and_at_the_foot() -> None:
    letter = SHIPPED.letter(sample_delivery(), LINKS)
    assert letter.html.count(LINKS.unsubscribe) == 2
    assert letter.html.index(LINKS.unsubscribe) < letter.html.index("<h2")
    assert LINKS.unsubscribe in letter.text


def test_a_digest_of_long_abstracts_is_shortened_in_both_parts() -> None:
    abstract = "A sentence about neural operators. " * 200
    many = [paper(number, abstract=abstract) for number in range(1, 101)]
    letter = SHIPPED.letter(delivery(*(pick(one.number) for one in many), papers=many), LINKS)
    assert len(letter.html.encode()) <= LARGEST_HTML
    assert Visible(letter.html).text.count("Paper 100") == 1
    assert letter.text.count("Paper ") > 100


def test_the_text_part_is_whole_as_long_as_it_may_be() -> None:
    abstract = "If x < y, operators. " * 80
    many = [paper(number, abstract=abstract) for number in range(1, 41)]
    letter = SHIPPED.letter(delivery(*(pick(one.number) for one in many), papers=many), LINKS)
    assert letter.text.count("operators") == 40 * 80
    assert len(letter.html.encode()) <= LARGEST_HTML
    assert "its plain-text part has them in full" in Visible(letter.html).text


def test_the_whole_message_stays_below_200_kb() -> None:
    many = [paper(number, abstract="ü " * 5000) for number in range(1, 101)]
    letter = SHIPPED.letter(delivery(*(pick(one.number) for one in many), papers=many), LINKS)
    content = assemble(
        letter,
        LETTERHEAD,
        to="reader@example.org",
        message_id="<a.b@example.org>",
        date=NOON,
        unsubscribe_token="A" * 34,
    )
    assert len(content) <= 200_000


def test_a_digest_of_the_longest_titles_leaves_papers_to_the_text_part_and_says_so() -> None:
    many = [paper(number, f"{number} " + "&<" * 240) for number in range(1, 101)]
    letter = SHIPPED.letter(delivery(*(pick(one.number) for one in many), papers=many), LINKS)
    assert len(letter.html.encode()) <= LARGEST_HTML
    assert "more papers are in the plain-text part" in Visible(letter.html).text
    assert "\n100. 100 …\n" in letter.text


@pytest.mark.parametrize("sign", ["💩", "a="])
def test_no_text_at_all_makes_a_part_too_large_to_arrive_whole(sign: str) -> None:
    """The worst that comes through cleaning: every line as long as it may be, in long signs."""
    worst = Paper(
        PaperNumber(1), MONDAY, (), sign * 250, sign * 5000, (sign * 100,) * 10,
        url="https://x.example/?" + "=" * 2000,
    )  # fmt: skip
    many = [replace(worst, number=PaperNumber(number)) for number in range(1, 101)]
    names = [f"{number}{sign * 499}" for number in range(20)]
    rules = tuple(Rule(name, "x") for name in names)
    shown = delivery(*(Pick(one.number, rules) for one in many), papers=many)
    letter = SHIPPED.letter(shown, LINKS)
    assert len(letter.html.encode()) <= LARGEST_HTML
    for part in (letter.html, letter.text):
        assert len(b2a_qp(part.replace("\n", "\r\n").encode())) <= LARGEST_ENCODED
    text = " ".join(letter.text.split())
    assert ("100. " in text) is not ("more papers have no room in" in text)
    assert "more papers have no room in it" in Visible(letter.html).text or "100. " in text


def test_where_titles_alone_fill_a_mail_its_text_still_names_each_paper() -> None:
    many = [paper(number, f"{number}) " + "大" * 400) for number in range(1, 101)]
    letter = SHIPPED.letter(delivery(*(pick(one.number) for one in many), papers=many), LINKS)
    assert [number for number in range(1, 101) if f"\n{number}. {number})" not in letter.text] == []
    assert "are in the plain-text part of this mail" in Visible(letter.html).text


def test_a_template_too_large_by_itself_is_sent_as_its_operator_wants_it() -> None:
    own = shipped.mail_templates() | {"digest.txt.j2": "é" * 90_000 + "{{ digest.left_out }}"}
    letter = Templates(own).letter(delivery(*(pick(number) for number in range(1, 9))), LINKS)
    assert letter.text == "é" * 90_000 + "6\n"


def test_lines_are_cut_to_what_is_asked_for() -> None:
    one = replace(
        paper(1, "A title that is long"),
        authors=("Ann Author", "Ben Author", "Cy Author"),
        url="https://papers.example.org/1",
    )
    (section,) = view(
        delivery(pick(1, "a OR the", "title"), papers=[one]), Trim(0, line=10)
    ).sections
    (entry,) = section.entries
    assert section.rule == "a OR the"
    assert "".join(piece.text for piece in entry.title) == "A title …"
    assert (entry.authors, entry.more_authors) == (("Ann Author",), 2)
    assert (entry.abstract, entry.url, entry.rules) == ((), "", ("a OR the",))


def test_a_shortened_abstract_ends_at_a_word_and_keeps_its_marks() -> None:
    one = paper(1, abstract="An operator that is long enough to be cut somewhere in the middle.")
    (entry,) = view(delivery(pick(1, "operator"), papers=[one]), Trim(20)).sections[0].entries
    assert entry.abstract == (
        Piece("An ", marked=False),
        Piece("operator", marked=True),
        Piece(" that is", marked=False),
        Piece(" …", marked=False),
    )


def test_a_word_longer_than_the_cut_is_cut_where_it_must_be() -> None:
    one = paper(1, abstract="x" * 100)
    (entry,) = view(delivery(pick(1), papers=[one]), Trim(10)).sections[0].entries
    assert entry.abstract == (Piece("x" * 10, marked=False), Piece(" …", marked=False))


def test_a_paper_without_a_link_gets_a_search_and_one_with_a_link_its_own() -> None:
    letter = SHIPPED.letter(sample_delivery(), LINKS)
    assert "https://arxiv.org/abs/2509.00001" in letter.html
    assert "query=A+bare+one" in letter.html


def test_a_rule_that_no_longer_parses_marks_nothing_and_stops_nothing() -> None:
    (entry,) = view(delivery(pick(1, '"unclosed'))).sections[0].entries
    assert (entry.terms, entry.title) == ((), (Piece("Paper 1", marked=False),))


@pytest.mark.parametrize(
    ("template", "place"),
    [
        ("{% if %}", "digest.html.j2, line 1"),
        ("\n\n{{ nosuch }} {{ links.unsubscribe }}", "digest.html.j2"),
        ("{{ ''.__class__ }}", "digest.html.j2"),
        ("{{ 1 / 0 }}", "digest.html.j2"),
        ("no link at all", "unsubscribe link is missing"),
    ],
)
def test_a_broken_template_is_refused_with_its_name(template: str, place: str) -> None:
    with pytest.raises(RenderError, match=place):
        Templates(shipped.mail_templates() | {"digest.html.j2": template}).letter(
            sample_delivery(), LINKS
        )


@pytest.mark.parametrize("template", ["{{ nosuch }}", "{% for %}", "{{ 1 / 0 }}"])
def test_a_broken_text_template_is_refused_too(template: str) -> None:
    with pytest.raises(RenderError, match=r"digest\.txt\.j2"):
        Templates(shipped.mail_templates() | {"digest.txt.j2": template}).letter(
            sample_delivery(), LINKS
        )


def test_lines_of_the_text_part_are_at_most_72_columns_but_for_links() -> None:
    letter = SHIPPED.letter(sample_delivery(), LINKS)
    assert [line for line in letter.text.splitlines() if len(line) > 72 and "://" not in line] == []
    assert wrapped("a-b " * 40, 20, 3).splitlines()[0] == "   " + "a-b a-b a-b a-b"


def test_days_are_spelled_the_same_on_every_machine() -> None:
    assert spelled(MONDAY) == "Monday, 8 September 2025"
    assert spelled_all([]) == ""
    assert spelled_all([MONDAY]) == "8 September"
    days = [date(2025, 8, 30), date(2025, 8, 31), date(2025, 9, 1)]
    assert spelled_all(days) == "30, 31 August and 1 September"


def test_rendering_is_the_same_each_time() -> None:
    assert SHIPPED.letter(sample_delivery(), LINKS) == SHIPPED.letter(sample_delivery(), LINKS)


def test_days_of_several_years_name_the_years_and_many_days_are_counted() -> None:
    new_year = [date(2025, 12, 31), date(2026, 1, 1)]
    assert spelled_all(new_year) == "31 December 2025 and 1 January 2026"
    assert spelled_all([date(2025, 9, day) for day in range(1, 7)]) == "6 days"
