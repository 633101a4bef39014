"""Rows of a text with delimiters, each with its line; a quote left open takes no other row with it.

Quotes are read as RFC 4180 has them, and where scripts leave them out, as the csv module does.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

_ROW_LIMIT: Final = 200_000  # characters that a row over several lines may have
_LIKE_LINES: Final = 100  # rows over several lines that may be none; each costs one look ahead

Cells = tuple[str, ...]


class TooOdd(Exception):
    """More quotes are left open than one can look behind."""


@dataclass(frozen=True, slots=True)
class Row:
    """The cells in the lines from ``start`` up to before ``end``, counted from 0.

    ``open``: a quote in it has no end, or a cell is longer than the csv module reads.
    """

    start: int
    end: int
    cells: Cells
    open: bool = False


@dataclass(slots=True)
class _Feed:
    """The lines for one row; ``short`` once more were wanted than there are."""

    lines: Sequence[str]
    at: int
    end: int
    room: int = _ROW_LIMIT
    short: bool = False

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        if self.at == self.end or self.room <= 0:
            self.short = True
            raise StopIteration
        line = self.lines[self.at] + "\n"
        self.at += 1
        self.room -= len(line)
        return line


def row_at(lines: Sequence[str], start: int, delimiter: str, end: int | None = None) -> Row:
    """The row that begins in the line ``start``, with no line from ``end`` on.

    Text behind a closing quote belongs to its cell (``"Why" and how``). In a row over several lines
    that quote was no closing one, but opened a cell of another row.
    """
    row = _read(lines, start, delimiter, len(lines) if end is None else end)
    if row.end - start > 1 and not row.open:
        return _read(lines, start, delimiter, row.end, strict=True)
    return row


def _read(
    lines: Sequence[str], start: int, delimiter: str, end: int, *, strict: bool = False
) -> Row:
    feed = _Feed(lines, start, end)
    try:
        cells = next(csv.reader(feed, delimiter=delimiter, strict=strict))
    except csv.Error:
        return Row(start, feed.at, (), open=True)
    return Row(start, feed.at, tuple(cell.strip() for cell in cells), feed.short)


def rows(
    lines: Sequence[str], start: int, delimiter: str, fits: Callable[[Cells], bool]
) -> Iterator[Row]:
    """The rows that are not blank from the line ``start`` on, whether they fit or not.

    A row over several lines, one of which ``fits`` alone, ends before that and is open: its quote
    was meant to close above. Raises TooOdd.
    """
    odd = 0
    while start < len(lines):
        if not lines[start].strip():
            start += 1
            continue
        row = row_at(lines, start, delimiter)
        inner = range(start + 1, row.end)
        end = next((n for n in inner if _fits_alone(lines, n, delimiter, fits)), row.end)
        if end < row.end or row.open:
            odd += 1
            row = Row(start, end, row.cells, open=True)
        if odd > _LIKE_LINES:
            raise TooOdd
        if any(row.cells) or row.open:
            yield row
        start = end


def _fits_alone(
    lines: Sequence[str], at: int, delimiter: str, fits: Callable[[Cells], bool]
) -> bool:
    """Whether the line is a row; one that closes a quote from above has an odd one."""
    if not lines[at] or lines[at].count('"') % 2:
        return False
    row = row_at(lines, at, delimiter, at + 1)
    return not row.open and fits(row.cells)
