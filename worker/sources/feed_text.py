"""The texts of a feed's elements, decoded as often as their format says (B21).

An element of RSS holds HTML, one of Atom what its ``type`` says (RFC 4287, 3.1). Since many a plain
text is sent as HTML, a ``<`` that begins no tag of HTML is a sign: ``if x<y and z>0``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape
from textwrap import dedent
from typing import Final

from worker.sources import html_text
from worker.sources.xml_tree import Element

_CONSTRUCTS: Final = frozenset({"atom:title", "atom:summary", "atom:content"})
_LONGEST: Final = 1_000_000  # characters; more is no text that anybody would read
_VOID: Final = frozenset({"br", "hr", "img"})
_TAGS: Final = (
    "a|abbr|article|b|big|blockquote|body|br|center|cite|code|dd|del|details|div|dl|dt|em|figcaption"
    "|figure|font|footer|h[1-6]|head|header|hr|html|i|iframe|img|ins|li|main|mark|math|nobr|ol|p|pre"
    "|q|s|script|section|small|span|strike|strong|style|sub|summary|sup|svg|table|tbody|td|template"
    "|tfoot|th|thead|title|tr|tt|u|ul|wbr|[a-z]{1,10}:[a-z-]{1,30}"
)
_SIGN = re.compile(
    rf"<!\[CDATA\[|\]\]>|<(?!!--|/?(?:{_TAGS})(?=[\s/>])[^<>]*(?:>|\Z))", re.IGNORECASE
)


def line(element: Element | None) -> str:
    """The text on one line; empty if there is no such element."""
    return " ".join(paragraphs(element).split())


def paragraphs(element: Element | None) -> str:
    r"""The text, its lines unwrapped, paragraphs parted by ``\n\n``."""
    if element is None:
        return ""
    if any(True for _ in element.children):
        return html_text.text("".join(_markup(element)))
    if element.name in _CONSTRUCTS and "html" not in element.attributes.get("type", ""):
        return plain(element.text)
    return html_text.text(_SIGN.sub(_as_sign, element.text[:_LONGEST]))


def plain(text: str) -> str:
    r"""As ``paragraphs``, of a text that is no HTML: one that is indented begins a paragraph.

    So write arXiv's authors theirs; a text that is indented as a whole has no such mark.
    """
    first, _, rest = text.strip().partition("\n")
    paragraphs: list[list[str]] = [[first]]
    for written in dedent(rest).split("\n"):
        if not written.strip() or written.startswith("  "):
            paragraphs.append([])
        paragraphs[-1] += written.split()
    return "\n\n".join(filter(None, (" ".join(words) for words in paragraphs)))


def _as_sign(found: re.Match[str]) -> str:
    """Marks of CDATA are left over where it was nested or escaped."""
    return "&lt;" if found[0] == "<" else ""


def _markup(element: Element) -> Iterator[str]:
    """The content as HTML, without attributes."""
    ahead = _escaped(element)
    while ahead:
        part = ahead.pop()
        if isinstance(part, str):
            yield part
            continue
        tag = part.name.rpartition(":")[2]
        yield f"<{tag}>"
        if tag not in _VOID:
            ahead += [f"</{tag}>", *_escaped(part)]


def _escaped(element: Element) -> list[Element | str]:
    """The content, the last first, its texts as HTML."""
    parts = reversed(element.content)
    return [escape(part) if isinstance(part, str) else part for part in parts]
