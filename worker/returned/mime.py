"""A mail taken apart (RFC 5322, RFC 2045), whatever it is: never an error, never much time.

Python's own parser is made for mail that means well: a message nested thousands deep ends it, and
a header of a megabyte holds it up for minutes. Here each octet is looked at a few times at most.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass

from worker.returns import LOOKED_AT

DEEPEST = 8
MOST_PARTS = 100
MOST_LINES = 1000  # of one header
LONGEST_HEADER = 400_000  # octets, of all its lines
LONGEST_VALUE = 4000  # characters

ENCLOSING = frozenset({"message/rfc822", "message/global"})
HEADERS_ONLY = frozenset(
    {"text/rfc822-headers", "message/rfc822-headers", "message/global-headers"}
)

Fields = tuple[tuple[str, str], ...]
"""Names in small letters, and what stands behind the colon."""

_FIELD = re.compile(rb"([!-9;-~]{1,80})[ \t]*:[ \t]*([^\n]*)")
_FOLD = re.compile(rb"\n[ \t]+")
_KIND = re.compile(r"[\w.+-]{1,60}/[\w.+-]{1,60}", re.ASCII)
_CHARSET = re.compile(
    r"us-ascii|utf-?(?:8|16|32)(?:le|be)?|iso-?8859-\d{1,2}|iso-2022-(?:jp|kr)|windows-\d{3,4}"
    r"|cp\d{3,4}|koi8-[ru]|gb\d{4,5}|gbk|big5|shift_jis|euc-(?:jp|kr)|ks_c_5601-1987|macintosh"
)


@dataclass(frozen=True, slots=True)
class Part:
    """A mail or a part of one. ``body`` is as it travelled; ``parts`` are those inside, if any."""

    kind: str
    fields: Fields
    body: bytes
    parts: tuple[Part, ...] = ()


def parse(content: bytes) -> Part:
    """The mail, of which no more than the first 2 MB are looked at."""
    return _read(_lines(content[:LOOKED_AT]), 0, iter(range(MOST_PARTS)))


def fields(head: bytes) -> Fields:
    """The fields of a header; lines that are none are passed over."""
    lines = _FOLD.sub(b" ", _lines(head[:LONGEST_HEADER])).split(b"\n", MOST_LINES)[:MOST_LINES]
    found = (_FIELD.match(line) for line in lines)
    return tuple((_text(each[1]).lower(), _text(each[2]).strip()) for each in found if each)


def values(of: Part | Fields, name: str) -> list[str]:
    """What stands under that name, from the top."""
    own = of.fields if isinstance(of, Part) else of
    return [value for known, value in own if known == name]


def value(of: Part | Fields, name: str) -> str:
    """What stands first under that name, or nothing."""
    return next(iter(values(of, name)), "")


def parameter(part: Part, name: str) -> str:
    """A parameter of its Content-Type, without quotes."""
    pattern = rf';[ \t]*{name}[ \t]*=[ \t]*(?:"([^"]*)"|([^\s;"]+))'
    found = re.search(pattern, value(part, "content-type"), re.IGNORECASE)
    return (found[1] or found[2] or "") if found else ""


def walk(part: Part) -> Iterator[Part]:
    """The part and those in it, but nothing of the mails that are enclosed."""
    yield part
    for inner in part.parts if part.kind not in ENCLOSING else ():
        yield from walk(inner)


def enclosed(part: Part) -> Iterator[Part]:
    """The mails that it encloses, or what is left of them: their headers."""
    for each in walk(part):
        if each.kind in ENCLOSING:
            yield from each.parts
        elif each.kind in HEADERS_ONLY:
            yield Part("text/plain", fields(decoded(each)), b"")


def decoded(part: Part) -> bytes:
    """Its body, without the transfer encoding."""
    match value(part, "content-transfer-encoding").lower():
        case "quoted-printable":
            return binascii.a2b_qp(part.body)
        case "base64":
            return _from_base64(part.body)
        case _:
            return part.body


def text(part: Part, most: int) -> str:
    """The first characters of its body, lines ending in LF; what its charset has not is U+FFFD."""
    body = decoded(part)[: 4 * most]
    charset = parameter(part, "charset").lower()
    try:
        read = body.decode(charset if _CHARSET.fullmatch(charset) else "utf-8", "replace")
    except (LookupError, UnicodeError):
        read = body.decode("utf-8", "replace")
    return read.replace("\r\n", "\n").replace("\r", "\n")[:most]


def _read(content: bytes, depth: int, room: Iterator[int]) -> Part:
    head, _, body = (
        (b"", b"", content[1:]) if content.startswith(b"\n") else content.partition(b"\n\n")
    )
    own = fields(head)
    found = _KIND.match(value(own, "content-type"))
    part = Part(found[0].lower() if found else "text/plain", own, body)
    if depth == DEEPEST:
        return part
    inner = (_read(piece, depth + 1, room) for piece in _pieces(part) if next(room, -1) >= 0)
    return Part(part.kind, own, body, tuple(inner))


def _pieces(part: Part) -> Iterator[bytes]:
    if part.kind in ENCLOSING:
        yield _lines(decoded(part)).lstrip(b"\n")
    boundary = parameter(part, "boundary") if part.kind.startswith("multipart/") else ""
    if not boundary:
        return
    mark = re.escape(boundary.encode())
    cuts = re.split(rb"^--" + mark + rb"(--)?[ \t]*(?:\n|\Z)", part.body, flags=re.MULTILINE)
    # The text before the first mark comes first, then in turn: how a mark ended, what follows it.
    for ending, piece in zip(cuts[1::2], cuts[2::2], strict=True):
        if ending:
            return
        yield piece


def _lines(content: bytes) -> bytes:
    return content.replace(b"\r\n", b"\n").replace(b"\r", b"\n")


def _text(octets: bytes) -> str:
    return octets[:LONGEST_VALUE].decode("utf-8", "replace")


def _from_base64(body: bytes) -> bytes:
    """What there is of it, also where it breaks off."""
    letters = re.sub(rb"[^A-Za-z0-9+/]+", b"", body)
    whole = letters[: -1 if len(letters) % 4 == 1 else None]
    return binascii.a2b_base64(whole + b"=" * (-len(whole) % 4))
