"""Tags and texts are told apart as browsers do."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from tests.texts import texts
from worker.sources.html_pieces import Cut, End, Start, elements, pieces, rendered


@pytest.mark.parametrize(
    ("html", "row"),
    [
        ("a<B>c</b >", ["a", Start("b"), "c", End("b")]),
        ("1 < 2 <3", ["1 ", "<", " 2 ", "<", "3"]),
        ("<!-- <p> -->a<!-->b<!--->c<!-- --!>d", ["a", "b", "c", "d"]),
        ("<!doctype html><?php x ?></>a", ["a"]),
        ("<script>if (a</b) '</p>'</SCRIPT>",
         [Start("script", "", "if (a</b) '</p>'"), End("script")]),
        ("<title>a &amp;amp; <b></title>", [Start("title", "", "a &amp; <b>"), End("title")]),
        ("a&lt;b&amp;lt;c&nbsp;&eacute;&#233;&#xe9;", ["a<b&lt;c\xa0ééé"]),
        ("a<p", ["a", Cut()]), ("<!--a", [Cut()]), ("</a", [Cut()]), ("<", [Cut()]),
        ("<!a", [Cut()]),
        ("<style>a", [Start("style", "", "a"), Cut()]),
    ],
)  # fmt: skip
def test_the_row_of_pieces(html: str, row: list[object]) -> None:
    assert list(pieces(html)) == row


@pytest.mark.parametrize(
    ("tag", "value"),
    [
        ("<a href=x>", "x"), ("<a href='x y'>", "x y"), ('<a HREF = "x">', "x"), ("<a href>", ""),
        ("<a x='>' href=y/>", "y/"), ("<a class='b'' href=y>", "y"), ("<a/href=y>", "y"),
        ("<a href=1 href=2>", "1"), ("<a href='?a=1&copy=2&amp;b=3&#38;c'>", "?a=1&copy=2&b=3&c"),
        ("<a xhref=1>", ""),
    ],
)  # fmt: skip
def test_the_value_of_an_attribute(tag: str, value: str) -> None:
    start = next(pieces(tag))
    assert isinstance(start, Start)
    assert start.get("href") == value


def test_a_class_is_one_whole_word() -> None:
    start = Start("div", " class='list-title mathjax'")
    assert start.has_class("mathjax")
    assert not start.has_class("list")


def test_text_is_shown_on_one_line_but_for_blocks_and_breaks() -> None:
    html = "<p>a\n  <b>b</b> c<br> d</p><p>e<script>no</script></p>"
    assert rendered(pieces(html)) == "a b c\nd\ne"


def test_an_entity_that_is_no_character_does_no_harm() -> None:
    endless = "a&#" + "9" * 10_000 + ";b&#x" + "f" * 99 + "z&#0;"
    assert rendered(pieces(endless)) == "a\ufffdb\ufffdz\ufffd"


def test_elements_are_the_outermost_and_end_where_browsers_end_them() -> None:
    def inner(html: str, *tags: str) -> list[str]:
        return [rendered(row) for _, row in elements(pieces(html), *tags)]

    assert inner("<div>a<div>b</div>c</div>d<div>e", "div") == ["a\nb\nc", "e"]
    assert inner("<dt>a<dd>b<dt>c</dt>d", "dt", "dd") == ["a", "b", "c"]
    assert inner("<p>a<p>b</p>c", "p") == ["a", "b"]


@settings(max_examples=200, deadline=None)
@given(texts)
def test_a_text_without_tags_and_entities_stays_as_it_is(text: str) -> None:
    plain = text.replace("<", "").replace("&", "")
    assert "".join(map(str, pieces(plain))) == plain
