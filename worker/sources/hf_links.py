"""The Daily Papers page turned into text by a program that keeps its links (html2text, lynx, w3m).

The link under a title tells the paper. Where the addresses are missing (they stand at the end of
the file), titles are told by being headings, and the papers have no ids: a note says so.

What cannot be told: a file without a list of addresses that ends behind an abstract, or behind the
authors of a paper, looks whole.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

from worker.model import Counts, Edition, Incomplete, Listing, Rejected
from worker.sources.form import Form, Text
from worker.sources.hf_card import Mark, Sign, dated, is_before_a_date, marks_in, told
from worker.sources.hf_links_read import Page, Piece, page_of
from worker.sources.hf_page import (
    EMPTY_DAY,
    SOURCE,
    Lines,
    day_of_page,
    is_menu,
    is_page_name,
    says_no_papers,
    stands_above,
)
from worker.sources.paper_link import paper_in
from worker.sources.sentence import BROKEN_OFF, ends_like_sentence, is_cut_id

FORMAT: Final = "hf-links"

_BEGINNING: Final = 50_000  # characters: the menus of the page are long
_PAPERS: Final = "https://huggingface.co/papers/"
_LINK = re.compile(r"\]\[[0-9]{1,6}\]|\]\([^()\s]*+\)|\[[0-9]{1,6}\]|[\[\]]")
_LINKED = re.compile(
    r"\]\[[0-9]{1,6}\]|\]\((?:https://huggingface\.co)?/(?:papers|login\?)"
    r"|(?m:^[ \t]*(?:[*+#] )?\[[0-9]{1,6}\]\S)|(?m:^https://huggingface\.co/papers/[0-9])"
)
_FEWEST_LINKS: Final = 3
_UPVOTED = re.compile(r"/login\?next=(?:%2F|/)papers(?:%2F|/)([0-9.]{9,10})(?![0-9.])", re.I)
_NO_IMAGE = re.compile(r"[^\W\d_]")
_NO_ADDRESSES: Final = (
    "The addresses of the links are missing at the end of the file, so that the papers have no "
    "ids: if it was cut, save the page again."
)
_CUT: Final = (
    "the list of the addresses of its links, which ends such a file, is missing or breaks off: "
    "copy the whole file again"
)
_NONE: Final = "no papers below the header: if the file was cut, save the page again"
_OPEN_LINK: Final = "a link breaks off; the rest of the file may be missing"


@dataclass(frozen=True, slots=True)
class _Card:
    """A title, the pieces behind it up to the next, and the key of the paper if it is known."""

    title: Piece
    rest: Sequence[Piece]
    key: str


def recognise(text: str) -> bool:
    """Whether one line is the name of the page, and its menus and papers are links."""
    beginning = text[:_BEGINNING]
    lines = [_LINK.sub("", line).strip() for line in beginning.split("\n")]
    page = sum(map(is_menu, lines)) > _FEWEST_LINKS or "research community" in beginning
    linked = sum(1 for _ in _LINKED.finditer(beginning))
    return page and linked >= _FEWEST_LINKS and any(map(is_page_name, lines))


def parse(text: Text) -> Edition:
    """The edition in the page. Raises Incomplete, or Unreadable if its day cannot be told."""
    page = page_of(text.text)
    if page.cut:
        raise Incomplete(Rejected("file", _CUT))
    titles = _titles(page.pieces)
    head = page.pieces[: titles[0]] if titles else page.pieces
    day, notes = day_of_page((Lines(piece.line, piece.text) for piece in head), text)
    if not titles and any(says_no_papers(piece.text) for piece in head):
        return Edition(day, FORMAT, (), (), SOURCE, (*notes, EMPTY_DAY))
    if not titles:
        raise Incomplete(Rejected("file", _NONE))
    cards = list(_cards(page.pieces, titles))
    runs = [_marks(_below_header(head)), *(_marks(_behind_abstract(card)) for card in cards)]
    listings = told([_listing(card) for card in cards], runs, day)
    counted = _counted(page.pieces)
    listings = [replace(one, counts=_counts(one, counted)) for one in listings]
    if page.unresolved:
        notes = (*notes, _NO_ADDRESSES)
    return Edition(day, FORMAT, tuple(listings), _loose_end(page, cards), SOURCE, notes)


FORM: Final = Form(FORMAT, recognise, parse)


# --- titles ------------------------------------------------------------------


def _titles(pieces: Sequence[Piece]) -> list[int]:
    """Which pieces are titles: linked headings, or else the first text that leads to each paper."""
    headings = [at for at, piece in enumerate(pieces) if piece.heading and _may_be_title(piece)]
    return list(_once(pieces, headings)) or list(_first_texts(pieces))


def _once(pieces: Sequence[Piece], titles: Iterable[int]) -> Iterator[int]:
    """The titles without those of papers that came before: some pages show each card twice."""
    known: set[str] = set()
    for at in titles:
        key = _paper(pieces[at])
        if not key or key not in known:
            yield at
        known.add(key)


def _may_be_title(piece: Piece) -> bool:
    leads = piece.target == "" or (piece.target is not None and bool(_paper(piece)))
    return leads and bool(_NO_IMAGE.search(piece.text)) and not marks_in(piece.text)


def _first_texts(pieces: Sequence[Piece]) -> Iterator[int]:
    known: set[str] = set()
    for at, piece in enumerate(pieces):
        key = _paper(piece)
        if key and key not in known and _may_be_title(piece) and not _is_image(piece.text):
            known.add(key)
            yield at


def _is_image(text: str) -> bool:
    return text.startswith("[") and text.endswith("]")


def _paper(piece: Piece) -> str:
    """The key of the paper that the piece leads to, though not to its comments."""
    target = piece.target or ""
    key = "" if "#" in target else paper_in(target)
    return "" if is_cut_id(key) else key


def _cards(pieces: Sequence[Piece], titles: Sequence[int]) -> Iterator[_Card]:
    for at, following in pairwise([*titles, len(pieces)]):
        yield _Card(pieces[at], pieces[at + 1 : following], _paper(pieces[at]))


# --- abstracts ---------------------------------------------------------------


def _abstract(card: _Card) -> list[Piece]:
    """The texts right behind the title, up to the first that is a link, or a mark."""
    texts: list[Piece] = []
    for piece in card.rest:
        if _ends_abstract(card, piece):
            break
        texts.append(piece)
        if piece.target is not None:
            break
    return texts


def _ends_abstract(card: _Card, piece: Piece) -> bool:
    elsewhere = bool(piece.target) and _paper(piece) != card.key
    return elsewhere or bool(marks_in(piece.text)) or is_menu(piece.text)


def _behind_abstract(card: _Card) -> Sequence[Piece]:
    return card.rest[len(_abstract(card)) :]


def _listing(card: _Card) -> Listing:
    number = card.key.removeprefix("arxiv:")
    return Listing(
        title=card.title.text,
        abstract="\n".join(piece.text for piece in _abstract(card)),
        ids=(card.key,) if card.key else (),
        url=_PAPERS + number if number else "",
    )


def _loose_end(page: Page, cards: Sequence[_Card]) -> tuple[Rejected, ...]:
    """What may be missing: the rest of a link, or behind the last title, if others have more."""
    if page.open_link:
        return (Rejected(f"line {page.open_link}", _OPEN_LINK),)
    last = _abstract(cards[-1])
    if not last:
        cut = any(_abstract(card) for card in cards[:-1])
        why = "the last paper has no abstract; the rest of the file may be missing"
        return (Rejected(f"line {cards[-1].title.line}", why),) if cut else ()
    whole = ends_like_sentence(last[-1].text)
    return () if whole else (Rejected(f"line {last[-1].line}", BROKEN_OFF),)


# --- what is counted -----------------------------------------------------------


def _below_header(head: Sequence[Piece]) -> Sequence[Piece]:
    above = (at for at, piece in enumerate(head, 1) if stands_above(piece.text))
    return head[max(above, default=0) :]


def _marks(pieces: Iterable[Piece]) -> list[Mark]:
    marks: list[Mark] = []
    for piece in pieces:
        found = marks_in(piece.text)
        behind = marks[-1] if marks else Mark(Sign.COUNT)
        marks.extend(found or (dated(piece.text) if is_before_a_date(behind) else ()))
    return marks


def _counted(pieces: Iterable[Piece]) -> dict[str, dict[str, int]]:
    """What is counted of each paper, by the numbers whose address says so."""
    counted: dict[str, dict[str, int]] = {}
    for piece in pieces:
        marks = marks_in(piece.text) if piece.target else ()
        count = next((mark.count for mark in marks if mark.count is not None), None)
        key, what = _place(piece.target or "")
        if count is not None and key:
            counted.setdefault(key, {}).setdefault(what, count)
    return counted


def _place(target: str) -> tuple[str, str]:
    """Of which paper such an address counts what."""
    if upvoted := _UPVOTED.search(target):
        return f"arxiv:{upvoted[1]}", "upvotes"
    page, mark, _ = target.partition("#community")
    return (paper_in(page) if mark else ""), "comments"


def _counts(listing: Listing, counted: Mapping[str, Mapping[str, int]]) -> Counts:
    """What an address says goes before what the place of a number lets one think."""
    here = counted.get(next(iter(listing.ids), ""), {})
    counts = listing.counts
    return Counts(
        here.get("upvotes", counts.upvotes), here.get("comments", counts.comments), counts.stars
    )
