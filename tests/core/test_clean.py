"""What a text may hold once it is cleaned (B1-B24)."""

from __future__ import annotations

import re
import time
import unicodedata
from datetime import date
from urllib.parse import urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.texts import texts, unhurried
from worker.core.clean import (
    ABSTRACT_LIMIT,
    AUTHORS_LIMIT,
    ID_LIMIT,
    MANY,
    TITLE_LIMIT,
    clean_line,
    clean_listing,
    clean_text,
)
from worker.core.weblink import URL_LIMIT, clean_url
from worker.model import Listing

limits = st.integers(1, 60) | st.just(TITLE_LIMIT)


def _is_fit_to_print(character: str) -> bool:
    category = unicodedata.category(character)
    noncharacter = 0xFDD0 <= ord(character) <= 0xFDEF or ord(character) & 0xFFFE == 0xFFFE
    bidi = unicodedata.bidirectional(character) in (
        *("LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"),
    )
    hidden = character in "\u200b\u200c\u200d\u200e\u200f\u061c\ufeff"
    tag = 0xE0000 <= ord(character) <= 0xE007F
    return category not in ("Cc", "Cs", "Zl", "Zp") and not (noncharacter or bidi or hidden or tag)


def _longest_row_of_marks(text: str) -> int:
    signs = "".join("m" if unicodedata.category(c)[0] == "M" else "." for c in text)
    return max(map(len, signs.split(".")))


# --- rules that hold for every text -----------------------------------------


@unhurried
@given(texts, limits)
@example("=\u200b?", TITLE_LIMIT)
@example("a = ?", 4)
@example("ab \u0301", 3)
def test_cleaning_twice_is_cleaning_once(text: str, limit: int) -> None:
    assert clean_line(clean_line(text, limit), limit) == clean_line(text, limit)
    assert clean_text(clean_text(text, limit), limit) == clean_text(text, limit)


@unhurried
@given(texts)
def test_nothing_that_breaks_a_header_or_hides_from_a_reader_is_left(text: str) -> None:
    line, lines = clean_line(text), clean_text(text)
    assert all(map(_is_fit_to_print, line))
    assert all(map(_is_fit_to_print, lines.replace("\n", "")))
    assert "=?" not in line
    assert "=?" not in lines
    assert (line + lines).encode().decode() == line + lines


@unhurried
@given(texts)
@example("e" + "\u0344" * 8)  # each becomes two under NFC
def test_a_cleaned_text_is_composed_and_carries_at_most_eight_marks_in_a_row(text: str) -> None:
    for cleaned in (clean_line(text), clean_text(text)):
        assert unicodedata.is_normalized("NFC", cleaned)
        assert _longest_row_of_marks(cleaned) <= 8


@unhurried
@given(texts, limits)
def test_spaces_are_single_and_never_at_an_end_and_the_length_is_kept(
    text: str, limit: int
) -> None:
    line, lines = clean_line(text, limit), clean_text(text, limit)
    assert not re.search(r"[^\S ]|  |^ | $", line)
    assert not re.search(r"[^\S \n]|  | \n|\n |\A\s|\s\Z", lines)
    assert max(len(line), len(lines)) <= limit


@unhurried
@given(st.text(st.sampled_from("abc xyz.é字"), max_size=80))
def test_a_text_that_is_clean_already_is_left_alone(text: str) -> None:
    tidy = " ".join(text.split())
    assert clean_line(tidy) == clean_text(tidy) == tidy


# --- single cases -----------------------------------------------------------


@pytest.mark.parametrize(
    ("dirty", "clean"),
    [
        ("A\r\nBcc: v@x", "A Bcc: v@x"),  # B1
        ("A\nB\rC", "A B C"),  # B2
        ("A 💩 x=?UTF-8?Q?=0A?=Bcc", "A 💩 x= ?UTF-8?Q?=0A?=Bcc"),  # B3
        ("Ü =?UTF-8?Q?=0D=0ABcc:_v=40x?=", "Ü = ?UTF-8?Q?=0D=0ABcc:_v=40x?="),  # B4
        ("a\vb\fc\x85d\u2028e\u2029f", "a b c d e f"),  # B6
        ("a\0b\ac\x1b[1;31mred\x1b[0m", "abcred"),  # B7
        ("a\ud800b", "a\ufffdb"),  # B8
        ("a\u202eb\u2066c\u200dd\U000e0041e\ufefff", "abcdef"),  # B9
        ("e" + "\u0301" * 300, "é" + "\u0301" * 7),  # B11: one became part of the letter
        ("שלום World مرحبا", "שלום World مرحبا"),  # B12
        ("{{7*7}} {% raw %} %s {0.__class__}", "{{7*7}} {% raw %} %s {0.__class__}"),  # B15
        ('<script> "><img onerror> &#x3c;', '<script> "><img onerror> &#x3c;'),  # B16
        (r"$\frac{a}{b}$ \input{/etc/passwd}", r"$\frac{a}{b}$ \input{/etc/passwd}"),  # B19
        ("&amp;eacute; Ã©", "&amp;eacute; Ã©"),  # B21: a dump holds no entities to decode
        ("a\u00a0\u2003 \tb", "a b"),
        ("Schro\u0308dinger", "Schrödinger"),
    ],
)
def test_a_title_becomes_one_harmless_line(dirty: str, clean: str) -> None:
    assert clean_line(dirty) == clean


def test_an_abstract_keeps_its_lines_whatever_ended_them() -> None:
    assert clean_text("  a \r\n\t.\rMAIL  FROM:<x>\n\n b\f") == "a\n.\nMAIL FROM:<x>\n\nb"  # B13


def test_a_text_that_is_cut_says_so_and_leaves_letter_and_accent_together() -> None:
    assert clean_line("abcdef", 5) == "abcd…"
    assert clean_line("abc  def", 5) == "abc…"
    assert clean_line("abx\u0302yz", 4) == "ab…"
    assert clean_line("\u0301" * 8 + "abc", 4) == "…"
    assert len(clean_line("x" * 100_000)) == TITLE_LIMIT  # B10
    assert len(clean_text("line\n" * 200_000)) == ABSTRACT_LIMIT  # B20
    assert clean_text("ab\ncd", 4) == "ab…"


def test_an_endless_row_of_marks_takes_no_endless_time() -> None:
    began = time.process_time()
    assert len(clean_line("a" + "\u0301\u0323" * 500_000)) <= 10
    assert time.process_time() - began < 5  # sorted by NFC alone it takes an hour


# --- addresses --------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("https://arxiv.org/abs/2509.01234v2", "https://arxiv.org/abs/2509.01234v2"),
        ("HTTP://ArXiv.org:8080?a=b#c", "http://arxiv.org:8080?a=b#c"),
        ("https://bücher.example/ü?q=ä", "https://xn--bcher-kva.example/%C3%BC?q=%C3%A4"),
        ("https://аpple.com/", "https://xn--pple-43d.com/"),  # a Cyrillic а
        ("https://x.org/%41%zz", "https://x.org/%41%zz"),
        ("http://[2001:DB8:0::1]:80/x", "http://[2001:db8::1]:80/x"),
        ("http://127.0.0.1/", "http://127.0.0.1/"),
        ("https://x.org", "https://x.org"),
    ],
)
def test_a_plain_web_address_is_kept_with_its_host_in_ascii(text: str, url: str) -> None:
    assert clean_url(text) == url


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "httpſ://x.org",
            "javascript:alert(1)",
            "data:text/html,x",
            "vbscript:x",
            "file:///etc/passwd",
        ),
        *("//evil", "/evil", "mailto:a@x.org", "https:x.org", "https:///x.org", "https://"),
        *("https://a@b", "https://a:b@c.org/", "http://[::1", "http://[::g]/", "http://[1.2.3.4]/"),
        *("https://x.org/a b", " https://x.org", "https://x.org\r\nBcc: v@x", "https://x.org/\0"),
        *('https://x.org/"', "https://x.org/'", "https://x.org/<b>", "https://x.org\\@y.org"),
        *("https://x..org", "https://-x.org", "https://x.org:99999", "https://x.org:80:80"),
        *("https://x.org:", "https://a%00b.org", "https://a!b.org", "https://." + "x" * 300),
        *(
            "https://faß.example",
            "https://℀.example",
            "https://x.org/\u202e",
            "https://x\u3000.org",
        ),
        *("https://x.org/\ud800", "https://x.org/?a=?b", f"https://{'ü' * 70}.org"),
        "https://x.org/" + "a" * 10_000,
        "https://x.org/" + "ü" * 1_000,
    ],
)
def test_whatever_else_is_not_linked(text: str) -> None:
    assert clean_url(text) == ""


@unhurried
@given(texts, st.sampled_from(["https://", "http://x.org/", "https://é.org/?"]))
def test_an_address_that_is_linked_is_ascii_and_leads_to_the_host_it_shows(
    text: str, start: str
) -> None:
    url = clean_url(start + text)
    assert clean_url(url) == url
    if url:
        assert url.isascii()
        assert url.isprintable()
        assert not re.search(r"[ \"'<>\\]|=\?", url)
        assert len(url) <= URL_LIMIT
        assert urlsplit(url).hostname
        assert urlsplit(url).username is None


# --- listings ---------------------------------------------------------------


def test_every_text_of_a_listing_is_cleaned() -> None:
    dirty = Listing(
        title="A\nB",
        abstract="a\r\nb\0",
        authors=("Ann\tLee", " ", "\u200b", "Bo"),
        ids=("arxiv:2509.01234", "", " arxiv:2509.01234"),
        url="javascript:x",
        categories=("cs.CV ", "cs.CV"),
        published=date(2025, 9, 8),
    )
    assert clean_listing(dirty) == Listing(
        title="A B",
        abstract="a\nb",
        authors=("Ann Lee", "Bo"),
        ids=("arxiv:2509.01234",),
        categories=("cs.CV",),
        published=date(2025, 9, 8),
    )


@pytest.mark.parametrize(
    ("title", "ids", "shown"),
    [
        ("", (), "(untitled)"),
        (" \u200b\n", ("arxiv:2509.01234", "doi:10.1000/1"), "(untitled) arxiv:2509.01234"),
        ("🚀", ("arxiv:2509.01234",), "(untitled) 🚀 arxiv:2509.01234"),
        ("🚀 1", (), "🚀 1"),
        ("人", (), "人"),
    ],
)
def test_a_title_without_a_word_is_called_untitled(  # B14
    title: str, ids: tuple[str, ...], shown: str
) -> None:
    assert clean_listing(Listing(title, "", ids=ids)).title == shown


def test_of_five_thousand_authors_some_are_named_and_the_others_counted() -> None:  # B18
    authors = clean_listing(Listing("t", "", tuple(f"Author {n}" for n in range(5000)))).authors
    assert authors[:2] == ("Author 0", "Author 1")
    assert authors[-1] == f"and {5000 - len(authors) + 1:,} more"
    assert AUTHORS_LIMIT - 50 < len(", ".join(authors)) <= AUTHORS_LIMIT


def test_an_id_that_is_too_long_is_dropped_and_never_cut_into_another() -> None:
    ids = ("x" * ID_LIMIT, "x" * (ID_LIMIT + 1), *(f"id{n}" for n in range(1000)))
    cleaned = clean_listing(Listing("t", "", ids=ids)).ids
    assert cleaned[:2] == ("x" * ID_LIMIT, "id0")
    assert len(cleaned) == MANY


@unhurried
@given(
    st.builds(
        Listing,
        title=texts,
        abstract=texts,
        authors=st.lists(texts | st.just("A. Author" * 20), max_size=30).map(tuple),
        ids=st.lists(texts, max_size=3).map(tuple),
        url=texts | st.just("https://x.org/ü"),
        categories=st.lists(texts, max_size=3).map(tuple),
    )
)
def test_a_cleaned_listing_is_clean_and_stays_as_it_is(listing: Listing) -> None:
    cleaned = clean_listing(listing)
    assert clean_listing(cleaned) == cleaned
    assert cleaned.title
    assert len(", ".join(cleaned.authors)) <= AUTHORS_LIMIT
    assert all((*cleaned.authors, *cleaned.ids, *cleaned.categories))
