"""Addresses that can be mailed, and those that cannot (B51-B56, B58)."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from worker.core.address import Mailbox, mailbox, normalise
from worker.core.header import is_address
from worker.model import Refused


@pytest.mark.parametrize(
    ("written", "stored"),
    [
        ("a@x.org", "a@x.org"),
        ("Ada.Lovelace@EXAMPLE.Org", "Ada.Lovelace@example.org"),
        ("user@bücher.example", "user@xn--bcher-kva.example"),
        ("user@straße.example.org", "user@xn--strae-oqa.example.org"),
        ("-oX@x.org", "-oX@x.org"),
        ("a|id@x.org", "a|id@x.org"),
        ("%s@x.org", "%s@x.org"),
        ("a'b@x.org", "a'b@x.org"),
        ("a+papers@x.org", "a+papers@x.org"),
        ("a" * 64 + "@x.org", "a" * 64 + "@x.org"),
    ],
)
def test_the_domain_is_made_canonical_and_the_local_part_kept(written: str, stored: str) -> None:
    assert normalise(written) == stored


@pytest.mark.parametrize(
    "written",
    [
        "", "a", "@", "a@", "@x.org", "a@b", '"a b"@x.org', "a@[127.0.0.1]", "a..b@x.org",
        "a@x.org,b@x.org", "A <a@x.org>", "a@x.org ", " a@x.org", "a\0@x.org", "a\u200b@x.org",
        "a\u202e@x.org", "a@x\u202e.org", "a" * 300 + "@x.org", "a@" + "x" * 100_000,
        "a@" + "ü" * 100_000, "a" * 65 + "@x.org", "üser@x.org", "a@x.org\r\nRCPT TO:<v@x.org>",
        "a@x.org\n", "a@example.invalid", "a@localhost", "a@x.test", "a@x\ud800.org", "a@x_y.org",
    ],
)  # fmt: skip
def test_what_cannot_be_mailed_is_refused_in_one_wording(written: str) -> None:
    with pytest.raises(Refused, match=r"^not an e-mail address that can be mailed: ") as refused:
        normalise(written)
    assert len(str(refused.value)) < 300
    assert str(refused.value).isprintable()
    assert len(written) < 6 or written not in str(refused.value)


@settings(deadline=None)
@given(st.one_of(st.text(), st.emails(), st.from_regex(r".{1,70}@.{1,70}\.org", fullmatch=True)))
@example("a@xn--a.org")
def test_whatever_is_taken_is_safe_in_a_header_and_stays_as_it_is(written: str) -> None:
    with contextlib.suppress(Refused):
        address = normalise(written)
        assert is_address(address)
        assert normalise(address) == address


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("a@x.org", Mailbox("", "a@x.org")),
        ("<a@x.org>", Mailbox("", "a@x.org")),
        ("Paper Round <Digest@X.org>", Mailbox("Paper Round", "Digest@x.org")),
        ('"Round, Paper" <a@x.org>', Mailbox("Round, Paper", "a@x.org")),
        (
            "  Zeitungs  Runde  <a@bücher.example>",
            Mailbox("Zeitungs Runde", "a@xn--bcher-kva.example"),
        ),
        ("Päper 論文 <a@x.org>", Mailbox("Päper 論文", "a@x.org")),
    ],
)
def test_a_mailbox_is_an_address_with_or_without_a_name(written: str, read: Mailbox) -> None:
    assert mailbox(written) == read


@pytest.mark.parametrize(
    "written",
    [
        "Paper Round", "Paper Round a@x.org", "Paper Round <a@x>", "P <a@x.org> ", "P <<a@x.org>",
        "X\r\nBcc: v <a@x.org>", "v@y.org <a@x.org>", "=?utf-8?Q?=0ABcc:_v?= <a@x.org>",
        "P\u202e <a@x.org>", "P\0 <a@x.org>", 'a"b <a@x.org>', "P" * 101 + " <a@x.org>", ">", "<>",
    ],
)  # fmt: skip
def test_a_name_that_could_become_something_else_in_a_header_is_refused(written: str) -> None:
    with pytest.raises(Refused, match=r"^not an e-mail address that can be mailed: "):
        mailbox(written)
