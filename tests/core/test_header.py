from __future__ import annotations

import re
from email import message_from_bytes, policy

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from worker.core.header import (
    LINE_AIM,
    LINE_LIMIT,
    SUBJECT_LIMIT,
    header,
    is_address,
    is_domain,
    phrase,
    subject,
    words,
)

any_text = st.text(st.characters(codec=None, exclude_categories=()))
HOSTILE = {
    "B1": ("A\r\nBcc: v@x", "A Bcc: v@x"),
    "B2 newline": ("A\nBcc: v@x", "A Bcc: v@x"),
    "B2 return": ("A\rBcc: v@x", "A Bcc: v@x"),
    "B3": ("A 💩 x=?UTF-8?Q?=0A?=Bcc: v@x", "A 💩 x= ?UTF-8?Q?=0A?=Bcc: v@x"),
    "B4": ("Ü =?UTF-8?Q?=0D=0ABcc:_v=40x?=", "Ü = ?UTF-8?Q?=0D=0ABcc:_v=40x?="),
    "B5": ("x =?utf-8?b?PHNjcmlwdD4=?=", "x = ?utf-8?b?PHNjcmlwdD4= ?="),
    "B6": ("a\vb\fc\x85d\u2028e\u2029f", "a b c d e f"),
    "B7": ("a\0b\ac \x1b[31md", "a b c [31md"),
    "B8": ("a \ud800 b", "a \ufffd b"),
    "B10 word": ("w" * 2000, "w" * 117 + "..."),
    "B10 title": ("many words " * 9000, ("many words " * 11)[:117].rstrip() + "..."),
    "B15": ("{{7*7}} {% raw %} ${7} #{7} %s {0.__class__}",) * 2,
    "B16": ('<script>"><img onerror></title><!--[if mso]>]]>&#x3c;',) * 2,
    "an answer": ("Re: RE: re[2]: A digest", "A digest"),
    "no answer": ("Reading: a digest", "Reading: a digest"),
    "split by a control": ("=\0?utf-8?q?x?=", "= ?utf-8?q?x?="),
    "blank": ("  \t ", ""),
}


@pytest.mark.parametrize("title", HOSTILE)
def test_a_subject_is_one_plain_line_whatever_the_title(title: str) -> None:
    hostile, plain = HOSTILE[title]
    assert subject(hostile) == plain


@given(any_text)
@example("Re:" + "\0" + "Re: x")
def test_a_clean_subject_is_left_alone(text: str) -> None:
    once = subject(text)
    assert subject(once) == once
    assert len(once) <= SUBJECT_LIMIT
    assert "=?" not in once
    assert not re.search(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]", once)


@given(any_text)
@example("=" * 300)
@example("é" * 300)
@example("a b " * 60 + "é")
def test_a_subject_comes_back_from_its_header_as_it_went_in(text: str) -> None:
    sent = subject(text) or "x"
    raw = header("Subject", *words(sent))
    assert raw.isascii()
    assert raw.endswith("\r\n")
    assert all(len(line) <= LINE_LIMIT for line in raw.split("\r\n"))
    message = message_from_bytes(f"{raw}X-End: 1\r\n\r\n".encode(), policy=policy.default)
    assert message.keys() == ["Subject", "X-End"]
    assert message["Subject"] == sent


@given(st.text())
@example("Paper\r\nBcc: v@x")
@example("tab\there")
@example("")
@example(" ")
@example("x" * 999)
def test_a_header_holds_only_visible_ascii(text: str) -> None:
    fits = text.isascii() and text.isprintable() and text.strip(" ") == text and 0 < len(text) < 996
    if fits:
        assert header("X", text) == f"X: {text}\r\n"
    else:
        with pytest.raises(ValueError, match="the header X"):
            header("X", text)


def test_a_header_is_folded_between_its_pieces_only() -> None:
    pieces = ["a" * 40, "b c" * 15, "d" * 100, "e", "f"]
    raw = header("X", *pieces)
    assert raw.split("\r\n") == [
        "X: " + "a" * 40,
        " " + "b c" * 15,
        " " + "d" * 100,
        " e f",
        "",
    ]


def test_a_line_is_filled_up_to_the_aim_and_not_beyond() -> None:
    assert header("X", "a" * 70, "bb") == f"X: {'a' * 70} bb\r\n"
    assert len(f"X: {'a' * 70} bb") == LINE_AIM
    assert header("X", "a" * 71, "bb") == f"X: {'a' * 71}\r\n bb\r\n"


@pytest.mark.parametrize(
    ("name", "raw"),
    [
        ("", []),
        ("Paper Round", ["Paper Round"]),
        ("Round, Paper", ['"Round, Paper"']),
        ('The "Round" \\', ['"The \\"Round\\" \\\\"']),
        ("Zeitungsrunde für Physik", ["=?utf-8?q?Zeitungsrunde_f=C3=BCr_Physik?="]),
    ],
)
def test_a_name_is_bare_quoted_or_encoded(name: str, raw: list[str]) -> None:
    assert phrase(name) == raw


@pytest.mark.parametrize("name", ["a\nb", "a\0b", "a\u2028b", "x =?utf-8?q?y?=", "\ud800"])
def test_a_name_with_a_line_break_or_an_encoded_word_is_refused(name: str) -> None:
    for pieces_of in (phrase, words):
        with pytest.raises(ValueError, match="control characters or an encoded word"):
            pieces_of(name)


@pytest.mark.parametrize(
    "address", ["ann@example.org", "a.b+c=d'e@x-1.example.org", "x@localhost", "x@xn--bcher-kva.ch"]
)
def test_an_address_in_ascii_is_an_address(address: str) -> None:
    assert is_address(address)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "ann",
        "@example.org",
        "ann@",
        "ann@example.org\r\nBcc: v@x",
        "ann@example.org\n",
        "ann@example.org> SIZE=1",
        "<ann@example.org>",
        "ann @example.org",
        "ann@exa mple.org",
        "ann@example..org",
        "ann@-example.org",
        ".ann@example.org",
        "an..n@example.org",
        "ann@example.org,bob@example.org",
        '"a b"@example.org',
        "änn@example.org",
        "ann@bücher.ch",
        "ann@[127.0.0.1]",
        "Ann <ann@example.org>",
        "a" * 65 + "@example.org",
        "a@" + "d" * 64 + ".org",
        "a@" + "d.e." * 63 + "org",
    ],
)
def test_what_could_be_more_than_one_address_is_none(address: str) -> None:
    assert not is_address(address)


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        ("digest.example.org", True),
        ("localhost", True),
        ("a" * 63, True),
        ("a" * 64, False),
        ("a..b", False),
        ("", False),
        ("a_b", False),
        ("a.b\n", False),
        ("a." * 130 + "b", False),
    ],
)
def test_a_domain_is_labels_and_dots(text: str, fits: bool) -> None:
    assert is_domain(text) is fits
