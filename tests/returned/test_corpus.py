"""Mails as servers and people really send them, each with what it means (F49, B88, B89)."""

from __future__ import annotations

import os
from email import message_from_bytes
from pathlib import Path

import pytest
from flufl.bounce import all_failures

from tests.returned.mails import BOUNCE_ADDRESS, DELIVERY, UID, mail, names, understood
from worker.outcomes import (
    Cause,
)
from worker.returns import Commanded, Complained, Ignored, Leaving, Undelivered, Unknown

BOUNCES = {
    "base64-report": Cause.ADDRESS,
    "exchange-5-5": Cause.UNSAID,
    "exchange-expired": Cause.DOWN,
    "exchange-full": Cause.FULL,
    "exchange-policy": Cause.POLICY,
    "exchange-too-large": Cause.SIZE,
    "exchange-unknown": Cause.ADDRESS,
    "exim-old": Cause.ADDRESS,
    "exim-old-bare": Cause.UNSAID,
    "exim-report": Cause.ADDRESS,
    "gmail-full": Cause.FULL,
    "gmail-unauthenticated": Cause.POLICY,
    "gmail-unknown": Cause.ADDRESS,
    "greylisted-to-death": Cause.LATER,
    "no-status": Cause.UNSAID,
    "nullmailer": Cause.POLICY,
    "opensmtpd": Cause.ADDRESS,
    "postfix-gave-up": Cause.DOWN,
    "postfix-no-such-domain": Cause.MESSAGE,
    "postfix-user-unknown": Cause.ADDRESS,
    "postfix-utf8": Cause.ADDRESS,
    "proofpoint": Cause.POLICY,
    "qmail": Cause.ADDRESS,
    "qmail-local": Cause.ADDRESS,
    "qmail-quota": Cause.FULL,
    "qmail-unsaid": Cause.UNSAID,
    "sendmail": Cause.ADDRESS,
    "ses": Cause.ADDRESS,
    "two-recipients": Cause.ADDRESS,
    "yahoo-old": Cause.UNSAID,
    "yahoo-report": Cause.MESSAGE,
}
COMPLAINTS = {
    "arf-aol": Complained(None, DELIVERY),
    "arf-fastmail-opt-out": Complained(UID, None, "opt-out"),
    "arf-mail-from-only": Complained(None, DELIVERY),
    "arf-outlook-jmrp": Complained(UID, DELIVERY),
    "arf-yahoo": Complained(UID, DELIVERY),
}
IGNORED = [
    "arf-not-spam",
    "challenge",
    "dmarc-failure",
    "exim-warning-old",
    "leave-bounce",
    "own-digest",
    "own-digest-redirected",
    "postfix-delayed",
    "postfix-delivered",
    "read-receipt",
    "receipt-unread",
    "sendmail-warning",
    "vacation-gmail",
    "vacation-gmail-to-envelope",
    "vacation-like-a-bounce",
    "vacation-outlook",
    "vacation-sieve",
    "vacation-unmarked",
]
LEAVING = ["leave-automatic", "leave-empty", "leave-gmail", "leave-html"]
UNKNOWN = [
    "arf-forged",
    "arf-redacted",
    "arf-virus",
    "bounce-of-another",
    "challenge-unmarked",
    "forged-bounce",
    "leave-forged",
    "spam",
]


@pytest.mark.parametrize(("name", "cause"), BOUNCES.items())
def test_a_bounce_tells_the_delivery_and_whose_fault_it_is(name: str, cause: Cause) -> None:
    told = understood(mail(name))
    assert isinstance(told, Undelivered)
    assert (told.delivery, told.cause) == (DELIVERY, cause)
    assert told.reply.isprintable()
    assert told.reply
    assert "@" not in told.reply


@pytest.mark.parametrize(("name", "complaint"), COMPLAINTS.items())
def test_a_complaint_tells_who_complained(name: str, complaint: Complained) -> None:
    assert understood(mail(name)) == complaint


@pytest.mark.parametrize("name", IGNORED)
def test_what_is_no_persons_wish_and_no_failure_is_ignored(name: str) -> None:
    assert isinstance(understood(mail(name)), Ignored)


@pytest.mark.parametrize("name", LEAVING)
def test_the_token_of_the_address_unsubscribes_whatever_the_mail_says(name: str) -> None:
    assert understood(mail(name)) == Leaving(UID)


@pytest.mark.parametrize("name", UNKNOWN)
def test_what_has_no_token_of_ours_is_for_a_person(name: str) -> None:
    assert isinstance(understood(mail(name)), Unknown)


def test_an_answer_is_a_command() -> None:
    told = understood(mail("command-plain"))
    assert told == Commanded(UID, "pause until 2026-10-01", "<CAF=1234@mail.gmail.com>")


def test_every_mail_of_the_corpus_is_in_one_of_the_lists() -> None:
    known = [*BOUNCES, *COMPLAINTS, *IGNORED, *LEAVING, *UNKNOWN, "command-plain"]
    assert sorted(known) == names()


USER_UNKNOWN = "550 5.1.1 <address>: Recipient address rejected: User unknown"


@pytest.mark.parametrize(
    ("name", "reply"),
    [
        ("postfix-user-unknown", f"{USER_UNKNOWN} in virtual mailbox table"),
        ("qmail", f"Remote host said: {USER_UNKNOWN} Giving up on 192.0.2.25."),
        ("qmail-local", "Sorry, no mailbox here by that name. (#5.1.1)"),
        ("qmail-unsaid", "<address>: This address no longer accepts mail."),
        ("base64-report", "status 5.1.1"),
        ("no-status", "status not given"),
        ("exim-old", f"host mx.example.net [192.0.2.25]: {USER_UNKNOWN}"),
        ("exim-old-bare", "<address> Unrouteable address"),
    ],
)
def test_the_last_servers_word_is_kept_without_addresses(name: str, reply: str) -> None:
    told = understood(mail(name))
    assert isinstance(told, Undelivered)
    assert told.reply == reply


def test_a_bounce_twice_means_the_same_twice() -> None:
    content = mail("postfix-user-unknown")
    assert understood(content) == understood(content)


def test_numbers_in_the_subject_of_our_own_mail_are_no_codes() -> None:
    """Some bounces say which mail they are about."""
    bounce = mail("exchange-5-5").replace(b"Subject: 3 papers", b"Subject: 550 5.1.1 papers")
    told = understood(bounce)
    assert isinstance(told, Undelivered)
    assert told.cause is Cause.UNSAID


FLUFL = sorted(Path(os.environ.get("FLUFL_BOUNCE", "/nonexistent")).glob("tests/data/*.txt"))
"""Bounces of thirty years that the library's source comes with, where somebody unpacked it."""


@pytest.mark.skipif(not FLUFL, reason="FLUFL_BOUNCE does not say where the library's source is")
def test_the_librarys_own_bounces_are_understood_as_the_library_does() -> None:
    missed = []
    for path in FLUFL:
        content = path.read_bytes()
        temporary, permanent = all_failures(message_from_bytes(content))
        told = understood(content, BOUNCE_ADDRESS)
        if permanent and not isinstance(told, Undelivered):
            missed.append(path.name)
        if temporary:
            assert isinstance(told, Ignored), path.name
    # A report inside of an enclosed mail, and a receipt that says "quota exceeded".
    assert missed == ["dsn_15.txt", "simple_38.txt"]
