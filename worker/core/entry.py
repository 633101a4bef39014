"""A paper as plain values, its matched words marked off: what templates show of it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from urllib.parse import quote_plus

from worker.core.marking import Marked
from worker.core.sentences import OPENING, opening
from worker.core.trim import WHOLE, Piece, Trim, begun, fitting, shortened
from worker.manner import Abstracts
from worker.model import Kind, Paper, Rule


@dataclass(frozen=True, slots=True)
class Entry:
    """One paper as shown. ``position`` counts from 1 through the whole digest.

    ``rules`` are the names of all rules that chose it; ``terms`` the parts of them that it has,
    and whatever else chose it. ``listed_as`` says what its listing was, if not simply new, and
    ``source`` who listed it first, if that is known; 0 ``upvotes`` are not shown.
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
    source: str = ""


AUTHORS_SHOWN: Final = 6
LONGEST_LIST: Final = 1_000
"""Characters of the rules that chose one paper, and of what it has of them, if there are many."""
SEARCHED: Final = 200
"""Characters of a title that are searched for; some titles are whole abstracts."""
_CUT = re.compile(r"and ([0-9,]*[0-9]) more")
_WEB = ("https://", "http://")
_SEARCH: Final = "https://arxiv.org/search/?searchtype=title&query="
_LISTED_AS = {Kind.NEW: "", Kind.CROSS: "cross-listed", Kind.REPLACEMENT: "new version"}
_SOURCES = {"huggingface": "Hugging Face", "arxiv": "arXiv"}


def entry(
    position: int,
    shown: Marked,
    trim: Trim = WHOLE,
    because: Sequence[str] = (),
    abstracts: Abstracts = Abstracts.FULL,
) -> Entry:
    """The paper as shown to somebody whom its rules chose it for; what they ask for is marked."""
    paper = shown.paper
    authors, more_authors = authors_shown(paper, trim.line)
    found = _distinct((*shown.terms, *because))
    return Entry(
        position=position,
        title=shortened(shown.title, trim.line),
        abstract=shortened(_chosen(shown.abstract, abstracts), trim.abstract),
        authors=authors,
        more_authors=more_authors,
        categories=paper.categories,
        rules=_names(shown.rules, trim.line),
        terms=fitting(found, trim.line or LONGEST_LIST),
        day=paper.day,
        listed_as=_LISTED_AS[paper.kind],
        upvotes=paper.counts.upvotes or 0,
        url=page_url(paper, trim.line),
        search_url=search_url(paper.title[: trim.line]),
        source=source_name(paper.source),
    )


def source_name(source: str) -> str:
    """Who lists papers, as people call it; empty where that is only a form of file."""
    return _SOURCES.get(source, source if "." in source else "")


def page_url(paper: Paper, line: int | None = None) -> str:
    """Its own page; nothing that is cut, or that leads elsewhere than on the web."""
    fits = line is None or len(paper.url) <= line
    return paper.url if fits and paper.url.startswith(_WEB) else ""


def search_url(title: str) -> str:
    """Where a paper of that title is found that has no page of its own."""
    return _SEARCH + quote_plus(title[:SEARCHED].strip())


def authors_shown(paper: Paper, line: int | None = None) -> tuple[tuple[str, ...], int]:
    """The first names, and how many more there are with those that cleaning only counted."""
    names, count = paper.authors, len(paper.authors)
    if names and (note := _CUT.fullmatch(names[-1])):  # as ``core.clean`` writes it
        names, count = names[:-1], count - 1 + int(note[1].replace(",", ""))
    shown = fitting(names[:AUTHORS_SHOWN], line)
    return shown, count - len(shown)


def _names(rules: Sequence[Rule], line: int | None) -> tuple[str, ...]:
    """As many of the rules as there is room for, the first in any case; pages have some without."""
    names = _distinct(rule.name for rule in rules)
    return fitting(names, line or LONGEST_LIST) or tuple(name[:line] for name in names[:1])


def _distinct(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(texts))


def _chosen(abstract: tuple[Piece, ...], how_much: Abstracts) -> tuple[Piece, ...]:
    """All of it, its first sentences, or nothing: as he likes it."""
    if how_much is Abstracts.FULL:
        return abstract
    if how_much is Abstracts.NONE:
        return ()
    end = opening("".join(piece.text for piece in abstract))
    return begun(abstract, end) if end else shortened(abstract, OPENING)
