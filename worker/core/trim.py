"""How much of a digest is shown: its texts in pieces, cut where a mail has no room for them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

_LINK = re.compile(r"https?://[^\s<>()]+")


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text, and whether it is a matched word."""

    text: str
    marked: bool


@dataclass(frozen=True, slots=True)
class Trim:
    """How much is shown: characters of each abstract, how many papers, and characters of each line
    (title, authors, rules, a link of the paper's own); None is all.
    """

    abstract: int | None = None
    papers: int | None = None
    line: int | None = None


WHOLE = Trim()


def shortened(whole: tuple[Piece, ...], length: int | None) -> tuple[Piece, ...]:
    """The first ``length`` characters, cut back to a word's end, with an ellipsis for the rest."""
    if length is None or sum(len(piece.text) for piece in whole) <= length:
        return whole
    if not length:
        return ()
    *kept, last = begun(whole, length)
    cut = last.text.rpartition(" ")[0] if " " in last.text else last.text
    return (*kept, Piece(cut, last.marked), Piece(" …", marked=False))


def begun(whole: tuple[Piece, ...], length: int) -> tuple[Piece, ...]:
    """The first ``length`` characters as they are."""
    starts = accumulate((len(piece.text) for piece in whole), initial=0)
    return tuple(
        Piece(piece.text[: length - start], piece.marked)
        for piece, start in zip(whole, starts, strict=False)
        if start < length
    )


def fitting(texts: Sequence[str], length: int | None) -> tuple[str, ...]:
    """The first of them, as many as stay within ``length`` characters together."""
    if length is None:
        return tuple(texts)
    ends = accumulate(len(text) for text in texts)
    return tuple(text for text, end in zip(texts, ends, strict=True) if end <= length)


def pieces(text: str, marked: Sequence[tuple[int, int]]) -> tuple[Piece, ...]:
    """The text cut at these spans (sorted, apart from each other); joined, it is the text again.

    A link in the text is never cut: with a mark inside it, nobody could follow it.
    """
    links = [found.span() for found in _LINK.finditer(text)]
    marked = [(a, b) for a, b in marked if not any(a < end and start < b for start, end in links)]
    cut: list[Piece] = []
    done = 0
    for start, end in marked:
        cut += [Piece(text[done:start], marked=False), Piece(text[start:end], marked=True)]
        done = end
    cut.append(Piece(text[done:], marked=False))
    return tuple(piece for piece in cut if piece.text)
