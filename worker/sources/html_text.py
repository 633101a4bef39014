"""A fragment of HTML, such as a feed has it, as text with paragraphs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from worker.sources.html_pieces import End, Piece, Start, pieces

_PARAGRAPHS: Final = frozenset(
    {
        *("address", "article", "aside", "blockquote", "center", "details", "dialog", "div", "dl"),
        *("fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6"),
        *("header", "hr", "main", "nav", "ol", "p", "pre", "section", "summary", "table", "ul"),
    }
)
_LINES: Final = frozenset({"br", "caption", "dd", "dt", "legend", "li", "option", "tr"})
_CELLS: Final = frozenset({"td", "th"})
_UNREAD: Final = frozenset({"annotation", "script", "style", "svg", "template", "title"})
_MARKUP = re.compile(r"<[a-zA-Z/!?]")
_BLANK_LINES = re.compile(r"\n[^\S\n]*+\n\s*+")


def text(fragment: str) -> str:
    r"""The text of an HTML fragment: lines unwrapped, paragraphs parted by ``\n\n``.

    A fragment without a tag is a text with entities: a blank line parts its paragraphs as well.
    """
    if not _MARKUP.search(fragment):
        fragment = _BLANK_LINES.sub("<p>", fragment)
    shown = "".join(_shown(pieces(fragment)))
    lines = (" ".join(line.split()) for line in shown.split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def _shown(row: Iterable[Piece]) -> Iterator[str]:
    """Texts and the gaps between them, but for what nobody reads."""
    unread = ""
    for piece in row:
        if unread:
            unread = "" if isinstance(piece, End) and piece.tag == unread else unread
        elif isinstance(piece, str):
            yield re.sub(r"\s+", " ", piece)
        elif isinstance(piece, Start) and piece.tag in _UNREAD:
            unread = piece.tag
        elif isinstance(piece, Start | End):
            yield _gaps(piece.tag)[isinstance(piece, End)]


def _gaps(tag: str) -> tuple[str, str]:
    if tag in _PARAGRAPHS:
        return "\n\n", "\n\n"
    if tag in _LINES:
        return "\n", ""
    return (" ", " ") if tag in _CELLS else ("", "")
