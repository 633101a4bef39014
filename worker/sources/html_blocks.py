"""A page as its paragraphs, headings and entries, and where they link to papers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from worker.core.identity import normalise_id
from worker.sources.html_pieces import End, Piece, Start, breaks, rendered
from worker.sources.html_whole import HEADINGS
from worker.sources.paper_link import paper_in

_LONGEST_TITLE: Final = 300  # characters
_LABEL_WORDS: Final = frozenset(
    {
        *(
            "arxiv",
            "alphaxiv",
            "pdf",
            "abs",
            "abstract",
            "html",
            "paper",
            "papers",
            "link",
            "links",
        ),
        *("huggingface", "hugging", "face", "hf", "page", "code", "github", "project", "read"),
        *("more", "the", "full", "text", "on", "in", "at", "view", "here", "see", "open", "this"),
        *("download", "doi", "source", "url", "details", "original", "preprint", "论文", "链接"),
        *("原文", "论文链接", "원문", "논문"),
    }
)
"""What links that are no titles are made of."""
_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class Link:
    """A link to a paper: its key, and what it says."""

    key: str
    text: str

    @property
    def is_title(self) -> bool:
        """Whether it says the title of the paper."""
        return may_be_title(self.text)


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, heading (``level`` 1 to 6) or entry of a list, and the links to papers in it."""

    level: int
    text: str
    links: tuple[Link, ...]

    @property
    def papers(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(link.key for link in self.links))


def may_be_title(text: str) -> bool:
    """Whether a text reads like a title: no label, id or address."""
    right = 0 < len(text) <= _LONGEST_TITLE and "://" not in text
    return right and not is_label(text) and not normalise_id(text)


def is_label(text: str) -> bool:
    """Whether it says no more than ``PDF``, ``View on arXiv`` or ``[3]``."""
    words = _WORD.findall(text.casefold())
    return all(word in _LABEL_WORDS or word.isdecimal() for word in words)


def blocks_of(row: Iterable[Piece]) -> Iterator[Block]:
    """The page in blocks, in order, but for those that show no text."""
    link: Start | None = None
    for run in _runs(row):
        links, link = _links(run, link)
        if any(isinstance(piece, str) for piece in run) and (text := rendered(run)):
            yield Block(_level(run[-1]), text, links)


def _level(end: Piece) -> int:
    return HEADINGS.index(end.tag) + 1 if isinstance(end, End) and end.tag in HEADINGS else 0


def _runs(row: Iterable[Piece]) -> Iterator[list[Piece]]:
    """The pieces up to where a block starts or ends.

    It ends also at two line breaks in a row, and at one if it holds a link to a paper.
    """
    run: list[Piece] = []
    is_linked = is_gap = False
    for piece in row:
        run.append(piece)
        line_break = isinstance(piece, Start) and piece.tag == "br"
        if breaks(piece) and (is_linked or is_gap or not line_break):
            yield run
            run, is_linked, is_gap = [], False, False
            continue
        is_linked = is_linked or _leads_to_paper(piece)
        is_gap = line_break or (is_gap and isinstance(piece, str) and piece.isspace())
    yield run


def _leads_to_paper(piece: Piece) -> bool:
    return isinstance(piece, Start) and piece.tag == "a" and bool(paper_in(piece.get("href")))


def _links(run: Sequence[Piece], opened: Start | None) -> tuple[tuple[Link, ...], Start | None]:
    """The links to papers in the run, and the one that is still open behind it.

    ``opened`` is the one that was open before: a link may go round whole blocks.
    """
    links: list[Link] = []
    begun = 0
    for at, piece in enumerate((*run, None)):
        if piece is not None and not (isinstance(piece, Start | End) and piece.tag == "a"):
            continue
        if opened and (key := paper_in(opened.get("href"))):
            links.append(Link(key, rendered(run[begun:at])))
        if piece is not None:
            opened, begun = (piece if isinstance(piece, Start) else None), at
    return tuple(links), opened
