"""Bounces of before there were reports, and of servers that never heard of them.

flufl.bounce knows some fifty ways of wording one. It is handed a copy of the mail that is short,
plain and sound: its patterns take too long for very long lines.
"""

from __future__ import annotations

import re
from email.message import Message

from flufl.bounce import all_failures

from worker.core.reply import noted
from worker.deliveries import DeliveryId
from worker.returned.mime import Part, text, value, walk
from worker.returned.page import page_text
from worker.returned.verdict import verdict
from worker.returns import Ignored, Undelivered

_KEPT = ("subject", "x-mailer", "x-failed-recipients")
_MOST_PARTS = 5
_MOST_LINES = 300
_LONGEST_LINE = 400
_ENOUGH = 40_000  # characters of one part
_MIXED = frozenset({"multipart/mixed", "multipart/report"})
_ORIGINAL = re.compile(
    r"^[ \t]*(?:-{2,}.*(?:copy of|original|returned|below this line|message headers?|forwarded)"
    r"|(?:the )?original message\b|received: |return-path: )",
    re.IGNORECASE | re.MULTILINE,
)
_LAST_WORD = re.compile(
    r"^.*(?:(?:[: ]|^)[45]\d\d[ #-]|\b[45]\.\d{1,3}\.\d{1,3}\b).*(?:\n.+)*", re.MULTILINE
)
_SUBJECT = re.compile(r"^\W*Subject: .*", re.IGNORECASE | re.MULTILINE)  # any words, any numbers
_ABOUT = re.compile(r"^.*@.*(?:\n.*)*", re.MULTILINE)
_SENDER = re.compile(r"[\w.+=-]{1,64}@[A-Za-z0-9.-]{1,253}", re.ASCII)
_NOBODY = "unknown@example.invalid"


def read_older(part: Part, delivery: DeliveryId) -> Undelivered | Ignored | None:
    """What it says of the delivery; None if it is no bounce that anybody knows."""
    temporary, permanent = _failures(part)
    if permanent:
        said = _said(part)
        return Undelivered(delivery, verdict(said), noted(_last_word(said)))
    return Ignored("a bounce that is only a warning") if temporary else None


def is_older(part: Part) -> bool:
    """Whether it is a bounce, for good or for now."""
    return any(_failures(part))


def _failures(part: Part) -> tuple[bool, bool]:
    """Whether it tells of a failure for now, or for good."""
    try:
        temporary, permanent = all_failures(_copy(part))
    except (AttributeError, LookupError, TypeError, ValueError):
        return False, False  # patterns that trip over a mail do not know it
    return bool(temporary), bool(permanent)


def _said(part: Part) -> str:
    """The bounce's own words, without those of the mail that it is about."""
    whole = "\n".join(_shown(each) for each in _spoken(part))
    original = _ORIGINAL.search(whole)
    return _SUBJECT.sub("", whole[: original.start()] if original else whole)


def _last_word(said: str) -> str:
    """What the server said, or at least what is said from the address on."""
    found = _LAST_WORD.search(said) or _ABOUT.search(said)
    return found[0] if found else said


def _shown(part: Part) -> str:
    lines = _lines(part)
    return page_text(lines) if part.kind == "text/html" else lines


def _spoken(part: Part) -> list[Part]:
    return [each for each in _leaves(part) if each.kind.startswith("text/")]


def _leaves(part: Part) -> list[Part]:
    return [each for each in walk(part) if not each.parts][:_MOST_PARTS]


def _lines(part: Part) -> str:
    lines = text(part, _ENOUGH).split("\n")[:_MOST_LINES]
    return "\n".join(line[:_LONGEST_LINE] for line in lines)


def _copy(part: Part) -> Message:
    sender = _SENDER.search(value(part, "from"))
    copy = Message()
    copy["From"] = sender[0] if sender else _NOBODY  # one of its patterns takes it for granted
    for name in _KEPT:
        if kept := value(part, name):
            copy[name] = _plain(kept)
    if part.kind not in _MIXED:
        copy["Content-Type"] = "text/plain"
        copy.set_payload("\n".join(_plain_lines(each) for each in _spoken(part)))
        return copy
    copy["Content-Type"] = part.kind
    copy.set_payload([_copy_of_leaf(each) for each in _leaves(part)])
    return copy


def _copy_of_leaf(part: Part) -> Message:
    copy = Message()
    is_text = part.kind.startswith("text/")
    copy["Content-Type"] = part.kind if is_text else "application/octet-stream"
    copy["Content-Description"] = _plain(value(part, "content-description"))
    copy.set_payload(_plain_lines(part) if is_text else "")
    return copy


def _plain_lines(part: Part) -> str:
    return "\n".join(map(_plain, _lines(part).split("\n"))) + "\n"


def _plain(line: str) -> str:
    """ASCII on one line, as it could have travelled."""
    shown = line[:_LONGEST_LINE].encode("ascii", "replace").decode("ascii")
    return re.sub(r"[\x00-\x08\x0a-\x1f\x7f]", "?", shown)
