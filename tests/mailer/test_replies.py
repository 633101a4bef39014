from __future__ import annotations

import ssl

import pytest
from aiosmtplib import SMTPException, SMTPResponseException, SMTPServerDisconnected

from worker.mailer.replies import (
    Insecure,
    OutOfStep,
    connection_is_over,
    is_ours,
    of_sender,
    refusal,
    size_limit,
    verdict,
)
from worker.outcomes import (
    Accepted,
    Bounced,
    Cause,
    Deferred,
    Doubtful,
    Outcome,
    Unavailable,
)


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
    assert f"{code} text" in verdict(code, "text").reply
    for of_recipient in (False, True):
        refused = refusal(code, "text", of_recipient=of_recipient)
        assert isinstance(refused, before)
        assert f"{code} text" in refused.reply
        assert not isinstance(refused, Unavailable) or refused.midway


@pytest.mark.parametrize(
    ("outcome", "over"),
    [
        (Unavailable("RSET: connection lost"), True),
        (Unavailable("RCPT: connection lost", midway=True), True),
        (Unavailable("MAIL: 421 4.4.2 mx.example.org Error: timed out"), True),
        (Unavailable("MAIL: 421 timed out"), True),
        (Unavailable("MAIL: timed out"), False),
        (Unavailable("body: timed out", midway=True), False),
        (Deferred("MAIL: 421 4.7.0 too many messages"), True),
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
    for of_recipient in (True, False):
        refused = refusal(554, "5.7.1 <a@x.org>: Relay access denied", of_recipient=of_recipient)
        assert refused == Deferred("554 5.7.1 <address>: Relay access denied", Cause.POLICY)


@pytest.mark.parametrize(
    "text",
    [
        "5.7.20 no passing DKIM signature found",
        "5.7.26 This mail has been blocked because the sender is unauthenticated.",
        " 5.7.25 reverse DNS",
        "5.7.31 x",
        "5.7.515 Access denied, sending domain does not meet the required authentication level",
    ],
)
def test_a_message_that_is_not_authenticated_is_welcome_once_it_is(text: str) -> None:
    assert isinstance(verdict(550, text), Deferred)
    assert verdict(550, text).reply == f"550 {text.strip()}"


@pytest.mark.parametrize(
    "text",
    [
        "5.7.1 looks like spam",
        "5.7.19 x",
        "5.7.32 x",
        "5.7.260 x",
        "5.7.5 x",
        "spam",
        "5.2.1 spam",
        "blocked; see 5.7.26",
    ],
)
def test_a_message_that_is_not_liked_is_given_up_and_costs_its_reader_nothing(text: str) -> None:
    assert verdict(550, text) == Bounced(f"550 {text}", Cause.POLICY)


def test_a_full_mailbox_passes() -> None:
    full = Deferred("552 5.2.2 over quota", Cause.FULL)
    assert verdict(552, "5.2.2 over quota") == full
    assert refusal(552, "5.2.2 over quota", of_recipient=True) == full


def test_a_no_says_what_it_is_about() -> None:
    assert refusal(550, "no such user", of_recipient=True) == Bounced(
        "550 no such user", Cause.UNSAID
    )
    assert refusal(550, "no", of_recipient=False) == Bounced("550 no", Cause.MESSAGE)
    assert verdict(550, "no such user") == Bounced("550 no such user", Cause.MESSAGE)
    assert verdict(552, "5.3.4 too big") == Bounced("552 5.3.4 too big", Cause.SIZE)
    assert verdict(421, "4.7.28 rate") == Deferred("421 4.7.28 rate", Cause.RATE)


@pytest.mark.parametrize(
    ("code", "outcome"),
    [
        (550, Bounced("MAIL: 550 no")),
        (451, Deferred("MAIL: 451 no")),
        (-1, Unavailable("MAIL: a reply out of place: -1 no")),
    ],
)
def test_a_no_to_a_message_without_a_sender_is_about_it_alone(code: int, outcome: Outcome) -> None:
    assert of_sender(code, "no") == outcome


@pytest.mark.parametrize("step", ["connect", "EHLO", "STARTTLS", "AUTH", "MAIL"])
def test_only_a_definite_no_to_how_we_come_is_ours(step: str) -> None:
    assert is_ours(step, SMTPResponseException(550, "no"))
    assert not is_ours(step, SMTPResponseException(454, "later"))
    assert not is_ours(step, SMTPResponseException(-1, "what?"))
    assert not is_ours(step, TimeoutError())
    assert not is_ours(step, ConnectionRefusedError())
    assert not is_ours(step, SMTPServerDisconnected("connection lost"))
    assert not is_ours(step, OutOfStep("more than one reply"))
    assert is_ours(step, Insecure("not offered"))
    assert is_ours(step, ssl.SSLCertVerificationError("expired"))
    assert not is_ours(step, ssl.SSLError("a broken handshake"))


@pytest.mark.parametrize("step", ["RSET", "RCPT", "DATA", "body"])
def test_what_goes_wrong_later_is_not_ours(step: str) -> None:
    assert not is_ours(step, SMTPResponseException(550, "no"))
    assert not is_ours(step, Insecure("x"))


def test_a_server_without_logins_is_for_the_operator() -> None:
    none = SMTPException("The SMTP AUTH extension is not supported by this server.")
    assert is_ours("AUTH", none)
    assert not is_ours("MAIL", none)
