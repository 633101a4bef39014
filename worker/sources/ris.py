"""RIS, as reference managers export it: records from ``TY  - JOUR`` to ``ER  -``, a tag a line.

A line without a tag goes on with the one above. What cannot be told: a file that ends exactly
behind an ``ER`` looks whole. Every other cut is Incomplete or set aside.
Source: the format's description by Research Information Systems, and what is met.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from worker.model import Edition, Incomplete, Listing, Rejected
from worker.sources.dates import day_in
from worker.sources.form import Form, Text
from worker.sources.gathered import Found, gathered
from worker.sources.reference import arxiv_id_in, names_in, reference

FORMAT: Final = "ris"

_FIRST = re.compile(r"^TY( {1,4})-(?= *[A-Z0-9]*[ \t]*$)", re.MULTILINE)
_HEAD_LENGTH: Final = 2_000  # characters that may stand above the first record: who exported it
_AUTHORS: Final = ("AU", "A1")
_LINKS: Final = ("UR", "LK", "L1", "L2")
_DATES: Final = ("DA", "Y1", "PY")
_MAY_TELL_ID: Final = ("AN", "M1", "ID", "JO", "JF", "JA", "T2", "N1")


@dataclass(slots=True)
class _Record:
    """A record as far as it is read: where its first line is, and lines under their tags."""

    where: str
    tagged: list[tuple[str, list[str]]] = field(default_factory=list)

    def add(self, tag: str, value: str) -> None:
        """One more line; without a tag it goes on with the value above."""
        if tag or not self.tagged:
            self.tagged.append((tag, []))
        self.tagged[-1][1].append(value)

    def values(self, *tags: str) -> list[str]:
        """Those of the first tag before those of the second; none is empty."""
        told = [(tag, "\n".join(lines).strip()) for tag, lines in self.tagged if tag in tags]
        return [value for wanted in tags for tag, value in told if tag == wanted and value]

    def value(self, *tags: str) -> str:
        return next(iter(self.values(*tags)), "")


def recognise(text: str) -> bool:
    """Whether one of the first lines begins a record."""
    return _FIRST.search(text, 0, _HEAD_LENGTH) is not None


def parse(text: Text) -> Edition:
    """The edition in the text. Raises Incomplete if its last record has no end."""
    return gathered(text, FORMAT, map(Found, map(_outcome, _records(text.text))))


FORM: Final = Form(FORMAT, recognise, parse)


# --- records ----------------------------------------------------------------


def _records(text: str) -> Iterator[_Record]:
    """Each record with its end, or without it if the next begins. Raises Incomplete."""
    record: _Record | None = None
    for number, tag, value in _lines(text):
        if record and tag == "TY":
            yield record
            record = None
        if record or value or tag:
            record = record or _Record(f"line {number}")
            record.add(tag, value)
        if record and tag == "ER":
            yield record
            record = None
    if record and _is_begun(record):
        why = "this record has no end (ER): the rest of the file is missing"
        raise Incomplete(Rejected(record.where, why))
    if record:
        yield record


def _lines(text: str) -> Iterator[tuple[int, str, str]]:
    """Number, tag and value of each line from the first record on; one without a tag has ``""``.

    Every line has as many blanks before its hyphen as the first: what is wrapped may look like it.
    """
    first = _FIRST.search(text)
    start, gap = (first.start(), first[1]) if first else (0, "  ")
    tag_line = re.compile(rf"([A-Z][A-Z0-9]){gap}-(?: (.*)|)")
    for number, raw in enumerate(text[start:].split("\n"), 1 + text.count("\n", 0, start)):
        line = raw.rstrip()
        tagged = tag_line.fullmatch(line)
        yield (number, tagged[1], tagged[2] or "") if tagged else (number, "", line)


def _is_begun(record: _Record) -> bool:
    return record.tagged[0][0] == "TY"


# --- listings ---------------------------------------------------------------


def _outcome(record: _Record) -> Listing | Rejected:
    if not _is_begun(record):
        return Rejected(record.where, "this is in no record: none begins here (TY)")
    if record.tagged[-1][0] != "ER":
        return Rejected(record.where, "this record has no end (ER) before the next one begins")
    return reference(
        {
            "title": record.value("TI", "T1"),
            "abstract": record.value("AB", "N2"),
            "doi": record.value("DO"),
            "eprint": arxiv_id_in(record.values(*_MAY_TELL_ID)),
            "url": record.values(*_LINKS),
            "published": next(filter(day_in, record.values(*_DATES)), ""),
        },
        tuple(name for value in record.values(*_AUTHORS) for name in names_in(value)),
        record.where,
    )
