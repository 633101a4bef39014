"""The line of a Markdown text in which the title of a paper stands."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import IntEnum
from typing import Final

from worker.sources.dates import day_in
from worker.sources.markdown_inline import Link, bare_paper, links, named_papers, plain, without

_LONGEST_PROSE: Final = 300  # characters of a title that nothing marks as one
_STEPS: Final = 6  # things that stand before a title
_NUMBER = re.compile(
    r"\s*(?:\[#?[0-9]{1,4}\]\s+|\([0-9]{1,4}\)\s+|#?[0-9]{1,4}\\?[.)、]\s*(?![0-9])|#[0-9]{1,4}\s+"
    r"|[0-9]\ufe0f?\u20e3\s*)"
)
_SIGNS = re.compile(
    r"\s*(?:\[[ xX]\]\s+|[\u2300-\u27bf\u2b00-\u2bff\U0001f000-\U0001faff\ufe0f\u200d]{1,9}\s*)"
)
_DAY = re.compile(r"\s*\**([0-9]{4}-[0-9]{2}-[0-9]{2})\**\s*[,:|—–-]?\s+")
_KEY = r"((?:arXiv:\s?)?[0-9]{4}\.[0-9]{4,5}(?:v[0-9]{1,2})?)"
_ID = re.compile(rf"\s*(?:\[{_KEY}\]|`{_KEY}`|{_KEY})\s*[—–:|-]\s*", re.IGNORECASE)
_BOLD = re.compile(r"(\*{2,3}|__)(?=\S)([^\n]{1,600}?\S)\1(?!\w)")
_OPENING: Final = "*_\"'“「《( "
_SEPARATOR = re.compile(r"\s+[—–|·-]{1,2}\s+|\s*\n")
_MENTION = re.compile(
    r"[\[(]?\s?arXiv:\s?[0-9]{4}\.[0-9]{4,5}(?:v[0-9]{1,2})?\s?[\])]?", re.IGNORECASE
)
_EMPTY = re.compile(r"\(\s?\)|\[\s?\]|（\s?）|【\s?】")
_EDGES: Final = " \t\n-—–:：|,·•~"


class Rank(IntEnum):
    """How surely it is the title: by its place in a prose, by a mark, by a label."""

    PLACED = 1
    MARKED = 2
    NAMED = 3


@dataclass(frozen=True, slots=True)
class Head:
    """A title, if there is one, and what else the line says.

    ``targets`` are the papers it leads to, by their keys or else their addresses; ``pages`` the
    addresses of links to them; ``rest`` what stands behind the title, as written.
    """

    title: str
    rank: Rank
    targets: tuple[str, ...] = ()
    pages: tuple[str, ...] = ()
    rest: str = ""
    numbered: bool = False
    published: date | None = None


def head_of(text: str, addresses: Mapping[str, str], *, heading: bool) -> Head:
    """What the text of a heading or a list item says of a paper."""
    written, numbered, published, key = _stripped(text)
    found = links(written, addresses)
    inner = _ID.match(found[0].text) if found else None
    key = key or (_key(inner) if inner else "")
    title, rest, rank = _title(written, found, heading=heading)
    targets = (*([key] if key else ()), *(link.target for link in found if link.target))
    return Head(
        title=tidy(title, addresses),
        rank=rank,
        targets=tuple(dict.fromkeys((*targets, *named_papers(written)))),
        pages=tuple(link.url for link in found if link.target),
        rest=rest,
        numbered=numbered,
        published=published,
    )


def tidy(title: str, addresses: Mapping[str, str]) -> str:
    """The title as it is read, in one line, without the ids and numbers around it."""
    shown = _MENTION.sub(" ", plain(title, addresses))
    shown = " ".join(_EMPTY.sub(" ", shown).split()).strip(_EDGES)
    if shown.endswith("]("):  # of a link that breaks off
        shown = shown.removeprefix("[").removesuffix("](")
    return shown if any(character.isalpha() for character in shown) else ""


def _stripped(text: str) -> tuple[str, bool, date | None, str]:
    """The text without what stands before a title: its number, a sign, a day, the paper's id."""
    numbered, published, key = False, None, ""
    for _ in range(_STEPS):
        if number := _NUMBER.match(text):
            text, numbered = text[number.end() :], True
        elif sign := _SIGNS.match(text):
            text = text[sign.end() :]
        elif day := _DAY.match(text):
            text, published = text[day.end() :], day_in(day[1])
        elif (found := _ID.match(text)) and _key(found):
            text, key = text[found.end() :], _key(found)
        else:
            break
    return text.strip(), numbered, published, key


def _key(found: re.Match[str]) -> str:
    return bare_paper(found[1] or found[2] or found[3])


def _title(text: str, found: list[Link], *, heading: bool) -> tuple[str, str, Rank]:
    """The title, what is behind it, and how it was told: by a link, by being bold, by its place."""
    first = found[0] if found and not text[: found[0].start].strip(_OPENING) else None
    if first and not first.is_generic:
        shown = _ID.sub("", first.text, count=1) if _ID.match(first.text) else first.text
        return shown, text[first.end :], Rank.MARKED
    bold = _BOLD.match(text)
    if bold and not heading:
        return _without_generic(bold[2], links(bold[2], {})), text[bold.end() :], Rank.MARKED
    if heading:
        return _without_generic(text, found), "", Rank.MARKED
    end = found[0].start if found else len(text)
    separator = _SEPARATOR.search(text, 0, end)
    end = separator.start() if separator else end
    title = text[:end].rstrip(" (:：,[")
    prose = title.endswith((".", "。")) or ". " in title or len(title) > _LONGEST_PROSE
    prose = prose or any(link.target and not link.is_generic for link in found)
    return ("" if prose else title), text[end:], Rank.PLACED


def _without_generic(text: str, found: list[Link]) -> str:
    """The text without links that say only what they are."""
    return without(text, [link for link in found if link.is_generic or not link.target])
