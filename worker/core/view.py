"""What the templates are given: a digest as plain values, its matched words marked off.

Templates get no ports, no rules and no markup: only texts, cut into pieces.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from urllib.parse import quote_plus

from worker.core.evidence import spans, terms
from worker.core.query import Query, QueryError, parse
from worker.core.trim import WHOLE, Piece, Trim, fitting, pieces, shortened
from worker.deliveries import Delivery
from worker.digests import Receipt
from worker.manner import Language
from worker.model import Kind, Paper, PaperNumber, Rule


@dataclass(frozen=True, slots=True)
class Entry:
    """One paper as shown. ``position`` counts from 1 through the whole digest.

    ``rules`` are the names of all rules that chose it; ``terms`` the parts of them that it has.
    ``listed_as`` says what its listing was, if not simply new; 0 ``upvotes`` are not shown.
    ``url`` is the paper's own page, ``search_url`` a search for its title where it has none.
    """

    position: int
    title: tuple[Piece, ...]
    abstract: tuple[Piece, ...]
    authors: tuple[str, ...]
    more_authors: int
    categories: tuple[str, ...]
    rules: tuple[str, ...]
    terms: tuple[str, ...]
    day: date
    listed_as: str
    upvotes: int
    url: str
    search_url: str


@dataclass(frozen=True, slots=True)
class Section:
    """The papers shown under one rule."""

    rule: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class View:
    """One digest, ready to be laid out. ``left_out`` papers of it are not shown in this part.

    ``language`` is that of its days.
    """

    day: date
    sections: tuple[Section, ...]
    papers: int
    receipt: Receipt
    notes: tuple[str, ...]
    first_title: str
    left_out: int
    language: Language = Language.EN


AUTHORS_SHOWN = 6
SEARCHED = 200
"""Characters of a title that are searched for; some titles are whole abstracts."""
_WEB = ("https://", "http://")
_SEARCH = "https://arxiv.org/search/?searchtype=title&query="
LONGEST_BARE = 300
COULD_NOT_BE_SHOWN = "One paper could not be shown: {}"
_LISTED_AS = {Kind.NEW: "", Kind.CROSS: "cross-listed", Kind.REPLACEMENT: "new version"}


def view(
    delivery: Delivery, trim: Trim = WHOLE, unshown: frozenset[PaperNumber] = frozenset()
) -> View:
    """The digest of a delivery as it is shown. ``unshown`` papers are only named, in a note."""
    papers = {paper.number: paper for paper in delivery.papers}
    picks = delivery.digest.picks
    shown = [pick for pick in picks if pick.paper not in unshown]
    named = [_bare(papers[pick.paper].title) for pick in picks if pick.paper in unshown]
    entries = [
        (pick.rules[0].name[: trim.line], entry(position, pick.rules, papers[pick.paper], trim))
        for position, pick in enumerate(shown[: trim.papers], start=1)
    ]
    sections = tuple(
        Section(rule, tuple(entry for _, entry in group))
        for rule, group in groupby(entries, key=lambda named: named[0])
    )
    return View(
        day=delivery.digest.slot.day,
        sections=sections,
        papers=len(picks),
        receipt=delivery.digest.receipt,
        notes=(*delivery.digest.notes, *map(COULD_NOT_BE_SHOWN.format, named)),
        first_title=papers[shown[0].paper].title if shown else "",
        left_out=len(shown) - len(entries),
        language=delivery.manner.language,
    )


def _bare(title: str) -> str:
    """What is left of a title when anything that could break a page is a blank."""
    printable = (sign if sign.isprintable() else " " for sign in title)
    return " ".join("".join(printable).split())[:LONGEST_BARE]


def entry(position: int, rules: Sequence[Rule], paper: Paper, trim: Trim = WHOLE) -> Entry:
    """The paper as shown to somebody whom these rules chose it for; what they ask for is marked."""
    queries = _queries(rules)
    title = pieces(paper.title, spans(queries, paper.title, "title"))
    abstract = pieces(paper.abstract, spans(queries, paper.abstract, "abstract"))
    authors = fitting(paper.authors[:AUTHORS_SHOWN], trim.line)
    found = _distinct(term for query in queries for term in terms(query, paper))
    return Entry(
        position=position,
        title=shortened(title, trim.line),
        abstract=shortened(abstract, trim.abstract),
        authors=authors,
        more_authors=len(paper.authors) - len(authors),
        categories=paper.categories,
        rules=fitting(tuple(rule.name for rule in rules), trim.line),
        terms=fitting(found, trim.line),
        day=paper.day,
        listed_as=_LISTED_AS[paper.kind],
        upvotes=paper.counts.upvotes or 0,
        url=page_url(paper, trim.line),
        search_url=search_url(paper.title[: trim.line]),
    )


def page_url(paper: Paper, line: int | None = None) -> str:
    """Its own page; nothing that is cut, or that leads elsewhere than on the web."""
    fits = line is None or len(paper.url) <= line
    return paper.url if fits and paper.url.startswith(_WEB) else ""


def search_url(title: str) -> str:
    """Where a paper of that title is found that has no page of its own."""
    return _SEARCH + quote_plus(title[:SEARCHED].strip())


def _queries(rules: Sequence[Rule]) -> tuple[Query, ...]:
    """The rules as they were when they chose the paper; one that no longer parses marks nothing."""
    queries = []
    for rule in rules:
        try:
            queries.append(parse(rule.query))
        except QueryError:
            continue
    return tuple(queries)


def _distinct(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(texts))
