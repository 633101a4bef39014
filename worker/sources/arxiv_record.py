r"""One listing of an arXiv announcement: a head, ``\\``, an abstract, ``\\`` with the address.

Announcements, past-week listings, months and ``.abs`` files are made of them; old ones say
``Paper: hep-th/9901001`` for ``arXiv:``. A replacement has no abstract, nor has a listing of a
month. Comments, journals and classes are left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from worker.core.identity import normalise_id
from worker.model import Kind, Listing, Rejected
from worker.sources.arxiv_authors import authors_in
from worker.sources.dates import day_in

_FENCE: Final = "\\\\"
_ID = re.compile(r"(?:arXiv|Paper)(?: ?\(\*cross-listing\*\))?: ?(?:arXiv:)?(\S*)")
_CROSS: Final = "(*cross-listing*)"
_REPLACED = re.compile(r"replaced with revised version|(?:figures?|parts?) added", re.IGNORECASE)
_RULE = re.compile(r"-{40}|%-%-%-%-|%%--%%--|%%%---%%%")
_FIELD = re.compile(r"([A-Za-z][A-Za-z-]*(?: \([^()]{0,40}\))?):(.*)")


@dataclass(frozen=True, slots=True)
class Record:
    r"""The lines of a listing. ``number`` is that of its first line, ``end`` that behind its last.

    ``closing`` is the line after the abstract, or after the head where there is none. Without it
    the listing breaks off; ``bare`` is one whose head is all there is, as in a month.
    """

    number: int
    end: int
    head: Sequence[str]
    abstract: Sequence[str]
    closing: str

    @property
    def bare(self) -> bool:
        return self.closing == _FENCE and not self.abstract

    @property
    def addressed(self) -> bool:
        return self.closing not in {"", _FENCE}

    @property
    def broken(self) -> bool:
        """Whether it ends before its end, or within its last line."""
        return not self.closing or (self.addressed and not self.closing.endswith(")"))

    @property
    def kind(self) -> Kind:
        """What the entry says of itself, whatever section it is in."""
        if any(map(_REPLACED.match, self.head)):
            return Kind.REPLACEMENT
        return Kind.CROSS if self.head and _CROSS in self.head[0] else Kind.NEW

    @property
    def where(self) -> str:
        return f"line {self.number}"


def records(lines: Sequence[str]) -> Iterator[Record]:
    """All listings among the lines, in their order; the first line is number 1."""
    start = None
    for at, line in enumerate(lines):
        begins = _begins(lines, at)
        if start is not None and (begins or _RULE.match(line)):
            yield _record(start, lines[start:at])
            start = None
        start = at if begins else start
    if start is not None:
        yield _record(start, lines[start:])


def _is_fence(line: str) -> bool:
    r"""Whether it is ``\\`` alone or with an address behind it."""
    return line.startswith(_FENCE) and (line.rstrip() == _FENCE or line[2:].lstrip()[:1] == "(")


def _begins(lines: Sequence[str], at: int) -> bool:
    is_open = lines[at].startswith(_FENCE) and lines[at].rstrip() == _FENCE
    return is_open and at + 1 < len(lines) and _ID.match(lines[at + 1]) is not None


def _record(start: int, lines: Sequence[str]) -> Record:
    """The head ends at the first fence; the abstract at one with an address, else at the next."""
    fences = [at for at, line in enumerate(lines) if at and _is_fence(line)]
    if not fences:
        return Record(start + 1, start + len(lines), lines[1:], (), "")
    first, *others = fences
    head, closing = lines[1:first], lines[first].rstrip()
    if closing != _FENCE:
        return Record(start + 1, start + first + 1, head, (), closing)
    last = next((at for at in others if lines[at].rstrip() != _FENCE), next(iter(others), None))
    if last is not None:
        abstract = lines[first + 1 : last]
        return Record(start + 1, start + last + 1, head, abstract, lines[last].rstrip())
    rest = [line for line in lines[first + 1 :] if line.strip()]
    return Record(start + 1, start + len(lines), head, rest, "" if rest else _FENCE)


def listing(record: Record) -> Listing | Rejected:
    """The listing in the record, or why there is none."""
    if not record.closing:
        return Rejected(record.where, r"breaks off before the \\ that ends it")
    fields = _fields(record.head)
    name = _name(record)
    title = fields.get("title", "")
    if not name or not title:
        return Rejected(record.where, "without a title" if name else "without an arXiv id")
    return Listing(
        title=title,
        abstract=_paragraphs(record.abstract),
        authors=authors_in(fields.get("authors") or fields.get("author", "")),
        ids=(name, *_words(fields.get("doi", ""))),
        url=_address(record.closing),
        categories=_words(fields.get("categories", "")),
        published=day_in(fields.get("date", "").partition("(")[0]),
        kind=record.kind,
    )


def _fields(head: Sequence[str]) -> dict[str, str]:
    """The fields by name, unwrapped; of several of one name the first.

    A line that is indented, or is no field, goes on with the one before.
    """
    found: list[list[str]] = []
    for line in head[1:]:
        field = _FIELD.match(line)
        if field:
            found.append([field[1].lower(), field[2]])
        elif found:
            found[-1].append(line)
    return {name: " ".join(" ".join(lines).split()) for name, *lines in reversed(found)}


def _name(record: Record) -> str:
    """The arXiv id, from the address if the head has none; empty if that has none either."""
    found = _ID.match(record.head[0]) if record.head else None
    names = (f"arXiv:{found[1]}" if found else "", _address(record.closing))
    return next((name for name in names if normalise_id(name)), "")


def _address(closing: str) -> str:
    words = closing.removeprefix(_FENCE).lstrip(" (").split()
    return words[0] if words and normalise_id(words[0]) else ""


def _words(text: str) -> tuple[str, ...]:
    return tuple(filter(None, re.split(r"[\s,;]+", text)))


def _paragraphs(lines: Sequence[str]) -> str:
    """The abstract with its lines joined; a new paragraph begins indented or after a blank line."""
    paragraphs: list[list[str]] = []
    blank = True
    for line in lines:
        if line.strip() and (blank or line[0].isspace()):
            paragraphs.append([])
        if line.strip():
            paragraphs[-1].append(line.strip())
        blank = not line.strip()
    return "\n".join(map(" ".join, paragraphs))
