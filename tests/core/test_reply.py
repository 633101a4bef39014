from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.core.reply import REPLY_LIMIT, noted

any_text = st.text(st.characters(codec=None, exclude_categories=()))


@pytest.mark.parametrize(
    ("reply", "kept"),
    [
        ("550 5.1.1 <ann@example.org>: no such user", "550 5.1.1 <address>: no such user"),
        ("550 ann.b+c@mail.example.org. Sorry", "550 <address>. Sorry"),
        ('550 <"a b"@example.org> no', "550 <address> no"),
        ("550 ann@[127.0.0.1] no", "550 <address> no"),
        ("550 see mailto:ann@example.org, ok", "550 see mailto:<address>, ok"),
        ("550 https://x.org/?e=ann%40example.org&r=1", "550 https:<address>&r=1"),
        ("550 jürgen@bücher.ch no", "550 <address> no"),
        ("550 (ann@example.org)", "550 (<address>)"),
        ("550 <ann@example.net@example.org> no", "550 <address><address>> no"),
        ("550 <an\x00n @example.org> no", "550 <an\\x00n <address>> no"),
        (
            f"554 https://x.org/u/{'Tk-_' * 8}Tk is on a list",
            "554 https://x.org/u/<token> is on a list",
        ),
        (
            f"554 https://x.org/p/{'Tk-_' * 10} is on a list",
            "554 https://x.org/p/<token> is on a list",
        ),
        (f"250 2.0.0 queued as {'Q' * 35}", f"250 2.0.0 queued as {'Q' * 35}"),
        ("250-first\n250 second", "250-first 250 second"),
        ("250 \x1b[31m\0\udcff", "250 \\x1b[31m\\x00\\udcff"),
        ("250 2.0.0 Ok: queued as 4XyZ", "250 2.0.0 Ok: queued as 4XyZ"),
    ],
)
def test_a_reply_is_kept_without_addresses_and_on_one_line(reply: str, kept: str) -> None:
    assert noted(reply) == kept


@given(any_text)
def test_what_is_kept_of_a_reply_is_short_and_printable(text: str) -> None:
    kept = noted(text * 50)
    assert len(kept) <= REPLY_LIMIT
    assert kept.isprintable()


@given(st.emails(), any_text, any_text)
def test_no_address_survives_in_a_reply(address: str, before: str, after: str) -> None:
    assert address not in noted(f"{before} <{address}> {after}")


def test_an_address_that_is_cut_by_the_cap_does_not_survive() -> None:
    for length in range(470, 520):
        assert "ann@" not in noted("x" * length + " ann@example.org")
