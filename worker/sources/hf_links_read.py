"""A page turned into text by a program that keeps its links, taken apart: texts, and their targets.

``html2text`` writes ``[text](address)``, or ``[text][12]`` with ``[12]: address`` at the end; lynx
and w3m write ``[12]text`` and the addresses in a list below *References*; other programs write each
address in a line below its text. The ends of the lines are those of the wrapping, not of the page.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from worker.sources.hf_card import marks_in
from worker.sources.hf_page import date_in

_REFERENCE = re.compile(r"\s*(?:\[([0-9]{1,6})\]:?|([0-9]{1,6})\.)\s+<?(\S+?)>?\s*")
_TITLES_OF_LIST: Final = frozenset({"references", "visible links", "hidden links", "links"})
_IMAGE = re.compile(r"!\[[^\]\[]*+\](?:\([^()\s]*+\)|\[[0-9]{1,6}\])")
_END = re.compile(r"\]\[([0-9]{1,6})\]|\]\(<?([^()\s<>]*+)>?(?:\s++\"[^\"\n]*+\")?\)")
_START_OF_LINE = re.compile(r"(?m)^[ \t]*(#{1,6} )?(?:[*+•-] |[0-9]{1,3}\. )?\[")
_NUMBERED = re.compile(r"\[([0-9]{1,6})\]")
_LOCAL = re.compile(r"file://(?:localhost)?(?=/)")  # of a page that was saved first
_NUMBER_FIRST = re.compile(r"(?<!\])\[[0-9]{1,6}\]")
_ONE_LINE = re.compile(r"[0-9]+|\[[^\s\[\]][^\[\]]*+\]")  # a number, or an image
_ADDRESS = re.compile(r"https?://\S*")
_MARKERS: Final = " \t#*+•-"
_BULLETS: Final = "*+• "
_BOX: Final = "[ ]"  # which stands before the upvotes: then ``-`` is none
_ALONE = re.compile(r"#{1,6} |[*+•-] ")


@dataclass(frozen=True, slots=True)
class Piece:
    """A text of the page, unwrapped. ``target`` is where it leads: None if it is no link, "" if the
    address is not known. ``heading``: it is the whole of one.
    """

    line: int
    text: str
    target: str | None = None
    heading: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """The pieces in their order. ``unresolved``: numbered links have no address; ``cut``: and that
    is because the list of the addresses breaks off, or did not come in a text that cannot be
    understood without it. ``open_link``: the line of a link without an end at the end, or 0.
    """

    pieces: tuple[Piece, ...]
    unresolved: bool
    cut: bool
    open_link: int = 0


def page_of(text: str) -> Page:
    """The text of a page, whichever program made it."""
    lines = text.split("\n")
    end, addresses = _list_at_end(lines)
    body = _IMAGE.sub(_blank, "\n".join(lines[:end]))
    ends = sum(1 for _ in _END.finditer(body))
    numbered = sum(1 for _ in _NUMBER_FIRST.finditer(body)) > ends
    found = _openings(body, addresses) if numbered else _enclosed(body, addresses)
    pieces = [piece for piece in _with_addresses_below(list(found)) if piece.text]
    highest = max(map(int, _numbers(body, numbered, addresses)), default=0)
    unresolved = highest > max(addresses, default=0)
    cut = unresolved and (numbered or bool(addresses))
    return Page(tuple(pieces), unresolved, cut, 0 if numbered else _open_link(body))


def _open_link(body: str) -> int:
    """The line of a link that breaks off behind all others, in its text or in its address."""
    done = max((end.end() for end in _END.finditer(body)), default=0)
    tail = body[done:]
    start = tail.find("](") if "](" in tail else _start(tail)[0]
    return body.count("\n", 0, done + start) + 1 if start < len(tail) else 0


def _numbers(body: str, numbered: bool, addresses: Mapping[int, str]) -> list[str]:
    """The numbers of the links in the text."""
    if numbered:
        return [start[1] for start in _counted_up(body, addresses)]
    return [end[1] for end in _END.finditer(body) if end[1]]


def _blank(image: re.Match[str]) -> str:
    """What replaces it: nothing, but as many lines."""
    return "\n" * image[0].count("\n")


def _list_at_end(lines: Sequence[str]) -> tuple[int, dict[int, str]]:
    """Where the list of addresses begins, and the addresses by their numbers."""
    addresses: dict[int, str] = {}
    end = len(lines)
    for at in reversed(range(len(lines))):
        line = lines[at].strip()
        found = _REFERENCE.fullmatch(lines[at]) if len(line) < 4_000 else None
        if found:
            addresses[int(found[1] or found[2])] = _LOCAL.sub("", found[3])
        elif line and line.rstrip(":").casefold() not in _TITLES_OF_LIST:
            break
        end = at
    return (end, addresses) if addresses else (len(lines), {})


# --- links with an end: ``[text][12]``, ``[text](address)`` -------------------


def _enclosed(body: str, addresses: Mapping[int, str]) -> Iterator[Piece]:
    line, done = 1, 0
    for end in _END.finditer(body):
        segment = body[done : end.start()]
        start, heading = _start(segment)
        yield from _plain(segment[:start], line)
        inner = segment[start:].removeprefix("[")
        line_of_text = line + segment[:start].count("\n") + _blank_lines_before(inner)
        target = addresses.get(int(end[1]), "") if end[1] else end[2]
        yield Piece(line_of_text, _unwrapped(inner), target, heading)
        line += body.count("\n", done, end.end())
        done = end.end()
    yield from _plain(body[done:], line)


def _start(segment: str) -> tuple[int, bool]:
    """Where the text of the link at the end of the segment begins, and whether it is a heading.

    A bracket of the text itself may have no counterpart: ``[0, 1)``. So it is the first open one at
    the start of a line, or the first of those at all, or else the last open one.
    """
    at_start = {match.end() - 1: bool(match[1]) for match in _START_OF_LINE.finditer(segment)}
    opened = _open_brackets(segment)
    for start in (*(at for at in opened if at in at_start), *at_start):
        return start, at_start[start]
    return (opened[-1] if opened else len(segment)), False


def _open_brackets(segment: str) -> list[int]:
    opened: list[int] = []
    for bracket in re.finditer(r"[\[\]]", segment):
        if bracket[0] == "[":
            opened.append(bracket.start())
        elif opened:
            opened.pop()
    return opened


def _blank_lines_before(text: str) -> int:
    return text[: len(text) - len(text.lstrip())].count("\n")


# --- links with a start alone: ``[12]text`` -----------------------------------


def _openings(body: str, addresses: Mapping[int, str]) -> Iterator[Piece]:
    """The text of such a link ends with its paragraph; a number or an image ends with its line.

    The numbers count up: ``[3]`` amid an abstract is none of them, unless it is the next.
    """
    line, done = 1, 0
    target: str | None = None
    for start in _counted_up(body, addresses):
        yield from _opened(body[done : start.start()], line, target)
        line += body.count("\n", done, start.end())
        done, target = start.end(), addresses.get(int(start[1]), "")
    yield from _opened(body[done:], line, target)


def _counted_up(body: str, addresses: Mapping[int, str]) -> Iterator[re.Match[str]]:
    expected = min(addresses, default=1)
    for start in _NUMBERED.finditer(body):
        if int(start[1]) == expected:
            expected += 1
            yield start


def _opened(segment: str, line: int, target: str | None) -> Iterator[Piece]:
    if target is None:
        yield from _plain(segment, line)
        return
    text, *_ = re.split(r"\n[ \t]*\n", segment, maxsplit=1)
    first = text.split("\n", 1)[0]
    text = first if _ONE_LINE.fullmatch(first.strip()) else text
    yield Piece(line, _unwrapped(text), target)
    yield from _plain(segment[len(text) :], line + text.count("\n"))


# --- texts -------------------------------------------------------------------


def _plain(text: str, first: int) -> Iterator[Piece]:
    """The paragraphs of a text that is no link, each in one line; marks and list items alone."""
    row: list[str] = []
    start, boxed = first, False
    for number, line in enumerate(text.split("\n"), first):
        told = line.strip(_MARKERS) or boxed  # a lone sign is an empty item of a list
        stripped = line.strip() if told else ""
        boxed = stripped == _BOX
        alone = stripped and (_ALONE.match(stripped) or marks_in(stripped) or date_in(stripped))
        if row and (alone or not stripped):
            yield Piece(start, " ".join(row))
            row = []
        if stripped and alone:
            yield Piece(number, _ALONE.sub("", stripped, count=1))
        elif stripped:
            start = start if row else number
            row.append(stripped)
    if row:
        yield Piece(start, " ".join(row))


def _unwrapped(text: str) -> str:
    """The text of a link without the ends of its lines, which some programs mark by a backslash."""
    lines = (re.sub(r"\\+$", "", line.strip()).strip() for line in text.split("\n"))
    joined = " ".join(line for line in lines if line)
    return re.sub(r"\\? +", " ", joined).lstrip(_BULLETS)


def _with_addresses_below(pieces: list[Piece]) -> Iterator[Piece]:
    """The pieces, of which one that is an address is the target of the one before it."""
    for piece, after in zip(pieces, [*pieces[1:], None], strict=True):
        below = after and piece.target is None and _ADDRESS.fullmatch(after.text)
        if below and after and not _ADDRESS.fullmatch(piece.text):
            yield Piece(piece.line, piece.text, after.text, piece.heading)
        elif piece.target is not None or not _ADDRESS.fullmatch(piece.text):
            yield piece
