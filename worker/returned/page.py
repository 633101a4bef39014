"""The text of an HTML mail, line by line as a reader sees it, without what he quotes."""

from __future__ import annotations

import html
import re

_TAG = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9]*)([^<>]*)>|<[!?/][^<>]*>|[^<]+|<")
_BREAKS = frozenset({"br", "p", "div", "li", "tr", "h1", "h2", "h3", "ul", "ol", "table", "hr"})
_UNSHOWN = frozenset({"head", "style", "script", "title", "blockquote"})
RULE = "_" * 8
"""What a horizontal rule becomes: some mail programs quote under one."""


def page_text(page: str) -> str:
    """The text; tags that do not fit together are no error."""
    lines: list[str] = []
    hidden: list[str] = []
    for piece in _TAG.finditer(_without_comments(page)):
        closing, name = piece[1], (piece[2] or "").lower()
        if name in _UNSHOWN:
            _turn(hidden, name, closing=bool(closing))
        elif not hidden:
            lines.append(_shown(piece[0], name))
    return html.unescape("".join(lines))


def _shown(piece: str, name: str) -> str:
    if name == "hr":
        return f"\n{RULE}\n"
    if name in _BREAKS:
        return "\n"
    is_text = not name and not piece.startswith("<")
    return re.sub(r"\s+", " ", piece) if is_text or piece == "<" else ""


def _turn(hidden: list[str], name: str, *, closing: bool) -> None:
    """Only the tag that began what is not shown ends it."""
    if not closing:
        hidden.append(name)
    elif hidden and hidden[-1] == name:
        hidden.pop()


def _without_comments(page: str) -> str:
    kept: list[str] = []
    place = 0
    while (start := page.find("<!--", place)) >= 0:
        kept.append(page[place:start])
        end = page.find("-->", start + 4)
        if end < 0:
            return "".join(kept)
        place = end + 3
    return "".join((*kept, page[place:]))
