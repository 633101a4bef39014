"""One item or entry of a feed, as a listing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Final

from worker.core.identity import normalise_id
from worker.model import Kind, Listing, Rejected
from worker.sources.dates import day_in
from worker.sources.feed_description import Description, described
from worker.sources.feed_link import link
from worker.sources.feed_text import line, plain
from worker.sources.people import people
from worker.sources.xml_tree import Element

_TITLES: Final = ("title", "atom:title", "dc:title", "media:title")
_DATES: Final = (
    *("prism:publicationDate", "dcterms:issued", "dc:date", "atom:published", "atom:issued"),
    *("published", "pubDate"),
)
_UPDATES: Final = ("atom:updated", "atom:modified", "updated")
_IDS: Final = ("guid", "atom:id", "id", "dc:identifier", "prism:doi", "arxiv:doi", "arxiv:DOI")
_CREATORS: Final = ("dc:creator", "atom:author", "author", "itunes:author")
_CATEGORIES: Final = ("arxiv:primary_category", "category", "atom:category", "dc:subject")

_OLD_TAIL = re.compile(
    r"\.? \(arXiv:([^\s()]+)(?: \[([^\]\s]+)\])?(?: (UPDATED|CROSS LISTED))?\)\Z", re.ASCII
)
_OAI = re.compile(r"oai:arXiv\.org:", re.IGNORECASE)
_OF_ARXIV = re.compile(r"[a-z]+(?>(?:-[a-z]+)*)(?>(?:\.[A-Za-z-]{2,})?)")
_CODE = re.compile(r"[0-9]{2}[A-Z-][0-9xX]{2}|[A-K]\.[0-9m](?:\.[0-9m])?")  # of MSC, of ACM
_MAILED = re.compile(r"[^\s@]*@\S*(?: \((.*)\))?")
_INITIALS = re.compile(r"(?:[A-Z]\.[ -]?){1,5}|[A-Z]{1,3}")


def listing(entry: Element, where: str, base: str, *, arxiv: bool) -> Listing | Rejected:
    """The paper, or why it is none. ``base`` is what its links start from.

    ``arxiv``: the feed is arXiv's own.
    """
    description = described(entry)
    written = _title(entry, description)
    tail = _OLD_TAIL.search(written)
    title = written[: tail.start()] if tail else written
    if not title:
        return Rejected(where, "no title")
    told, category, marked = tail.groups("") if tail else ("", "", "")
    url = link(entry, base)
    announced = description.announced or marked
    return Listing(
        title=title,
        abstract=description.abstract,
        authors=_authors(entry) or people(description.authors),
        ids=tuple(dict.fromkeys(_ids(entry, told, description.id, url))),
        url="" if "/pdf" in url and normalise_id(url) else url,  # the page is told by the id
        categories=tuple(dict.fromkeys(_categories(entry, category, arxiv=arxiv))),
        published=None if tail or announced else published(entry),
        kind=_kind(announced),
        counts=description.counts,
    )


def published(entry: Element) -> date | None:
    """The day that the item says it is of."""
    days = (day_in(element.text) for element in entry.all(*_DATES))
    return next(filter(None, days), None)


def day(entry: Element) -> date | None:
    """The day that the item came into the feed, as far as it tells."""
    updated = (day_in(element.text) for element in entry.all(*_UPDATES))
    return published(entry) or next(filter(None, updated), None)


def _title(entry: Element, description: Description) -> str:
    """What arXiv announces is no HTML: ``<b>`` may be a letter between two signs there."""
    element = entry.first(*_TITLES)
    if element and description.announced:
        return " ".join(plain(element.text).split())
    return line(element)


def _kind(announced: str) -> Kind:
    """Of what arXiv says: ``replace-cross`` and ``UPDATED``, ``cross`` and ``CROSS LISTED``."""
    word = announced.casefold()
    if word.startswith(("replace", "updated")):
        return Kind.REPLACEMENT
    return Kind.CROSS if word.startswith("cross") else Kind.NEW


def _ids(entry: Element, *told: str) -> Iterator[str]:
    """The keys of all ids of papers, wherever the item has them."""
    about = entry.attributes.get("rdf:about", "")
    given = (element.text for element in entry.all(*_IDS))
    keys = (normalise_id(_OAI.sub("", text)) for text in (*given, *told, about))
    return filter(None, keys)


def _categories(entry: Element, first: str, *, arxiv: bool) -> Iterator[str]:
    """Without the codes of MSC and ACM, which is all that arXiv's own feeds name beside them."""
    elements = entry.all(*_CATEGORIES)
    for term in (first, *(one.attributes.get("term") or line(one) for one in elements)):
        if _OF_ARXIV.fullmatch(term) or (term and not arxiv and not _CODE.match(term)):
            yield term


def _authors(entry: Element) -> tuple[str, ...]:
    """Those of the first element that names any."""
    named = ([_person(one) for one in entry.all(name)] for name in _CREATORS)
    found = (people(_first_names_first(list(filter(None, names)))) for names in named)
    return next(filter(None, found), ())


def _person(element: Element) -> str:
    """A name, or several; RSS has ``a.b@c.org (A. B.)``. An address alone is no name."""
    written = line(element.first("atom:name", "name") or element)
    if mailed := _MAILED.fullmatch(written):
        return mailed[1] or ""
    return "" if "://" in written else written


def _first_names_first(names: list[str]) -> list[str]:
    """bioRxiv's ``Doe, J., Roe, A. B.`` as ``J. Doe``, ``A. B. Roe``."""
    parts = [part.strip() for part in names[0].split(",")] if len(names) == 1 else []
    if parts and not parts[-1]:
        parts.pop()
    if len(parts) % 2 or not all(_INITIALS.fullmatch(part) for part in parts[1::2]):
        return names
    turned = [f"{given} {last}" for last, given in zip(parts[::2], parts[1::2], strict=True)]
    return turned or names
