"""Only an authentic token counts, wherever in the mail its address stands."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.returned.mails import (
    BOUNCE_ADDRESS,
    DELIVERY,
    KEYS,
    MAILBOXES,
    REPLY_ADDRESS,
    UID,
    UNSUBSCRIBE_ADDRESS,
    made,
    mail,
    understood,
)
from worker.core.tokens import BOUNCE, REPLY, UNSUBSCRIBE
from worker.returned.read import read
from worker.returns import Ignored, Leaving, Mail, Undelivered, Unknown


@pytest.mark.parametrize(
    "field",
    [
        "Delivered-To: {}",
        "X-Original-To: {}",
        "Envelope-To: <{}>",
        "Original-Recipient: rfc822;{}",
        'To: "Paper Round" <{}>',
        "To: somebody@example.net,\n <{}>",
        "Cc: {}.",
        "To: <digest@example.org>\nTo: {}",
    ],
)
def test_the_address_is_found_wherever_it_may_stand(field: str) -> None:
    content = f"{field.format(UNSUBSCRIBE_ADDRESS)}\nFrom: a@example.net\n\n".encode()
    assert understood(content) == Leaving(UID)


def test_a_plus_may_be_written_as_an_envelope_writes_it() -> None:
    address = UNSUBSCRIBE_ADDRESS.replace("+", "+2B")
    assert understood(f"Original-Recipient: rfc822;{address}\n\n".encode()) == Leaving(UID)


@pytest.mark.parametrize("field", ["From", "Reply-To", "Sender", "Return-Path", "Subject", "X-To"])
def test_an_address_elsewhere_proves_nothing(field: str) -> None:
    assert isinstance(understood(f"{field}: {UNSUBSCRIBE_ADDRESS}\n\n".encode()), Unknown)


def test_the_envelope_goes_before_the_headers() -> None:
    content = f"To: {UNSUBSCRIBE_ADDRESS}\nReturn-Path: <>\n\n".encode()
    assert isinstance(understood(content, BOUNCE_ADDRESS), Unknown)  # a bounce nobody knows
    assert understood(content, "somebody@example.org") == Leaving(UID)


def test_domains_and_mailboxes_are_compared_without_case() -> None:
    local, _, domain = UNSUBSCRIBE_ADDRESS.partition("@")
    mixed = local.replace("digest", "Digest") + "@" + domain.upper()
    assert understood(b"\n", mixed) == Leaving(UID)


@pytest.mark.parametrize(
    "address",
    [
        f"b+{made(BOUNCE, DELIVERY)}@another.example.org",
        f"c+{made(BOUNCE, DELIVERY)}@bounce.example.org",
        f"b+{made(UNSUBSCRIBE, DELIVERY)}@bounce.example.org",
        f"b+{made(BOUNCE, DELIVERY, b'another')}@bounce.example.org",
        f"b+{made(BOUNCE, DELIVERY).lower()}@bounce.example.org",
        f"b+{made(BOUNCE, DELIVERY)[:-1]}@bounce.example.org",
        f"b+{'A' * 34}@bounce.example.org",
        f"digest+{made(BOUNCE, UID)}@example.org",
        f"digest+{made(UNSUBSCRIBE, UID, b'another')}@example.org",
        "digest@example.org",
        "b+@bounce.example.org",
    ],
)
def test_a_token_made_by_another_for_another_end_or_place_counts_for_nothing(address: str) -> None:
    report = mail("postfix-user-unknown").replace(BOUNCE_ADDRESS.encode(), address.encode())
    assert isinstance(understood(report), Unknown)
    assert isinstance(understood(b"From: a@example.net\n\nstop\n", address), Unknown)


def test_a_token_made_with_an_older_key_still_counts() -> None:
    keys = {2: b"new", **KEYS}
    assert read(Mail(b"\n", (UNSUBSCRIBE_ADDRESS,)), keys, MAILBOXES) == Leaving(UID)
    assert isinstance(read(Mail(b"\n", (UNSUBSCRIBE_ADDRESS,)), {2: b"new"}, MAILBOXES), Unknown)


def test_without_a_mailbox_for_commands_there_are_none() -> None:
    boxes = replace(MAILBOXES, commands="")
    assert isinstance(read(Mail(b"\nstop", (REPLY_ADDRESS,)), KEYS, boxes), Unknown)


def test_one_mailbox_serves_both_ends_and_the_token_tells_which() -> None:
    assert made(REPLY, UID) != made(UNSUBSCRIBE, UID)
    assert understood(b"\nrules", UNSUBSCRIBE_ADDRESS) == Leaving(UID)


def test_a_report_to_the_wrong_one_of_our_addresses_is_nobodys() -> None:
    report = mail("postfix-user-unknown")
    for address in (UNSUBSCRIBE_ADDRESS, REPLY_ADDRESS):
        assert isinstance(understood(report, address), Ignored)
    assert isinstance(understood(report, BOUNCE_ADDRESS), Undelivered)


def test_a_bounce_without_a_report_unsubscribes_nobody() -> None:
    bounce = mail("qmail").replace(BOUNCE_ADDRESS.encode(), UNSUBSCRIBE_ADDRESS.encode())
    assert isinstance(understood(bounce), Ignored)
