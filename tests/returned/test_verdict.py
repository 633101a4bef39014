"""Whose fault a bounce is: the most exact word decides, and our own fault comes before all."""

from __future__ import annotations

import pytest

from tests.returned.mails import BOUNCE_ADDRESS, understood
from worker.outcomes import (
    Cause,
)
from worker.returned.verdict import verdict
from worker.returns import Ignored, Undelivered


@pytest.mark.parametrize(
    ("said", "status", "cause"),
    [
        ("550 5.1.1 no such user", "", Cause.ADDRESS),
        ("550 no such user", "5.1.1", Cause.ADDRESS),
        ("550 5.0.0 no such user", "5.1.1", Cause.ADDRESS),
        ("550 5.1.1 no such user", "5.0.0", Cause.ADDRESS),
        ("550-5.1.1 no such\n550 5.1.1 user", "", Cause.ADDRESS),
        ("550 #5.1.1 no such user", "", Cause.ADDRESS),
        ("550: 5.1.1 no such user", "", Cause.ADDRESS),
        ("<<< 550 5.1.1 no such user", "", Cause.ADDRESS),
        ("556 5.1.10 takes no mail", "", Cause.ADDRESS),
        ("556 takes no mail", "", Cause.ADDRESS),
        ("550 no such user", "5.0.0", Cause.UNSAID),
        ("550 no such user", "", Cause.UNSAID),
        ("", "5.0.0", Cause.UNSAID),
        ("", "", Cause.UNSAID),
        # policy, wherever it is said
        ("550 5.7.1 not authorised", "5.1.1", Cause.POLICY),
        ("550 5.1.1 no such user", "5.7.1", Cause.POLICY),
        ("550 looks like spam", "5.0.0", Cause.POLICY),
        ("550 5.1.1 your address is on a blocklist", "5.1.1", Cause.POLICY),
        ("554 5.7.1 Relay access denied", "5.0.0", Cause.POLICY),
        # full
        ("552 5.2.2 over quota", "5.2.2", Cause.FULL),
        ("452 4.2.2 over quota", "4.2.2", Cause.FULL),
        ("552 Quota violation", "5.0.0", Cause.FULL),
        ("the user's mailfolder is full", "", Cause.FULL),
        ("550 5.1.1 the mailbox is full of nobody", "", Cause.ADDRESS),
        # given up by a relay
        ("451 4.7.1 greylisted", "4.7.1", Cause.LATER),
        ("421 4.7.28 too fast", "4.7.28", Cause.LATER),
        ("550 4.4.7 expired", "4.4.7", Cause.DOWN),
        ("connection timed out", "4.4.1", Cause.DOWN),
        ("451 try later", "", Cause.LATER),
        # the message
        ("552 5.3.4 too big", "5.3.4", Cause.SIZE),
        ("554 transaction failed", "5.0.0", Cause.MESSAGE),
        ("Host not found", "5.4.4", Cause.MESSAGE),
        # what only looks like a code
        ("Exchange 5.1.1 or newer said: no", "", Cause.UNSAID),
        ("at 5.1.1.1 after 450 seconds", "", Cause.UNSAID),
    ],
)
def test_the_most_exact_word_decides(said: str, status: str, cause: Cause) -> None:
    assert verdict(said, status) is cause


def reported(*fields: str) -> bytes:
    head = (
        f"To: {BOUNCE_ADDRESS}\nContent-Type: multipart/report; boundary=b\n\n"
        "--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; x\n\n"
    )
    return (head + "\n".join(fields) + "\n\n--b--\n").encode()


@pytest.mark.parametrize(
    ("fields", "counts"),
    [
        (("Action: failed", "Status: 5.1.1"), True),
        (("Action: FAILED (bad address)", "Status: 5.1.1"), True),
        (("Action: failed",), True),
        (("Status: 5.1.1",), True),
        (("Action: failed", "Status: 4.4.7"), True),
        (("Action: failed", "Status: 2.0.0"), False),
        (("Action: relayed", "Status: 2.0.0"), False),
        (("Action: delivered", "Status: 5.1.1"), False),
        (("Action: expanded", "Status: 2.0.0"), False),
        (("Action: delayed", "Status: 4.4.1"), False),
        (("Action: \x00\xff", "Status: 5.1.1"), False),
        (("Status: 4.4.1",), False),
        (("Status: 2.0.0",), False),
    ],
)
def test_only_what_failed_counts(fields: tuple[str, ...], *, counts: bool) -> None:
    assert isinstance(understood(reported(*fields)), Undelivered if counts else Ignored)
