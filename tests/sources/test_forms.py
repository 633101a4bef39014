"""Which files are read at all, and what is said of the others (B23-B25, B39, B41, B50)."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.sources.daily import SEEDS, daily_file, outcome
from tests.texts import unhurried
from worker.model import Edition, Unreadable
from worker.sources import forms, packed, unpack

PAGE = "Daily Papers\n\nSep 8\n\nOn A\n\nAn abstract that is longer than its title. And on."


def reason(content: bytes | str) -> str:
    with pytest.raises(Unreadable) as caught:
        forms.read(daily_file(content), None)
    return str(caught.value)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        *((blank, "file: empty") for blank in ("", " \r\n\t\f\n", "\ufeff", "\u00a0\u3000")),
        ("\0" * 4096, "file: binary"),
        (PAGE + "\0" * 100, "file: binary"),
        (b"\x1f\x8b\x08\0", "file: the gzip breaks off"),
        (b"PK\x03\x04", "file: the zip breaks off"),
        (b"%PDF-1.7", "file: this is PDF"),
        ("<html><title>502 Bad Gateway</title></html>", "file: a web page without papers: “502"),
        ("<html><title>502 Bad Gateway</title>", "file: "),
        (
            '<?xml version="1.0"?><Error><Code>NoSuchKey</Code></Error>',
            "file: XML, but no feed: its root element is <Error>",
        ),
        ('{"error": "rate limited"}', "file: "),
        (b"\xef\xbb\xbf 1", "file: the whole is a number, 1"),
        ("Some other text.", "file: no form of daily file that is known"),
        ("\n" * (unpack.LINES_LIMIT + 1) + PAGE, "file: more than 2,000,000 lines"),
        (b"x" * (packed.SIZE_LIMIT + 1), "file: larger than 64 MB"),
    ],
)
def test_what_cannot_be_a_daily_file_is_refused_for_what_it_is(
    content: bytes | str, why: str
) -> None:
    assert reason(content).startswith(why)


def test_every_listing_is_cleaned() -> None:
    edition = forms.read(daily_file(PAGE.replace("On A", "On\u202e A\u00a0 =?b")), None)
    assert edition.listings[0].title == "On A = ?b"
    signs = forms.read(daily_file(PAGE.replace("On A", "🚀")), None)
    assert signs.listings[0].title == "(untitled) 🚀"


def test_a_stray_nul_does_not_make_a_page_binary() -> None:
    edition = forms.read(daily_file(PAGE.replace("On A", "On\0 A") + " It works." * 20), None)
    assert edition.listings[0].title == "On A"


@pytest.mark.parametrize("start", ["[Skip to content]\n", "{ }\n", "\ufeff"])
def test_a_known_form_is_read_whatever_its_first_sign(start: str) -> None:
    assert len(forms.read(daily_file(start + PAGE), None).listings) == 1


def test_the_newest_day_known_tells_the_year() -> None:
    assert forms.read(daily_file(PAGE), date(2019, 9, 1)).day == date(2019, 9, 8)


@unhurried
@given(st.binary(max_size=200), st.integers(0, 2_000), st.integers(0, 50))
@example(b"\xff\xfe", 0, 0)
def test_no_bytes_at_all_raise_anything_but_unreadable(noise: bytes, at: int, length: int) -> None:
    seed = SEEDS[1].read_bytes()[:4_000]
    for content in (noise, seed[:at] + noise + seed[at + length :]):
        found = outcome(daily_file(content))
        assert isinstance(found, Edition) or found.reasons
