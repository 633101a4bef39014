"""Delivery reports (RFC 3464, in other scripts RFC 6533): what became of one delivery of ours."""

from __future__ import annotations

import re
from collections.abc import Sequence

from worker.core.reply import noted
from worker.deliveries import DeliveryId
from worker.returned.mime import Fields, Part, decoded, fields, text, value, walk
from worker.returned.verdict import verdict
from worker.returns import Ignored, Undelivered

STATUS = frozenset({"message/delivery-status", "message/global-delivery-status"})

_LONGEST = 100_000  # octets of a report
_MOST = 100  # recipients
_NOTICE = 2000  # characters of what it says to people
_BLANK = re.compile(rb"\n(?:[ \t]*\n)+")
_TYPED = re.compile(r"[\w-]{1,40}[ \t]*;[ \t]*(.*)", re.DOTALL)
_FAILED = ("fail", "error")  # the latter is OpenSMTPD's word


def is_report(part: Part) -> bool:
    """Whether a mail system wrote it about a delivery."""
    return any(each.kind in STATUS for each in walk(part))


def read_report(part: Part, delivery: DeliveryId) -> Undelivered | Ignored | None:
    """What the report says, None if it is none. We write to one recipient: the failed one is he."""
    told = _recipients(part)
    if not told:
        return None
    failed = next((each for each in told if _has_failed(each)), None)
    if failed is None:
        action = noted(value(told[0], "action"))[:20] or "without an action"
        return Ignored(f"a report, but not of a failure: {action}")
    return _undelivered(failed, part, delivery)


def notice(part: Part) -> str:
    """What a report says to people."""
    kinds = ("text/plain", "text/html", "multipart/report")
    spoken = next((each for each in walk(part) if each.kind in kinds and not each.parts), None)
    return text(spoken, _NOTICE) if spoken else ""


def _recipients(part: Part) -> Sequence[Fields]:
    """The fields of each recipient; some servers part them from the others by nothing."""
    status = next((each for each in walk(part) if each.kind in STATUS), None)
    if status is None:
        return ()
    body = decoded(status)[:_LONGEST].replace(b"\r\n", b"\n")
    blocks = [fields(block) for block in _BLANK.split(body.strip(), _MOST)[:_MOST]]
    return [each for each in blocks if value(each, "action") or value(each, "status")]


def _has_failed(recipient: Fields) -> bool:
    action, status = value(recipient, "action").lower(), value(recipient, "status")
    if not action:
        return status.startswith("5")
    return action.startswith(_FAILED) and not status.startswith("2")


def _undelivered(recipient: Fields, part: Part, delivery: DeliveryId) -> Undelivered:
    status, diagnosis = value(recipient, "status"), value(recipient, "diagnostic-code")
    typed = _TYPED.match(diagnosis)
    said = typed[1] if typed else diagnosis
    cause = verdict(said or notice(part), status)
    return Undelivered(delivery, cause, noted(said) or noted(f"status {status or 'not given'}"))
