"""The listings of arxiv.org (``/list/cs.CL/new``, ``/recent``): sections of ``dt`` and ``dd``."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from worker.model import Kind, Listing, Rejected
from worker.sources.html_pieces import Piece, elements, rendered
from worker.sources.html_whole import Contents, Page, days_of, days_said, headings
from worker.sources.paper_link import paper_in
from worker.sources.people import people

SOURCE: Final = "arxiv"

_ANNOUNCED: Final = "showing new listings for"
_DESCRIPTOR = re.compile(r"\A(?:Title|Authors?|Subjects?|Abstract):\s*", re.IGNORECASE)
_CODE = re.compile(r"\(([A-Za-z-]+(?:\.[A-Za-z-]+)?)\)")
_SHOWN = re.compile(r"showing (?:first )?([0-9]{1,9}) of ([0-9]{1,9}) entries", re.IGNORECASE)
_KIND = re.compile(r"(?:\A|\()(cross|replace)", re.IGNORECASE)
_KINDS: Final = {"cross": Kind.CROSS, "replace": Kind.REPLACEMENT}


@dataclass(frozen=True, slots=True)
class _Entry:
    """One entry: what its ``dt`` and its ``dd`` hold, and the heading over them."""

    heading: str
    head: Sequence[Piece]
    body: Sequence[Piece]


def listed(page: Page) -> Contents | None:
    """The entries of a page of listings; also of one that says that there are none."""
    if not any(tag.has_class("list-title") for tag in page.starts("div")):
        return _empty(page)
    entries = list(_entries(page.row))
    outcomes = tuple(_read(entry, f"entry {n}") for n, entry in enumerate(entries, 1))
    days = _announced(page) or tuple(days_said(entry.heading for entry in entries))
    return Contents(outcomes, SOURCE, days or days_of(page), tuple(_notes(page, days)))


def _empty(page: Page) -> Contents | None:
    """The page of a day on which nothing was announced."""
    days = _announced(page)
    note = "The page is that of a day without announcements."
    return Contents((), SOURCE, days, (note,)) if days else None


def _announced(page: Page) -> tuple[date, ...]:
    named = (text for text in headings(page) if text.lower().startswith(_ANNOUNCED))
    return tuple(days_said(named))


def _notes(page: Page, days: Sequence[date]) -> Iterator[str]:
    """What the page leaves out, and that it is not of one day."""
    counts = [found.groups() for text in headings(page) if (found := _SHOWN.search(text))]
    missing = sum(int(all_) - int(shown) for shown, all_ in counts)
    if missing > 0:
        yield f"The page shows only a part: {missing} more entries are on its other pages."
    if len(set(days)) > 1:
        yield f"The page lists several days, from {min(days)} to {max(days)}."


def _entries(row: Sequence[Piece]) -> Iterator[_Entry]:
    """Each ``dt`` with its ``dd``, and the heading that they stand under."""
    heading, head = "", None
    for tag, inner in elements(row, "h3", "dt", "dd"):
        if tag.tag == "dd" and head is not None:
            yield _Entry(heading, head, inner)
        head = inner if tag.tag == "dt" else None
        heading = rendered(inner) if tag.tag == "h3" else heading


def _read(entry: _Entry, where: str) -> Listing | Rejected:
    links = (tag.get("href") for tag, _ in elements(entry.head, "a"))
    key = next(filter(None, map(paper_in, links)), "")
    fields = dict(_fields(entry.body))
    title = _text(fields, "list-title").replace("\n", " ")
    if not (key and title):
        return Rejected(where, f"no {'title' if key else 'link to the paper'}")
    return Listing(
        title=title,
        abstract=_text(fields, "mathjax"),
        authors=_authors(fields.get("list-authors", [])),
        ids=(key,),
        categories=codes_in(_text(fields, "list-subjects")),
        kind=_kind(rendered(entry.head)) or _kind(entry.heading) or Kind.NEW,
    )


def codes_in(subjects: str) -> tuple[str, ...]:
    """``cs.CL`` and ``hep-ph`` of ``Computation and Language (cs.CL); … (hep-ph)``."""
    return tuple(_CODE.findall(subjects))


def _fields(body: Sequence[Piece]) -> Iterator[tuple[str, list[Piece]]]:
    """The parts of an entry by their class; the abstract is the ``p`` of class ``mathjax``."""
    meta = next((inner for tag, inner in elements(body, "div") if tag.has_class("meta")), body)
    for tag, inner in elements(meta, "div", "p"):
        yield tag.get("class").split(" ")[0], list(inner)


def _text(fields: Mapping[str, Sequence[Piece]], name: str) -> str:
    return _DESCRIPTOR.sub("", rendered(fields.get(name, ())))


def _authors(part: Sequence[Piece]) -> tuple[str, ...]:
    linked = tuple(rendered(inner) for _, inner in elements(part, "a"))
    return linked or people(_DESCRIPTOR.sub("", rendered(part)))


def _kind(said: str) -> Kind | None:
    found = _KIND.search(said)
    return _KINDS[found[1].lower()] if found else None
