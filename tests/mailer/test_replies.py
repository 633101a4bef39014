from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.deliveries import Accepted, Bounced, Deferred, Doubtful, Outcome, Unavailable
from worker.mailer.replies import (
    REPLY_LIMIT,
    connection_is_over,
    noted,
    refusal,
    size_limit,
    verdict,
)

any_text = st.text(st.characters(codec=None, exclude_categories=()))


@pytest.mark.parametrize(
    ("code", "to_dot", "before"),
    [
        (250, Accepted, Unavailable),
        (251, Accepted, Unavailable),
        (354, Doubtful, Unavailable),
        (421, Deferred, Deferred),
        (452, Deferred, Deferred),
        (550, Bounced, Bounced),
        (599, Bounced, Bounced),
        (600, Doubtful, Unavailable),
        (0, Doubtful, Unavailable),
        (-1, Doubtful, Unavailable),
        (-450, Doubtful, Unavailable),
    ],
)
def test_the_first_digit_decides(code: int, to_dot: type[Outcome], before: type[Outcome]) -> None:
    assert isinstance(verdict(code, "text"), to_dot)
    assert isinstance(refusal(code, "text"), before)
    assert f"{code} text" in verdict(code, "text").reply
    assert f"{code} text" in refusal(code, "text").reply


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


@pytest.mark.parametrize(
    ("outcome", "over"),
    [
        (Unavailable("RSET: connection lost"), True),
        (Deferred("421 4.7.0 too many messages"), True),
        (Deferred("450 4.2.1 4211"), False),
        (Bounced("521 no mail here"), False),
        (Accepted("250 421"), False),
        (Doubtful("421"), False),
    ],
)
def test_a_421_is_about_the_connection(outcome: Outcome, over: bool) -> None:
    assert connection_is_over(outcome) is over


@pytest.mark.parametrize(
    ("said", "limit"),
    [("1000", 1000), ("0", 0), ("", 0), ("ten", 0), ("-5", 0), ("٣", 0), ("9" * 5000, 0)],
)
def test_a_size_limit_is_a_number_or_none(said: str, limit: int) -> None:
    assert size_limit({"size": said}) == limit
    assert size_limit({}) == 0


def test_a_policy_before_the_message_was_seen_gives_up_nobodys_digest() -> None:
    """Relaying denied to everybody would else burn a whole day of the list."""
    assert isinstance(refusal(554, "5.7.1 <a@x.org>: Relay access denied"), Deferred)
    assert isinstance(verdict(554, "5.7.1 looks like spam"), Bounced)


@pytest.mark.parametrize("say", [refusal, verdict])
def test_a_full_mailbox_passes(say: Callable[[int, str], Outcome]) -> None:
    assert isinstance(say(552, "5.2.2 over quota"), Deferred)
    assert isinstance(say(550, "5.1.1 no such user"), Bounced)
