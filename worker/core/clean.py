"""Cleaned text: after this module nobody meets a control character, a lone surrogate or ``=?``.

Every function gives its own output back unchanged. ``=?`` starts an encoded word (RFC 2047), which
a reader would decode, and Python's own header folding once did (CVE-2024-6923).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import replace
from itertools import accumulate
from typing import Final

from worker.core.weblink import clean_url
from worker.model import Listing

TITLE_LIMIT: Final = 500
AUTHORS_LIMIT: Final = 2_000  # of the whole list as shown, joined by a comma and a space
ABSTRACT_LIMIT: Final = 10_000
NAME_LIMIT: Final = 200  # of one author
ID_LIMIT: Final = 200
MANY: Final = 20  # ids or categories; a paper has a handful, a file gone wrong has thousands
UNTITLED: Final = "(untitled)"

_MARKS_IN_A_ROW: Final = 8
_NOTE_ROOM: Final = len("and 1,000,000,000 more")
_SURROGATE = re.compile("[\ud800-\udfff]")
_NONCHARACTERS = "\ufdd0-\ufdef" + "".join(
    f"{chr(plane | 0xFFFE)}{chr(plane | 0xFFFF)}" for plane in range(0, 0x110000, 0x10000)
)
_UNWANTED = re.compile(
    r"\x1b\[[0-9;?]*[@-~]"  # a terminal's colours, before its ESC goes
    r"|[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f"  # C0 and C1; those that are white space become one
    r"\u061c\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff"  # bidi controls, zero widths, BOM
    r"\U000e0000-\U000e007f" + _NONCHARACTERS + "]"
)


def clean_line(text: str, limit: int = TITLE_LIMIT) -> str:
    """One line of at most ``limit`` characters: a title, a name. Any white space is one space."""
    return _cut(_neutral(re.sub(r"\s+", " ", _plain(text)).strip()), limit)


def clean_text(text: str, limit: int = ABSTRACT_LIMIT) -> str:
    r"""Lines ended by ``\n`` alone, at most ``limit`` characters in all: an abstract."""
    lines = _plain(text.replace("\r\n", "\n").replace("\r", "\n"))
    spaced = re.sub(r"[^\S\n]+", " ", lines)
    return _cut(_neutral(re.sub(" ?\n ?", "\n", spaced).strip()), limit)


def clean_listing(listing: Listing) -> Listing:
    """The listing with every text cleaned; what is empty then is left out, a title is made up."""
    ids = _each(listing.ids, ID_LIMIT)
    return replace(
        listing,
        title=_title(listing.title, ids),
        abstract=clean_text(listing.abstract),
        authors=_authors(listing.authors),
        ids=ids,
        url=clean_url(listing.url),
        as_listed=clean_line(listing.as_listed),
        categories=_each(listing.categories, ID_LIMIT),
    )


def _plain(text: str) -> str:
    """NFC without what no reader can see.

    Marks are counted before NFC as well: its sorting takes quadratic time on a long row of them.
    """
    visible = _UNWANTED.sub("", _SURROGATE.sub("\ufffd", text))
    return _cap_marks(unicodedata.normalize("NFC", _cap_marks(visible)))


def _cap_marks(text: str) -> str:
    if text.isascii():
        return text
    kept = []
    row = 0
    for character in text:
        row = row + 1 if _is_mark(character) else 0
        if row <= _MARKS_IN_A_ROW:
            kept.append(character)
    return "".join(kept)


def _is_mark(character: str) -> bool:
    return unicodedata.category(character).startswith("M")


def _neutral(text: str) -> str:
    return text.replace("=?", "= ?")


def _cut(text: str, limit: int) -> str:
    """At most ``limit`` characters; a cut shows as an ellipsis and takes no mark off its letter."""
    if len(text) <= limit:
        return text
    end = limit - 1
    while end and _is_mark(text[end]):
        end -= 1
    return text[:end].rstrip() + "…"


def _title(text: str, ids: tuple[str, ...]) -> str:
    """A title always has a word in it; one of signs only is shown behind ``(untitled)``."""
    title = clean_line(text)
    if any(character.isalnum() for character in title):
        return title
    return clean_line(" ".join((UNTITLED, title, *ids[:1])))


def _each(texts: Iterable[str], limit: int) -> tuple[str, ...]:
    """The different ones of the cleaned texts. One that is too long is no id: never a cut one."""
    cleaned = (clean_line(text) for text in texts)
    return tuple(dict.fromkeys(text for text in cleaned if 0 < len(text) <= limit))[:MANY]


def _authors(names: Iterable[str]) -> tuple[str, ...]:
    """The names, as many as fit in the limit, and then how many more there are."""
    cleaned = tuple(name for name in (clean_line(name, NAME_LIMIT) for name in names) if name)
    ends = tuple(accumulate(len(name) + len(", ") for name in cleaned))
    if not ends or ends[-1] - len(", ") <= AUTHORS_LIMIT:
        return cleaned
    shown = sum(end <= AUTHORS_LIMIT - _NOTE_ROOM for end in ends)
    return (*cleaned[:shown], f"and {len(cleaned) - shown:,} more")
