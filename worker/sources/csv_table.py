"""Tables as text: ``,``, ``;``, ``|`` or tabs between the columns, which the first line names.

Without such a line the columns are told by what is in them, if that is sure: ids or links, dates,
one text that is the title, and one much longer that is the abstract.
A row with too many or too few columns is set aside. What cannot be told: a file that ends with a
whole row looks whole; one whose last row has no line end is noted, and Incomplete if it is short.
Source: RFC 4180, and what is met.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

from worker.core.identity import normalise_id
from worker.model import Edition, Incomplete, Rejected, Unreadable
from worker.sources import fields
from worker.sources.csv_rows import Cells, Row, TooOdd, row_at, rows
from worker.sources.dates import day_in
from worker.sources.form import Form, Text
from worker.sources.gathered import Found, gathered
from worker.sources.record import days, listing

FORMAT: Final = "csv"

_DELIMITERS: Final = ("\t", ";", "|", ",")  # the last is met in titles, too
_HEAD_LENGTH: Final = 64_000  # characters by which the form is recognised
_HEAD_ROWS: Final = 20
_ABSTRACT_LENGTH: Final = 250  # characters, of most abstracts more and of every title less
_LINKS: Final = frozenset((*fields.IDS, *fields.PAGES, *fields.PDFS))
_LEADING: Final = _LINKS.union(fields.TITLES) - {"name"}  # which may be anything's
_KNOWN: Final = _LEADING.union(fields.TITLES, fields.ABSTRACTS, fields.AUTHORS, fields.DAYS).union(
    fields.CATEGORIES, fields.KINDS, fields.PUBLISHED, fields.UPVOTES, fields.COMMENTS, fields.STARS
)
_ABOVE = re.compile(r"\s*(?:#.*|sep=.)?\s*")  # Excel's own first line
_RULE = re.compile(r"[\s|:-]*---[\s|:-]*")  # below the head of a Markdown table
_LINK = re.compile(r"https?://\S+")
_CATEGORY = re.compile(r"[a-z-]+\.[A-Za-z-]{2,}[,;]?")


@dataclass(frozen=True, slots=True)
class _Table:
    """How the rows are read that begin in the line ``start``, counted from 0.

    ``names`` of columns: ``""`` for one that is not read; none at all if they cannot be told.
    ``keyed`` are the columns that hold ids or links and nothing else.
    """

    delimiter: str
    start: int
    width: int
    names: Cells
    head: Cells
    keyed: tuple[int, ...] = ()

    def fits(self, cells: Cells) -> bool:
        """Whether it has as many columns; empty ones behind those do not count."""
        return len(cells) >= self.width and not any(cells[self.width :])

    def is_sure(self, cells: Cells) -> bool:
        """Whether it is a row without doubt, by what is in its keyed columns."""
        keys = [cells[n] for n in self.keyed if cells[n]] if self.fits(cells) else []
        return bool(keys) and all(map(_is_key, keys))


def recognise(text: str) -> bool:
    """Whether a first line names columns that are known, or ids or links fill a column."""
    return _table(text) is not None


def parse(text: Text) -> Edition:
    """The edition in the text.

    Raises Unreadable if the columns cannot be told, and Incomplete if the last row breaks off.
    """
    table = _table(text.text)
    if table is None or not table.names:
        why = "the first line must name the columns: title, and any of id, url, doi, authors, "
        raise Unreadable(Rejected("line 1", why + "abstract, date, categories, upvotes"))
    lines = text.text.split("\n")
    if table.start == len(lines):
        raise Incomplete(Rejected(f"line {len(lines)}", "the file breaks off in its first line"))
    return gathered(text, FORMAT, _found(lines, table), lines=True)


FORM: Final = Form(FORMAT, recognise, parse)


# --- columns ----------------------------------------------------------------


def _table(text: str) -> _Table | None:
    """The table that the first lines of the text begin; None if they begin none."""
    lines = text[:_HEAD_LENGTH].split("\n")
    if len(text) > _HEAD_LENGTH and len(lines) > 1:
        lines.pop()
    above = next((n for n, line in enumerate(lines) if not _ABOVE.fullmatch(line)), len(lines))
    candidates = (*range(min(above, _HEAD_ROWS)), *range(above, len(lines))[:1])
    headed = (_headed(lines, n) for n in candidates if lines[n].strip())
    return next(filter(None, headed), None) or _headless(lines, above)


def _headed(lines: Sequence[str], at: int) -> _Table | None:
    """The table whose columns this line names, by the delimiter with which most are known."""
    if lines[at].lstrip().startswith("|") or _RULE.fullmatch("".join(lines[at + 1 : at + 2])):
        return None
    heads = ((delimiter, row_at(lines, at, delimiter)) for delimiter in _DELIMITERS)
    delimiter, head = max(heads, key=lambda found: _known(found[1]))
    if _known(head) < 2:
        return None
    names = head.cells
    fitting = [row for row in _sample(lines, head.end, delimiter) if len(row) == len(names)]
    linked = (n for n, name in enumerate(names) if fields.folded(name) in _LINKS)
    keyed = _keyed(fitting) or tuple(linked)
    return _Table(delimiter, head.end, len(names), names, head=names, keyed=keyed)


def _known(head: Row) -> int:
    """How many names are known; none counts if nothing among them leads to a paper."""
    names = {fields.folded(cell) for cell in head.cells}
    return len(names & _KNOWN) if names & _LEADING and not head.open else 0


def _headless(lines: Sequence[str], start: int) -> _Table | None:
    """The table that begins at once: at least half of its rows have the same columns and keys."""
    for delimiter in _DELIMITERS:
        sample = _sample(lines, start, delimiter)
        width = Counter(map(len, sample)).most_common(1)[0][0] if sample else 0
        fitting = [row for row in sample if len(row) == width]
        keyed = _keyed(fitting)
        dated = any(map(_is_dated, zip(*fitting, strict=True)))
        enough = 2 * len(fitting) >= len(sample) and (len(fitting) > 1 or dated)
        if width > 1 and keyed and enough:
            return _Table(delimiter, start, width, _told(fitting, keyed), (), keyed)
    return None


def _sample(lines: Sequence[str], start: int, delimiter: str) -> list[Cells]:
    """The first rows whose quotes are closed."""
    first = islice(rows(lines, start, delimiter, lambda _: False), _HEAD_ROWS)
    return [row.cells for row in first if not row.open]


def _keyed(sample: Sequence[Cells]) -> tuple[int, ...]:
    """The columns that hold ids or links and nothing else."""
    columns = ([cell for cell in column if cell] for column in zip(*sample, strict=True))
    return tuple(n for n, cells in enumerate(columns) if cells and all(map(_is_key, cells)))


def _told(sample: Sequence[Cells], keyed: Sequence[int]) -> Cells:
    """The names of columns by what is in them; none at all if it is not sure which is the title."""
    columns = list(zip(*sample, strict=True))
    names = [""] * len(columns)
    for n in keyed:
        among = fields.PAGES if any(map(_LINK.match, columns[n])) else fields.IDS
        names[n] = next((name for name in among if name not in names), "")
    dated = [n for n, cells in enumerate(columns) if _is_dated(cells)]
    worded = [n for n, cells in enumerate(columns) if n not in keyed and _is_worded(cells)]
    by_length = sorted(worded, key=lambda n: sum(map(len, columns[n])))
    longest = sum(map(len, columns[by_length[-1]])) if worded else 0
    is_abstract = longest >= _ABSTRACT_LENGTH * len(sample)
    if len(worded) != 1 + is_abstract:
        return ()
    for n in dated[:1]:
        names[n] = "date"
    for n, name in zip(by_length, ("title", "abstract"), strict=False):
        names[n] = name
    return tuple(names)


def _is_key(cell: str) -> bool:
    return normalise_id(cell) is not None or _LINK.fullmatch(cell) is not None


def _is_dated(cells: Cells) -> bool:
    return all(map(day_in, cells))


def _is_worded(cells: Cells) -> bool:
    """Whether most are of more than one word, and neither dates nor categories."""
    worded = [cell for cell in cells if " " in cell]
    terms = (all(map(_CATEGORY.fullmatch, cell.split())) for cell in worded)
    return 2 * len(worded) > len(cells) and not _is_dated(cells) and not all(terms)


# --- papers -----------------------------------------------------------------


def _found(lines: Sequence[str], table: _Table) -> Iterator[Found]:
    try:
        for row in rows(lines, table.start, table.delimiter, table.is_sure):
            if row.cells != table.head:
                yield _paper(row, table, len(lines))
    except TooOdd:
        why = "too many quotes are opened and not closed"
        raise Unreadable(Rejected("file", why)) from None


def _paper(row: Row, table: _Table, length: int) -> Found:
    """The paper in a row of a file of that many lines. Raises Incomplete if that breaks off."""
    where = f"line {row.start + 1}"
    if row.open or not table.fits(row.cells):
        reason = Rejected(where, _misfit(row, table))
        if row.end == length and (row.open or len(row.cells) < table.width):
            raise Incomplete(reason)
        return Found(reason)
    record: dict[str, object] = {}
    for name, cell in zip(table.names, row.cells, strict=False):
        if name and cell:
            record.setdefault(name, cell)
    return Found(listing(record, where), days(record))


def _misfit(row: Row, table: _Table) -> str:
    if row.open:
        return "a quote is opened here and not closed"
    found = f"{len(row.cells)} columns instead of {table.width}"
    many = "; a text that holds the delimiter must be in quotes"
    return found + (many if len(row.cells) > table.width else "")
