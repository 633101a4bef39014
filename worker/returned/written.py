"""What somebody wrote in an answer, without what he quotes and what his mail program adds."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from email.errors import HeaderParseError
from email.header import decode_header, make_header

from worker.returned.mime import Part, parameter, text, value, walk
from worker.returned.page import page_text

MOST_LINES = 20
MOST_CHARACTERS = 2000

_ENOUGH = 50_000  # characters of a part
_LONGEST_SUBJECT = 500
_WRAPPED = 3  # lines that "On …, … wrote:" may take
_INTRODUCTION = re.compile(
    r"(?:On|Am|Le|El|Il(?: giorno)?|Op|Den|Em|W dniu|Dne)\b.{0,300}"
    r"(?:wrote|schrieb.{0,100}|a écrit|escribió|ha scritto|schreef.{0,100}|skrev.{0,100}"
    r"|escreveu|napisał\(?a?\)?|napsal\(?a?\)?)\s*:"
)
_DIVIDER = re.compile(
    r"-{2,}\s*(?:Original|Ursprüngliche|Forwarded|Weitergeleitete|Message d.origine|Mensaje)"
    r".{0,40}|_{8,}|Begin forwarded message:"
    r"|(?:Sent|Get|Gesendet|Von meinem|Envoyé|Enviado|Inviato)(?: \S+){0,3} "
    r"(?:from|von|for|depuis|de|desde|da|my|iPhone|iPad|Outlook|Handy)\b.{0,60}"
)
_OUTLOOK = re.compile(r"\*?(?:From|Von|De|Da|Van)\s?:\*?\s.*")
_OUTLOOK_NEXT = re.compile(r"\*?(?:Sent|Gesendet|Envoyé|Date|Datum|Enviado|Inviato|To|An)\s?:.*")
_ANSWER = re.compile(r"\s*(?:re|aw|antw|sv|vs|rv|fw|fwd|wg|tr)(?:\[\d+\])?\s*:", re.IGNORECASE)
_MESSAGE_ID = re.compile(r"<[!-;=?-~]{1,250}>")


def written(part: Part) -> str:
    """At most 20 lines and 2,000 characters, each printable; else the Subject, if it is his own."""
    lines = [_clean(line) for line in _own(_body(part).split("\n"))]
    answer = "\n".join(lines).strip()
    cut = "\n".join(answer.split("\n")[:MOST_LINES])[:MOST_CHARACTERS].strip()
    return cut or _subject(part)


def message_id(part: Part) -> str:
    """With its brackets; empty if it is none."""
    found = _MESSAGE_ID.search(value(part, "message-id"))
    return found[0] if found else ""


def _body(part: Part) -> str:
    """The first text that is no attachment; made of HTML if there is no other."""
    leaves = [each for each in walk(part) if not each.parts and not _is_attached(each)]
    plain = next((each for each in leaves if each.kind == "text/plain"), None)
    if plain and (said := text(plain, _ENOUGH)).strip():
        return _unflowed(said) if parameter(plain, "format").lower() == "flowed" else said
    page = next((each for each in leaves if each.kind == "text/html"), None)
    return page_text(text(page, _ENOUGH)) if page else ""


def _is_attached(part: Part) -> bool:
    return value(part, "content-disposition").lower().startswith("attachment")


def _unflowed(said: str) -> str:
    """Lines that were broken by the program only are whole again (RFC 3676)."""
    return re.sub(r"(?<!\n-- )(?<!\A-- )(?<= )\n(?![>\n]|-- \n)", "", said)


def _own(lines: Sequence[str]) -> Iterator[str]:
    """His own lines: quoted ones left out, and all from where a quote or signature begins."""
    bare = [line.strip() for line in lines]
    for number, line in enumerate(bare):
        if line == "--" or _begins_quote(bare[number : number + _WRAPPED]):
            return
        if not line.startswith(">"):
            yield line


def _begins_quote(lines: Sequence[str]) -> bool:
    first, second = lines[0], lines[1] if len(lines) > 1 else ""
    return (
        _DIVIDER.fullmatch(first) is not None
        or (_OUTLOOK.fullmatch(first) is not None and _OUTLOOK_NEXT.fullmatch(second) is not None)
        or any(_INTRODUCTION.fullmatch(" ".join(lines[: count + 1])) for count in range(len(lines)))
    )


def _subject(part: Part) -> str:
    raw = value(part, "subject")[:_LONGEST_SUBJECT]
    try:
        subject = str(make_header(decode_header(raw)))
    except (HeaderParseError, LookupError, ValueError):
        subject = raw
    return "" if _ANSWER.match(subject) else _clean(subject)[:MOST_CHARACTERS].strip()


def _clean(line: str) -> str:
    return "".join(each if each.isprintable() else " " for each in line)
