"""A mail message (RFC 5322, MIME) and the one part of it that may be a daily file.

An attached file by whose name one sees that it is one is it; else the text, or the HTML where the
text is but a stub. An attached message counts as part of the one it is in. The head is cut up here
and not by ``email``: that keeps each part as an object, and every byte may be a part.

What cannot be told: a message without parts that was cut looks whole, but for its base64.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

from worker.core.clean import clean_line
from worker.model import Incomplete, Rejected, Unreadable

_HEAD_LIMIT: Final = 256 * 1024  # bytes; more is no head
_FIELD_LIMIT: Final = 1_000  # characters of one field that matters
_TOLD_BY: Final = 2  # fields known by name
_KNOWN: Final = frozenset(
    {
        *(b"from", b"to", b"message-id", b"received", b"return-path", b"delivered-to", b"sender"),
        *(b"mime-version", b"content-type", b"content-transfer-encoding", b"reply-to"),
    }
)
_SHARED: Final = frozenset({b"date", b"subject"})  # which other texts begin with as well
_DEPTH: Final = 10  # of parts in parts
_PARTS: Final = 1_000
_STUB: Final = 500  # characters: “View this message in your browser”
_SHOWN: Final = 60
_NAMES: Final = 3

_MAILBOX = re.compile(rb">?From [^\n]*\n")
_NEXT_MESSAGE = re.compile(rb"\n\nFrom [^\n]*\n[!-9;-~]+:")
_FIELD = re.compile(rb"([!-9;-~]+)[ \t]*:")
_FOLD = re.compile(r"\n[ \t]+")
_DAILY_FILE = re.compile(
    r"\.(?:json|jsonl|ndjson|csv|tsv|xml|rss|rdf|atom|bib|ris|ya?ml|md|txt|html?)(?:\.gz)?$"
    r"|\.(?:gz|zip)$",
    re.IGNORECASE,
)
_TEXT = re.compile(r"text/|application/(?:json|xml|[a-z]+\+(?:json|xml))$")
_HTML: Final = frozenset({"text/html", "application/xhtml+xml"})


@dataclass(frozen=True, slots=True)
class Letter:
    """The part that matters, as bytes; ``name`` is that of an attached file, else empty.

    ``charset`` is what the part says of itself, ``sent`` the date of the message in UTC.
    """

    content: bytes
    charset: str
    name: str
    sent: datetime | None


@dataclass(frozen=True, slots=True)
class _Part:
    fields: dict[str, str]
    body: bytes

    @property
    def kind(self) -> str:
        return self.fields.get("content-type", "text/plain").partition(";")[0].strip().lower()

    @property
    def name(self) -> str:
        """The name of an attached daily file; empty for any other part."""
        told = self.parameter("content-disposition", "filename")
        name = re.split(r"[/\\]", told or self.parameter("content-type", "name"))[-1]
        return name if _DAILY_FILE.search(name) else ""

    @property
    def boundary(self) -> str:
        is_split = self.kind.startswith("multipart/")
        return self.parameter("content-type", "boundary") if is_split else ""

    def parameter(self, field: str, name: str) -> str:
        """RFC 2045's, or the beginning of RFC 2231's."""
        pattern = rf';\s*+{name}(?:\*0?\*?)?\s*+=\s*+(?:"([^"]*)"|([^\s;"]+))'
        found = re.search(pattern, self.fields.get(field, ""), re.IGNORECASE)
        return (found[1] or found[2] or "") if found else ""


def is_letter(content: bytes) -> bool:
    """Whether it begins with the head of a message, or is one that breaks off in there."""
    head, gap, _ = _plain(content[:_HEAD_LIMIT]).partition(b"\n\n")
    if not _FIELD.match(head):
        return False
    lines = head.split(b"\n") if gap else head.split(b"\n")[:-1]  # the last may be half a line
    found = [_FIELD.match(line) for line in lines if not line.startswith((b" ", b"\t"))]
    names = {field[1].lower() for field in found if field}
    return all(found) and bool(names & _KNOWN) and len(names & (_KNOWN | _SHARED)) >= _TOLD_BY


def opened(content: bytes) -> Letter:
    """The message in the bytes.

    Raises Unreadable if it has no text, or more than one daily file, and Incomplete if it breaks
    off.
    """
    plain = _plain(content)
    if b"\n\n" not in plain:
        raise _cut("the message breaks off in its head")
    if _MAILBOX.match(content.lstrip(b"\r\n")) and _NEXT_MESSAGE.search(plain):
        raise _refused("a mailbox of several messages: save them one by one")
    message = _part(plain)
    chosen = _chosen([part for part in _leaves(message) if part.body.strip()])
    charset = chosen.parameter("content-type", "charset")
    return Letter(_decoded(chosen), charset, chosen.name, _sent(message))


def _plain(content: bytes) -> bytes:
    r"""Lines ended by ``\n``, without what a mailbox puts in front."""
    lines = content.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    start = lines.removeprefix(b"\xef\xbb\xbf").lstrip(b"\n")
    return _MAILBOX.sub(b"", start, count=1) if _MAILBOX.match(start) else start


# --- parts ------------------------------------------------------------------


def _leaves(message: _Part) -> Iterator[_Part]:
    """The parts that have none, in their order."""
    waiting = [(message, 0)]
    seen = 0
    while waiting:
        part, depth = waiting.pop()
        seen += 1
        if depth > _DEPTH or seen > _PARTS:
            raise _refused(f"a message of more than {_PARTS:,} parts, or {_DEPTH} in each other")
        inner = _inner(part, outermost=depth == 0)
        waiting += ((one, depth + 1) for one in reversed(inner or ()))
        if inner is None:
            yield part


def _inner(part: _Part, *, outermost: bool) -> list[_Part] | None:
    """What the part is made of; None if of nothing but itself."""
    if part.boundary:
        return _split(part, outermost=outermost)
    return [_part(_decoded(part))] if part.kind == "message/rfc822" else None


def _split(part: _Part, *, outermost: bool) -> list[_Part]:
    """The parts between the boundaries. That the last one is there tells that nothing is cut."""
    boundary = re.escape(part.boundary.encode("latin-1"))
    body = b"\n" + part.body
    starts: list[int] = []
    ends: list[int] = []
    for found in re.finditer(rb"\n--" + boundary + rb"(--)?[ \t]*(?=\n|\Z)", body):
        ends.append(found.start())
        if found[1]:
            break
        starts.append(found.end())
        if len(starts) > _PARTS:
            raise _refused(f"a message of more than {_PARTS:,} parts")
    if outermost and len(ends) == len(starts):
        raise _cut("the message breaks off before the end of its last part")
    return [_part(body[start:end]) for start, end in zip(starts, [*ends[1:], None], strict=False)]


def _part(raw: bytes) -> _Part:
    """A head, a blank line and a body. What stands between two boundaries begins with a newline."""
    head, _, body = raw.removeprefix(b"\n").partition(b"\n\n")
    if raw.startswith(b"\n\n"):
        head, body = b"", raw[2:]
    unfolded = _FOLD.sub(" ", head[:_HEAD_LIMIT].decode("latin-1"))
    fields: dict[str, str] = {}
    for line in unfolded.split("\n"):
        name, _, value = line.partition(":")
        fields.setdefault(name.strip().lower(), value.strip()[:_FIELD_LIMIT])
    return _Part(fields, body)


# --- the part that matters --------------------------------------------------


def _chosen(parts: Sequence[_Part]) -> _Part:
    attached = [part for part in parts if part.name]
    if len(attached) > 1:
        names = ", ".join(f"“{clean_line(part.name, _SHOWN)}”" for part in attached[:_NAMES])
        raise _refused(f"{len(attached)} attached files ({names}): save the daily file alone")
    if attached:
        return attached[0]
    text = _longest([part for part in parts if _TEXT.match(part.kind) and part.kind not in _HTML])
    html = _longest([part for part in parts if part.kind in _HTML])
    if html and (text is None or len(text.body.strip()) < _STUB < len(html.body)):
        return html
    if text is None:
        raise _cut("the message has no text") if not parts else _refused("a message without text")
    return text


def _longest(parts: Sequence[_Part]) -> _Part | None:
    """The text itself, rather than what a mailing list puts above or below it."""
    return max(parts, key=lambda part: len(part.body), default=None)


def _decoded(part: _Part) -> bytes:
    """The body without its transfer encoding; one that is unknown is none (RFC 2045, section 6)."""
    encoding = part.fields.get("content-transfer-encoding", "").strip().lower()
    if encoding == "quoted-printable":
        return binascii.a2b_qp(part.body)
    if encoding != "base64":
        return part.body
    try:
        return binascii.a2b_base64(part.body)
    except binascii.Error:
        raise _cut("the base64 of the message breaks off") from None


def _sent(message: _Part) -> datetime | None:
    try:
        sent = parsedate_to_datetime(message.fields.get("date", ""))
        return (sent if sent.tzinfo else sent.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _cut(why: str) -> Incomplete:
    return Incomplete(Rejected("file", why))


def _refused(why: str) -> Unreadable:
    return Unreadable(Rejected("file", why))
