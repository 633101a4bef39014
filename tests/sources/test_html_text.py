"""Fragments of HTML become text, in time."""

from __future__ import annotations

from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.texts import texts, unhurried
from worker.sources.html_text import text

MANY = 50_000


def test_paragraphs_are_parted_and_lines_unwrapped() -> None:
    assert text("<p>one\ntwo</p>\n<p> three</p>") == "one two\n\nthree"


def test_a_break_is_a_line_and_two_are_a_paragraph() -> None:
    assert text("a<br>b<br/>\n<br/>c") == "a\nb\n\nc"


def test_each_entry_of_a_list_and_each_row_of_a_table_is_a_line() -> None:
    assert text("so:<ul><li>a<li>b</ul>") == "so:\n\na\nb"
    assert text("<table><tr><td>1<td>2<tr><td>3</table>") == "1 2\n3"


def test_tags_inside_a_word_do_not_part_it() -> None:
    assert text('CO<sub>2</sub> and <a href="x">this</a>, <b>that</b>') == "CO2 and this, that"


def test_entities_are_decoded_once() -> None:
    assert text("M&uuml;ller &amp;amp; 1 &lt; 2&nbsp;m &#233;") == "Müller &amp; 1 < 2 m é"


def test_a_sign_that_begins_no_tag_stays() -> None:
    assert text("a < b & c > d, 3<4") == "a < b & c > d, 3<4"


def test_a_text_without_tags_keeps_its_paragraphs() -> None:
    assert text("one\ntwo\n \n\nthree &eacute;") == "one two\n\nthree é"


@pytest.mark.parametrize("element", ["script", "style", "title", "svg", "template"])
def test_what_nobody_reads_is_no_text(element: str) -> None:
    assert text(f"a<{element}>b</{element}>c") == "ac"


def test_comments_are_no_text_whatever_is_in_them() -> None:
    assert text("a<!-- <b> > <p> -->b") == "ab"


def test_a_sign_in_an_attribute_ends_no_tag() -> None:
    assert text("""<a title="x > y" href='a>b'>z</a>""") == "z"


def test_a_tag_that_is_cut_off_is_no_text() -> None:
    assert text('whole <a href="https://exam') == "whole"


def test_nothing_is_lost_however_deep_it_nests() -> None:
    assert text("before" + "<div>" * MANY + "below") == "before\n\nbelow"


@pytest.mark.parametrize(
    "hostile",
    [
        pytest.param("<b>" * MANY + "x", id="nested b (B38)"),
        pytest.param("<div>" * MANY, id="nested div"),
        pytest.param("<ul><li>" * MANY, id="nested lists"),
        pytest.param("".join(f"<p><b id={n}>" for n in range(MANY)), id="b reopened by p"),
        pytest.param("<a href=x><div>" * MANY, id="a across div"),
        pytest.param("<table><a>" * MANY, id="a fostered by table"),
        pytest.param("<!--" * MANY * 5, id="comments without an end"),
        pytest.param("<b '\"" * MANY, id="quotes without an end"),
        pytest.param('<b x="' * MANY, id="values without an end"),
        pytest.param("<b =" + " =" * MANY, id="equal signs"),
        pytest.param("<" * MANY * 10, id="signs"),
        pytest.param("&" * MANY * 10, id="ampersands"),
        pytest.param("\n " * MANY * 10, id="blank lines"),
        pytest.param("<x> </x>" * MANY, id="unknown tags"),
    ],
)
def test_no_fragment_takes_long(hostile: str) -> None:
    begun = process_time()
    text(hostile)
    assert process_time() - begun < 2.5


@unhurried
@given(st.lists(texts | st.sampled_from(["<p>", "</p>", "<b", ">", "<!--", "&lt;", "'", "<td>"])))
def test_any_fragment_has_a_text(pieces: list[str]) -> None:
    found = text("".join(pieces))
    assert found == found.strip()
    assert "\n\n\n" not in found


@unhurried
@given(st.text(st.characters(categories=["L", "N"]), min_size=1))
def test_words_come_out_as_they_went_in(words: str) -> None:
    assert text(f"<p>{words}</p>") == words
