"""A web page as a whole: that it is one, that it does not break off, what it says of itself."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from worker.model import Incomplete, Listing, Rejected, Unreadable
from worker.sources.dates import day_in
from worker.sources.html_pieces import (
    TAGS_LIMIT,
    Cut,
    End,
    Piece,
    Start,
    breaks,
    elements,
    pieces,
    rendered,
)

_VOID: Final = frozenset(
    {
        *("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param"),
        *("source", "track", "wbr"),
    }
)
_OPTIONAL: Final = frozenset(  # whose end tag many leave out
    {"p", "li", "dt", "dd", "option", "tr", "td", "th", "thead", "tbody", "tfoot", "colgroup"}
)
HEADINGS: Final = ("h1", "h2", "h3", "h4", "h5", "h6")
_HEAD_LINES: Final = 40
_SAVED_FROM = re.compile(r"<!-- saved from url=\([0-9]{1,6}\)(\S{1,2000})")
_DATE = re.compile(
    r"(?<![0-9])(?:(?:19|20)[0-9]{2}([-/.])[0-9]{1,2}\1[0-9]{1,2}"
    r"|(?:19|20)[0-9]{2}年[0-9]{1,2}月[0-9]{1,2}"
    r"|[0-9]{1,2}(?:st|nd|rd|th)?\.? [A-Za-z]{3,9}\.?,? (?:[0-9]{4}|[0-9]{2}))(?![0-9])"
    r"|(?<![A-Za-z])[A-Za-z]{3,9}\.? [0-9]{1,2}(?:st|nd|rd|th)?,? (?:19|20)[0-9]{2}(?![0-9])"
)
_SHORT_YEAR = re.compile(r" ([0-9]{2})\Z")


@dataclass(frozen=True, slots=True)
class Page:
    """The pieces of a page, its ``title``, and the ``address`` it says it has, or ``""``."""

    row: tuple[Piece, ...]
    title: str
    address: str

    def starts(self, *tags: str) -> Iterator[Start]:
        """The start tags of these names, in order."""
        return (piece for piece in self.row if isinstance(piece, Start) and piece.tag in tags)

    def metas(self) -> Iterator[tuple[str, str]]:
        """The names of the ``meta`` tags, in small letters, with what they say, in order."""
        for tag in self.starts("meta"):
            yield (tag.get("name") or tag.get("property")).lower(), tag.get("content")


@dataclass(frozen=True, slots=True)
class Contents:
    """The papers of a page, who lists them, the days that it says it is of, and what is odd."""

    outcomes: tuple[Listing | Rejected, ...]
    source: str = ""
    days: tuple[date, ...] = ()
    notes: tuple[str, ...] = ()


def whole(html: str) -> Page:
    """The page, if it is one from its beginning to its end.

    A page ends with ``</html>``. A piece of one (the body of a mail, what a script writes) ends
    where all that it opens is closed: cut exactly there, it looks whole. Raises Incomplete, or
    Unreadable if there are too many tags for any page.
    """
    if html.count("<") > TAGS_LIMIT:
        raise Unreadable(Rejected("file", f"more than {TAGS_LIMIT:,} tags"))
    row = tuple(pieces(html))
    if missing := _missing(row):
        why = f"the page breaks off: {missing}; wait for the rest, or save it again"
        raise Incomplete(Rejected("file", why))
    page = Page(row, _title(row), "")
    saved = _SAVED_FROM.search(html[:2000])
    return Page(row, page.title, _address(page) or (saved[1] if saved else ""))


def days_said(texts: Iterable[str]) -> Iterator[date]:
    """The full dates in the texts, in the ways that pages write them."""
    for found in (found for text in texts for found in _DATE.finditer(text)):
        written = re.sub("[年月]", "-", found[0])
        day = day_in(_SHORT_YEAR.sub(r" 20\1", written))
        if day:
            yield day


def days_of(page: Page) -> tuple[date, ...]:
    """The days that the page says it is of: its address does, else its title and first heading,
    else any heading or time.
    """
    first = next(headings(page), "")
    times = (tag.get("datetime") for tag in page.starts("time"))
    for texts in ([page.address], [page.title, first], [*headings(page), *times]):
        if days := tuple(days_said(texts)):
            return days
    return ()


def headings(page: Page) -> Iterator[str]:
    """The texts of the headings, in order."""
    return (rendered(inner) for _, inner in elements(page.row, *HEADINGS))


def first_lines(page: Page) -> Sequence[str]:
    """The first lines that are shown."""
    lines: list[str] = []
    line: list[Piece] = []
    for piece in page.row:
        line.append(piece)
        if breaks(piece):
            lines += filter(None, [rendered(line)] if len(line) > 1 else [])
            line = []
        if len(lines) >= _HEAD_LINES:
            break
    return lines


def _title(row: Iterable[Piece]) -> str:
    """Not that of a drawing further down."""
    titles = (piece.content for piece in row if isinstance(piece, Start) and piece.tag == "title")
    return " ".join(next(titles, "").split())


def _address(page: Page) -> str:
    links = (tag.get("href") for tag in page.starts("link") if tag.get("rel") == "canonical")
    named = (said for name, said in page.metas() if name == "og:url")
    return next(links, "") or next(named, "")


def _missing(row: Sequence[Piece]) -> str:
    """What shows that the page is not whole, or ``""``."""
    if row and isinstance(row[-1], Cut):
        return "it ends within a tag"
    opened = Counter(
        piece.tag
        for piece in row
        if isinstance(piece, Start) and not piece.attributes.endswith("/")
    )
    closed = Counter(piece.tag for piece in row if isinstance(piece, End))
    if opened["html"]:
        return "" if closed["html"] else "there is no </html>"
    unclosed = (
        tag
        for tag, count in opened.items()
        if tag not in _VOID
        and count > closed[tag]
        and not (tag in _OPTIONAL and count > 1 and not closed[tag])
    )
    tag = next(unclosed, "")
    return f"a <{tag}> is not closed" if tag else ""
