"""Mail that no person wrote: it is never an answer, and never answered (RFC 3834)."""

from __future__ import annotations

import re

from worker.returned.mime import Part, value, walk

RECEIPT = frozenset({"message/disposition-notification", "message/global-disposition-notification"})

_PRECEDENCE = frozenset({"bulk", "junk", "list", "auto_reply"})
_MARKS = ("x-autoreply", "x-autorespond", "x-autoresponder", "x-auto-response-suppress")
_LIST = ("list-id", "list-unsubscribe")
_AWAY = re.compile(
    r"(?:auto(?:matic|mated)?[ -]?(?:repl(?:y|ied)|response)|automatische (?:antwort|reactie)"
    r"|autoantwort|r[eé]ponse automatique|respuesta autom[aá]tica|risposta automatica"
    r"|resposta autom[aá]tica|automatiskt svar|autosvar|out of (?:the )?office|vacation"
    r"|abwesenheit|absen(?:t|ce)|fuera de la oficina|on (?:leave|holiday)|自动回复|自動応答)\b",
    re.IGNORECASE,
)
_MACHINE = re.compile(r"(?:mailer-daemon|postmaster|no-?reply)@", re.IGNORECASE)


def automatic(part: Part) -> str:
    """By what it shows that a program wrote it; empty if nothing says so."""
    if is_receipt(part):
        return "a note of arrival or of reading"
    if part.kind == "multipart/report":
        return "a report"
    if is_of_a_list(part):
        return "mail of a list"
    if is_away(part):
        return "an automatic reply"
    if from_nobody(part):
        return "mail that wants no answer"
    return ""


def is_receipt(part: Part) -> bool:
    """Whether it says that a mail was displayed or deleted (RFC 8098)."""
    return any(each.kind in RECEIPT for each in walk(part))


def is_of_a_list(part: Part) -> bool:
    """Whether it went through a list."""
    return any(value(part, name) for name in _LIST)


def is_digest(part: Part) -> bool:
    """Whether it is a digest come back whole, as it says of itself; Sendmail adds why to that."""
    return is_of_a_list(part) and value(part, "auto-submitted") == "auto-generated"


def is_away(part: Part) -> bool:
    """Whether it is marked as an automatic reply."""
    return (
        _submitted(part) not in ("", "no")
        or any(value(part, name) for name in _MARKS)
        or value(part, "precedence").lower() in _PRECEDENCE
        or (from_nobody(part) and says_away(part))
    )


def says_away(part: Part) -> bool:
    """Whether it is called what mail programs call a vacation reply."""
    return _AWAY.match(value(part, "subject")) is not None or any(
        value(part, name) for name in ("x-autoreply", "x-autorespond")
    )


def from_nobody(part: Part) -> bool:
    """Whether its sender is the empty one, or a mail system."""
    empty = value(part, "return-path").replace(" ", "") == "<>"
    return empty or _MACHINE.search(value(part, "from")) is not None


def _submitted(part: Part) -> str:
    return re.split(r"[;(\s]", value(part, "auto-submitted").lower(), maxsplit=1)[0]
