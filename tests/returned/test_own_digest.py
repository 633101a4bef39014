"""A digest as it is really sent, come back in every way that digests do."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.returned.mails import DELIVERY, UID, made, understood
from worker.core.letterhead import Letterhead, bounce_address
from worker.core.message import Letter, assemble
from worker.core.tokens import BOUNCE, UNSUBSCRIBE
from worker.outcomes import (
    Cause,
)
from worker.returns import Complained, Ignored, Leaving, Undelivered

LETTERHEAD = Letterhead(
    from_name="Paper Round",
    from_address="digest@example.org",
    reply_to="digest@example.org",
    base_url="https://papers.example.org",
    list_id="paper-round.example.org",
    list_name="Paper Round",
    bounce_domain="bounce.example.org",
    unsubscribe_mailbox="digest@example.org",
)
SENDER = bounce_address(LETTERHEAD, made(BOUNCE, DELIVERY))
DIGEST = assemble(
    Letter("3 papers: 550 5.1.1", "stop\n\nOn spam filters\n", "<p>stop</p>"),
    LETTERHEAD,
    to="ann@example.net",
    message_id="<digest.2025-09-08.aaaa@example.org>",
    date=datetime(2025, 9, 8, 5, tzinfo=UTC),
    unsubscribe_token=made(UNSUBSCRIBE, UID),
)


def report(kind: str, fields: str, original: bytes) -> bytes:
    head = (
        f"Return-Path: <>\nDelivered-To: {SENDER}\n"
        f"Content-Type: multipart/report; report-type={kind}; boundary=b\n\n"
        f"--b\nContent-Type: message/{kind}\n\n{fields}\n\n--b\nContent-Type: message/rfc822\n\n"
    )
    return head.encode().replace(b"\n", b"\r\n") + original + b"\r\n--b--\r\n"


def test_enclosed_in_a_report_it_is_a_bounce() -> None:
    fields = "Reporting-MTA: dns; x\n\nAction: failed\nStatus: 5.1.1"
    assert understood(report("delivery-status", fields, DIGEST)) == Undelivered(
        DELIVERY, Cause.ADDRESS, "status 5.1.1"
    )


def test_enclosed_in_a_complaint_it_tells_who_complains() -> None:
    told = understood(report("feedback-report", "Feedback-Type: abuse\nVersion: 1", DIGEST))
    assert told == Complained(UID, None)


@pytest.mark.parametrize("name", ["b", "digest"])
def test_sent_back_whole_it_starts_nothing(name: str) -> None:
    unsubscribe = f"digest+{made(UNSUBSCRIBE, UID)}@example.org"
    to = SENDER if name == "b" else unsubscribe
    assert isinstance(understood(f"Delivered-To: {to}\r\n".encode() + DIGEST, to), Ignored)
    assert isinstance(understood(DIGEST), Ignored)


def test_its_link_for_mail_is_an_address_that_unsubscribes() -> None:
    link = DIGEST.partition(b"<mailto:")[2].partition(b"?")[0]
    assert understood(b"To: " + link + b"\r\n\r\n") == Leaving(UID)
