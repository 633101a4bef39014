"""Complaints: what a mailbox provider sends on when a reader says "spam" (RFC 5965)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from worker.core.tokens import BOUNCE
from worker.deliveries import DeliveryId
from worker.returned.mailboxes import Mailboxes, listed, read_address
from worker.returned.mime import (
    Fields,
    Part,
    decoded,
    enclosed,
    fields,
    parameter,
    value,
    values,
    walk,
)
from worker.returns import Complained, Ignored, Unknown

FEEDBACK = "message/feedback-report"

_LONGEST = 100_000  # octets of a report
_OUTLOOK = "x-hmxmroriginalrecipient"  # Microsoft encloses the mail and reports nothing else
_NO_COMPLAINTS = frozenset({"not-spam", "auth-failure"})  # RFC 6430, RFC 6591
_BY_MACHINES = frozenset({"virus"})
_KIND = re.compile(r"[a-z][a-z-]{0,29}")


def is_complaint(part: Part) -> bool:
    """Whether it is a feedback report, or what Microsoft sends in place of one."""
    return (
        any(each.kind == FEEDBACK for each in walk(part))
        or parameter(part, "report-type").lower() == "feedback-report"
        or any(value(each, _OUTLOOK) for each in enclosed(part))
    )


def read_complaint(
    part: Part, mailboxes: Mailboxes, keys: Mapping[int, bytes]
) -> Complained | Ignored | Unknown:
    """Who complained, by a token of ours that was left in; all else in there proves nothing."""
    report = _report(part)
    named = _KIND.match(value(report, "feedback-type").lower())
    kind = named[0] if named else "abuse"
    if kind in _NO_COMPLAINTS:
        return Ignored(f"a feedback report, but no complaint: {kind}")
    if kind in _BY_MACHINES:
        return Unknown(f"a feedback report that no reader wrote: {kind}")
    originals = tuple(enclosed(part))
    links = [each for mail in originals for each in values(mail, "list-unsubscribe")]
    uid = _first(listed(each, keys) for each in links)
    senders = values(report, "original-mail-from") + [
        each for mail in originals for each in values(mail, "return-path")
    ]
    delivery = _first(_delivery(each, mailboxes, keys) for each in senders)
    if uid is None and delivery is None:
        return Unknown("a complaint about a mail that nothing shows to be ours")
    return Complained(uid, None if delivery is None else DeliveryId(delivery), kind)


def _report(part: Part) -> Fields:
    found = next((each for each in walk(part) if each.kind == FEEDBACK), None)
    return fields(decoded(found)[:_LONGEST].strip()) if found else ()


def _delivery(sender: str, mailboxes: Mailboxes, keys: Mapping[int, bytes]) -> int | None:
    found = read_address(sender, mailboxes, keys)
    return found.number if found.purpose == BOUNCE else None


def _first(numbers: Iterator[int | None]) -> int | None:
    return next((number for number in numbers if number is not None), None)
