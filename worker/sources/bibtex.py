"""BibTeX: entries ``@article{key, title = {…}, author = "…", month = nov}``, and what is met.

Inner braces and LaTeX are left as they stand; what stands outside of entries is a comment.
An entry whose braces do not match ends where a later line begins another: it is set aside, and the
others go on. What cannot be told: a file that ends between two entries looks whole.
Source: Patashnik, *BibTeXing* (1988); biblatex for the names of fields.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain, pairwise
from typing import Final

from worker.core.clean import clean_line
from worker.model import Edition, Incomplete, Listing, Rejected
from worker.sources.dates import day_in
from worker.sources.form import Form, Text
from worker.sources.gathered import Found, gathered
from worker.sources.reference import arxiv_id_in, names_in, reference

FORMAT: Final = "bibtex"

_KINDS: Final = (
    "article|book|booklet|collection|comment|conference|dataset|electronic|inbook|incollection|"
    "inproceedings|manual|mastersthesis|misc|online|patent|periodical|phdthesis|preamble|preprint|"
    "proceedings|report|software|string|techreport|thesis|unpublished|webpage|www"
)
_HEAD = re.compile(r"^[ \t]*@[ \t]*[A-Za-z]++\s*+[{(]", re.MULTILINE)
_KNOWN_HEAD = re.compile(rf"^[ \t]*@[ \t]*(?:{_KINDS})\s*+[{{(]", re.IGNORECASE | re.MULTILINE)
_MARKED_UP = re.compile(r"^[ \t]*(?:[<\[{#>|*`]|[-+] |[0-9]+\. |TY  -)", re.MULTILINE)
_HEAD_LENGTH: Final = 2_000  # characters that may stand above the first entry: who exported it

_CUT_HEAD = re.compile(r"[ \t]*@[ \t]*[A-Za-z]*+\s*+")
_NEXT = re.compile(r"\s*+@[ \t]*([A-Za-z]++)\s*+([{(])")
_KEY = re.compile(r"\s*+([^,={}\"]*+)(?:,|\Z)")
_FIELD = re.compile(r"[\s,]*+([^\s\"#%'(),={}]++)\s*+=\s*+")
_REST = re.compile(r"[\s,]*+\Z")
_BARE = re.compile(r"[^\s\"#%'(),={}]++")
_JOINT = re.compile(r"\s*+#\s*+")
_SIGN = re.compile(r"\\.|[{}\"]", re.DOTALL)
_LEFT_OVER = re.compile(r"\s*+(?:,|[A-Za-z]++\s*+=\s*+[{\"])")
_MACROS_LIMIT: Final = 10_000_000  # characters of those used in a file: they can double one another

_LINK = re.compile(r"https?://[^\s{}]++")
_ESCAPED = re.compile(r"\\([_%&#~])")
_WORD = re.compile(r"[A-Za-z]{3,}+")
_NUMBER = re.compile(r"[0-9]++")
_SHOWN: Final = 40  # characters of what is odd


class _Odd(Exception):
    """An entry that cannot be read; ``str()`` says why."""


@dataclass(slots=True)
class _Macros:
    """Values under their names; those of months, and unknown ones, stand for themselves."""

    values: dict[str, str] = field(default_factory=dict)
    room: int = _MACROS_LIMIT

    def value(self, name: str) -> str:
        value = self.values.get(name.casefold(), name)
        self.room -= len(value)
        if self.room < 0:
            raise _Odd("the macros of this file (@string) grow too long")
        return value


def recognise(text: str) -> bool:
    """Whether an entry of a kind that is known begins above everything but a few plain lines."""
    first = _KNOWN_HEAD.search(text[:_HEAD_LENGTH])
    return first is not None and not _MARKED_UP.search(text, 0, first.start())


def parse(text: Text) -> Edition:
    """The edition in the text. Raises Incomplete if its last entry has no end."""
    return gathered(text, FORMAT, _found(text.text))


FORM: Final = Form(FORMAT, recognise, parse)


# --- entries ----------------------------------------------------------------


def _found(text: str) -> Iterator[Found]:
    macros = _Macros()
    starts = (head.start() for head in _HEAD.finditer(text))
    line, before = 1, 0
    for start, end in pairwise(chain(starts, [len(text)])):
        line += text.count("\n", before, start)
        before = start
        yield from _entries(text[start:end], line, macros, last=end == len(text))
    last_line = text[text.rfind("\n", 0, text.rfind("@") + 1) + 1 :]
    if _CUT_HEAD.fullmatch(last_line):
        line += text.count("\n", before, len(text) - len(last_line))
        raise Incomplete(Rejected(f"line {line}", "the file breaks off where an entry begins"))


def _entries(part: str, line: int, macros: _Macros, *, last: bool) -> Iterator[Found]:
    """The entry that begins the part of a file, and those behind it on its last line."""
    at = 0
    while head := _NEXT.match(part, at):
        line += part.count("\n", at, head.start(1))
        end = part.rfind(")") if head[2] == "(" else _close(part, head.end(), "}")
        if end < head.end():
            yield _unended(f"line {line}", last=last)
            return
        too_early = _LEFT_OVER.match(part, end + 1) is not None
        outcome = _outcome(head[1].casefold(), part[head.end() : end], f"line {line}", macros)
        if outcome:
            yield Found(_too_early(f"line {line}") if too_early else outcome)
        line += part.count("\n", head.start(1), end)
        at = end + 1


def _unended(where: str, *, last: bool) -> Found:
    if last:
        why = "this entry has no end (a brace): the rest of the file is missing"
        raise Incomplete(Rejected(where, why))
    return Found(Rejected(where, "this entry has no end: a closing brace is missing"))


def _too_early(where: str) -> Rejected:
    return Rejected(where, "this entry ends before its last field: a closing brace too many")


def _outcome(kind: str, body: str, where: str, macros: _Macros) -> Listing | Rejected | None:
    """The listing of an entry, why there is none, or None if it is no reference."""
    try:
        if kind == "string":
            macros.values.update(_fields(body, 0, macros))
        if kind in ("string", "comment", "preamble"):
            return None
        key, at = (found[1], found.end()) if (found := _KEY.match(body)) else ("", 0)
        return _listing(key, _fields(body, at, macros), where)
    except _Odd as odd:
        return Rejected(where, str(odd))


# --- fields -----------------------------------------------------------------


def _fields(body: str, at: int, macros: _Macros) -> dict[str, str]:
    """The fields from there on, by their names in small letters; of two alike the first counts."""
    fields: dict[str, str] = {}
    while not _REST.match(body, at):
        name = _FIELD.match(body, at)
        if not name:
            raise _Odd(f"no “name = value” at “{_shown(body, at)}”")
        value, at = _value(body, name.end(), macros)
        fields.setdefault(name[1].casefold(), value)
    return fields


def _value(body: str, at: int, macros: _Macros) -> tuple[str, int]:
    """The value that begins there, its pieces joined, and where it ends."""
    pieces: list[str] = []
    while True:
        piece, at = _piece(body, at, macros)
        pieces.append(piece)
        joint = _JOINT.match(body, at)
        if not joint:
            return "".join(pieces), at
        at = joint.end()


def _piece(body: str, at: int, macros: _Macros) -> tuple[str, int]:
    mark = {"{": "}", '"': '"'}.get(body[at : at + 1])
    if mark:
        end = _close(body, at + 1, mark)
        if end < 0:
            raise _Odd(f"a value without an end: “{_shown(body, at)}”")
        return body[at + 1 : end], end + 1
    bare = _BARE.match(body, at)
    if not bare:
        raise _Odd(f"no value at “{_shown(body, at)}”")
    return macros.value(bare[0]), bare.end()


def _close(text: str, at: int, mark: str) -> int:
    r"""Where the mark stands outside of inner braces, from there on; -1 if nowhere.

    What is behind a backslash is no mark: ``\left\{`` and ``M\"uller`` are met more often than the
    values that end in a backslash.
    """
    depth = 0
    for sign in _SIGN.finditer(text, at):
        if sign[0] == mark and depth <= 0:
            return sign.start()
        depth += (sign[0] == "{") - (sign[0] == "}")
    return -1


def _shown(body: str, at: int) -> str:
    return clean_line(body[at : at + 2 * _SHOWN], _SHOWN)


# --- listings ---------------------------------------------------------------


def _listing(key: str, fields: Mapping[str, str], where: str) -> Listing | Rejected:
    plain = {name: _ESCAPED.sub(r"\1", value).strip() for name, value in fields.items()}
    archive = plain.get("archiveprefix", plain.get("eprinttype", "arxiv")).casefold()
    eprint = plain.get("eprint", "") if archive == "arxiv" else ""
    said = (eprint, key, *(plain.get(name, "") for name in ("journal", "howpublished", "note")))
    linked = (plain.get(name, "") for name in ("url", "link", "howpublished", "pdf"))
    return reference(
        {
            "title": fields.get("title", ""),
            "abstract": fields.get("abstract", ""),
            "doi": plain.get("doi", ""),
            "eprint": arxiv_id_in(said),
            "url": [link[0] for text in linked for link in _LINK.finditer(text)],
            "primary_category": plain.get("primaryclass", plain.get("eprintclass", "")),
            "published": _published(plain),
        },
        names_in(fields.get("author", "")),
        where,
    )


def _published(fields: Mapping[str, str]) -> str:
    """``date``, or ``year``, ``month`` and ``day`` as one; the day may stand in the month."""
    if day_in(fields.get("date", "")):
        return fields["date"]
    year, month = fields.get("year", ""), fields.get("month", "")
    numbers = _NUMBER.findall(f"{month} {fields.get('day', '')}")
    word = _WORD.search(month)
    if word:
        return f"{numbers[0] if numbers else 1} {word[0]} {year}"
    return "-".join([year, *numbers[:2]])
