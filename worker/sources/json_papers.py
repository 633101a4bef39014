"""Papers written as JSON: what the Hugging Face API answers, and the lists that people make.

A paper that a file lists twice stays listed twice: the log joins them.
What cannot be told: JSON Lines that end with a whole line look whole, however many are missing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Final

from worker.core.clean import clean_line
from worker.core.editionday import edition_day
from worker.core.identity import normalise_id
from worker.model import Edition, Listing, Rejected
from worker.sources.apart import none_of
from worker.sources.bounded import bounded
from worker.sources.dates import day_in
from worker.sources.fields import DAYS, PAGES, Fields, fields_of, folded, values
from worker.sources.form import Form, Text
from worker.sources.json_shape import Listed, count_said, failure_said, listed
from worker.sources.json_text import Written, written
from worker.sources.literal import Malformed, value_of
from worker.sources.record import days, kind_of, listing

_SHOWN: Final = 60  # characters of an entry that is none
_SCALAR_LIMIT: Final = 1_000  # characters
_OBJECT: Final = r"""\{\s*+(?:[uU]?['"]|\}?\s*+\Z)"""
_TEXT: Final = r"""[uU]?(?:"(?>(?:[^"\\]++|\\.)*)(?:"|\Z)|'(?>(?:[^'\\]++|\\.)*)(?:'|\Z))"""
_BEGINNING = re.compile(
    rf"""\s*+(?:{_OBJECT}|\[\s*+(?:{_OBJECT}|\[\s*+(?:[\[{{\]'"]|\Z)|\]?\s*+\Z"""
    rf"""|{_TEXT}\s*+(?:,|\]\s*+(?!\()|\Z)))""",
    re.DOTALL,
)
_SCALAR = re.compile(
    r'\s*+(?:-?[0-9]++(?>(?:\.[0-9]++)?)(?>(?:[eE][+-]?+[0-9]++)?)|true|false|null|"(?>(?:[^"\\\n]++|\\.)*)")\s*+'
)
_OF_HF: Final = frozenset({"submittedondailyat", "submittedondailyby", "discussionid"})
_HF_PAGE = re.compile(r"(?:https?://huggingface\.co)?/papers/")
_ANNOUNCED: Final = ("announcetype", "arxivannouncetype")
_FROM: Final = ("source", "feed", "origin", "provider", "site")

_SOURCES: Final = ("arxiv", "huggingface")

_Record = Mapping[str, object]
_Read = tuple[_Record, Listing]


def recognise(text: str) -> bool:
    """Whether it begins like an object, or a list of objects or texts; or is one bare value.

    A link of Markdown or a numbered line (``[1] Title``) does not, nor does RTF.
    """
    if _BEGINNING.match(text):
        return True
    return len(text) <= _SCALAR_LIMIT and _SCALAR.fullmatch(text) is not None


def parse(text: Text) -> Edition:
    """The edition in the file.

    Raises Incomplete if it breaks off, and Unreadable if it is no list of papers, if it reports an
    error, or if none of its entries is a paper.
    """
    told = written(text.text)
    found = _found(told)
    read = [_paper(entry, where) for where, entry in bounded(found.entries)]
    papers = [paper for paper in read if not isinstance(paper, Rejected)]
    rejected = (*told.rejected, *(paper for paper in read if isinstance(paper, Rejected)))
    if rejected and not papers:
        raise none_of(rejected, "entries")
    form, source = _origin(found.head, papers, by_line=told.by_line)
    return Edition(
        day=_day(text, found.head, papers),
        format=form,
        listings=tuple(paper for _, paper in papers),
        rejected=rejected,
        source=source or form,
        notes=tuple(_notes(found)),
    )


FORM: Final = Form("json", recognise, parse)


# --- entries ----------------------------------------------------------------


def _found(told: Written) -> Listed:
    """In JSON Lines, each value is an entry."""
    if told.by_line:
        return Listed(tuple((f"line {line}", value) for line, value in told.values), {})
    return listed(told.values[0].value)


def _paper(entry: object, where: str) -> _Read | Rejected:
    """A paper and the record of it, which may be in a text, as JSON or Python writes it."""
    if isinstance(entry, str):
        try:
            record = value_of(entry)
        except Malformed as malformed:
            shown = clean_line(entry, _SHOWN)
            return Rejected(where, f"a text that is no record: “{shown}” ({malformed.why})")
    else:
        record = entry
    if not isinstance(record, Mapping):
        return Rejected(where, f"{kind_of(record)}, not an object with a title")
    paper = listing(record, where)
    return paper if isinstance(paper, Rejected) else (record, paper)


# --- the whole --------------------------------------------------------------


def _day(text: Text, head: Fields, papers: Sequence[_Read]) -> date:
    """What the file says of itself outweighs what its entries say."""
    told = [day for value in values(head, DAYS) if (day := day_in(value))][:1]
    said = [day for record, _ in papers for day in days(record)]
    return edition_day(text.name, said + told * (len(said) + 1), text.modified)


def _origin(head: Fields, papers: Sequence[_Read], *, by_line: bool) -> tuple[str, str]:
    """The format, and who lists the papers: ``""`` if nobody says so."""
    plain = "jsonl" if by_line else "json"
    named = [folded(said) for said in values(head, _FROM) if isinstance(said, str)]
    if papers and all(_is_api(record) for record, _ in papers):
        return "hf-json", "huggingface"
    if papers and all(_is_announced(*read) for read in papers):
        return "arxiv-json", "arxiv"
    if papers and all(_links_to_hf(record) for record, _ in papers):
        return plain, "huggingface"
    return plain, next((source for source in _SOURCES for name in named if source in name), "")


def _is_api(record: _Record) -> bool:
    """Whether it is as the Hugging Face API writes it, or was made of that."""
    return isinstance(record.get("paper"), Mapping) or not _OF_HF.isdisjoint(fields_of(record))


def _is_announced(record: _Record, paper: Listing) -> bool:
    """Whether it says how arXiv announced it."""
    kinds = values(fields_of(record), _ANNOUNCED)
    return next(kinds, None) is not None and any(map(normalise_id, paper.ids))


def _links_to_hf(record: _Record) -> bool:
    links = values(fields_of(record), PAGES)
    return any(isinstance(link, str) and _HF_PAGE.match(link) for link in links)


def _notes(found: Listed) -> Iterator[str]:
    if not found.entries:
        yield "This is an empty list: no papers that day."
    elif failure := failure_said(found.head):
        yield f"Beside its papers the file reports an error: {failure}."
    count = count_said(found.head)
    if found.entries and count is not None and count != len(found.entries):
        yield f"The file says that it lists {count:,} papers, but there are {len(found.entries):,}."
