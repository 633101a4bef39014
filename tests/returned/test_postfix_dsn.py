"""The DSNs that a real Postfix wrote (``test_relay.py`` keeps them), each with what it means."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.made import KEY
from tests.returned.mails import MAILBOXES
from worker.deliveries import DeliveryId
from worker.outcomes import Cause
from worker.returned.read import read
from worker.returns import Ignored, Mail, Undelivered

WRITTEN = Path(__file__).parent.parent / "postfix-dsn"
FAILURES = {
    "bare": (Cause.UNSAID, "550 no such user"),
    "full": (Cause.FULL, "552 5.2.2 The mailbox is over its quota"),
    "gone": (Cause.ADDRESS, "550 5.1.1 <address>: Recipient address rejected: no such user here"),
    "late-failed": (Cause.LATER, "450 4.2.1 The mailbox is busy, try again later"),
    "spam": (Cause.POLICY, "550 5.7.1 Message rejected as spam by content filtering"),
}
WARNING = "late"


@pytest.mark.parametrize(("name", "meaning"), FAILURES.items())
def test_a_failure_tells_of_its_delivery_whose_fault_it_was_and_in_whose_words(
    name: str, meaning: tuple[Cause, str]
) -> None:
    assert _read(name) == Undelivered(DeliveryId(7), *meaning)


def test_a_warning_is_no_failure() -> None:
    assert _read(WARNING) == Ignored("a report, but not of a failure: delayed")


def test_every_one_that_was_kept_has_its_meaning_here() -> None:
    assert sorted(path.stem for path in WRITTEN.glob("*.eml")) == sorted([*FAILURES, WARNING])


def test_with_another_key_they_tell_of_nothing() -> None:
    for name in (*FAILURES, WARNING):
        told = read(Mail((WRITTEN / f"{name}.eml").read_bytes()), {1: KEY[::-1]}, MAILBOXES)
        assert not isinstance(told, Undelivered)


def _read(name: str) -> object:
    return read(Mail((WRITTEN / f"{name}.eml").read_bytes()), {1: KEY}, MAILBOXES)
