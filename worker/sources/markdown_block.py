"""A Markdown text as its blocks: headings, list items, rows of tables, paragraphs, rules.

As programs write it, not all that CommonMark allows. HTML among it becomes Markdown where it says
the same; other tags go, their text stays. Code, images and comments are left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Final

from worker.sources.markdown_field import titled
from worker.sources.markdown_inline import without_images

_FRONT_LINES: Final = 60
_PSEUDO: Final = 7  # the level of a line in bold that stands for a heading
_HEADING = re.compile(r" {0,3}(#{1,6})(?:[ \t]+|(?=\[))(.*)")
_ITEM = re.compile(r"([ \t]*)(?:[-*+•]|[0-9]{1,4}[.)、])[ \t]+(?=\S)(.*)")
_BOLD = re.compile(r" {0,3}(\*\*|__)(?=\S)([^*_\n]+|\[[^\n]+\))\1[ \t]*")
_DEFINITION = re.compile(r" {0,3}\[([^\]\[^][^\]\[]{0,100})\]:[ \t]+<?([^\s<>]+)>?(?:[ \t].*)?")
_FENCE = re.compile(r"[ \t]*(`{3,}|~{3,})[ \t]*([\w+-]*)[^`]*")
_COMMENT = re.compile(r"<!--(?>(?:[^-<]|-(?!->)|<(?!!--))*)-->")
_ANCHOR = re.compile(
    r"<a\s(?>[^<>]{0,500}?\bhref\s{0,3}=)\s{0,3}[\"']?([^\"'\s<>]{0,2000})[^<>]{0,500}>"
    r"([^<]*(?>(?:<(?!/?a\b)[^<]*)*))</a>",
    re.IGNORECASE,
)
_SUMMARY = re.compile(r"<summary>([^<]*(?>(?:<(?!/?summary)[^<]*)*))</summary>", re.IGNORECASE)
_HTML_HEADING = re.compile(
    r"<h([1-6])(?:\s[^<>]*)?>([^<]*(?>(?:<(?!/?h[1-6])[^<]*)*))</h[1-6]>", re.IGNORECASE
)
_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)
_BOLD_TAG = re.compile(r"</?(?:b|strong)>", re.IGNORECASE)
_TAG = re.compile(
    r"</?(?:a|i|em|u|p|div|span|center|details|font|sub|sup|code|kbd|img|ul|ol|li|hr|small"
    r"|blockquote|table|thead|tbody|tr|td|th|h[1-6])(?:\s[^<>]*)?/?>",
    re.IGNORECASE,
)
_PAIR = re.compile(r"[\w -]{1,40}:|[ \t]*-[ \t]|[ \t]+\S|[ \t]*\Z")  # a line of YAML
_OPEN_LINK = re.compile(r"\]\([^()\s]*+\s*\Z")
_SPLIT = re.compile(r"(?<!\\)\|")
_MARKDOWN: Final = frozenset({"markdown", "md"})


class Kind(Enum):
    """What a block is. A RULE is also the end of what can be folded away (``</details>``)."""

    HEADING = auto()
    ITEM = auto()
    ROW = auto()
    TEXT = auto()
    RULE = auto()


@dataclass(slots=True)
class _Open:
    """A block that more lines may belong to."""

    kind: Kind
    line: int
    level: int
    lines: list[str]


@dataclass(frozen=True, slots=True)
class Block:
    r"""``level`` is a heading's, or the indent of an item or a text; ``text`` has lines ended by
    ``\n``; ``cells`` are those of a row by the names of their columns.
    """

    kind: Kind
    line: int
    level: int
    text: str
    cells: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Document:
    """The blocks, the addresses that links name, what stands before all, and what is not closed."""

    blocks: tuple[Block, ...]
    addresses: Mapping[str, str]
    front: Mapping[str, str]
    unclosed: str


_Line = tuple[int, str]


def document(text: str) -> Document:
    """The text, in blocks."""
    text = _COMMENT.sub(lambda comment: "\n" * comment[0].count("\n"), text)
    lines = text.split("\n")
    front, start = _front(lines)
    code, unclosed = _code(lines)
    written = [(n, line) for n, line in enumerate(lines, 1) if n > start and n not in code]
    addresses = dict(_definitions(written))
    shown = [line for one in written for line in _shown(one)]
    unclosed = unclosed or _unclosed(text)
    return Document(tuple(_blocks(shown)), addresses, front, unclosed)


def _unclosed(text: str) -> str:
    if text.count("<details") > text.count("</details"):
        return "a <details> is not closed"
    return "a link breaks off" if _OPEN_LINK.search(text) else ""


def _front(lines: Sequence[str]) -> tuple[dict[str, str], int]:
    """The names and values between two ``---`` at the beginning, and the number of its lines."""
    first = next((n for n, line in enumerate(lines) if line.strip()), 0)
    if lines[first].strip() != "---":
        return {}, 0
    ends = range(first + 1, min(first + _FRONT_LINES, len(lines)))
    end = next((n for n in ends if lines[n].strip() in ("---", "...")), len(lines))
    if not all(_PAIR.match(line) for line in lines[first + 1 : end]):
        return {}, 0
    pairs = (line.split(":", 1) for line in lines[first + 1 : end] if ":" in line)
    return {name.strip().casefold(): value.strip(" \"'") for name, value in pairs}, end + 1


def _code(lines: Sequence[str]) -> tuple[set[int], str]:
    """The lines of code, by their numbers, with its fences. Of Markdown within only the fences go,
    and so does a fence that is never closed.
    """
    code: set[int] = set()
    opened, mark, around = 0, "", ""
    for number, line in enumerate(lines, 1):
        fence = _FENCE.fullmatch(line) if line.lstrip()[:1] in ("`", "~") else None
        if not fence:
            continue
        if not opened and fence[2].casefold() in _MARKDOWN:
            code.add(number)
            around = fence[1]
        elif not opened and fence[1] == around and not fence[2]:
            code.add(number)
            around = ""
        elif not opened:
            opened, mark = number, fence[1]
        elif fence[1].startswith(mark) and not fence[2]:
            code.update(range(opened, number + 1))
            opened = 0
    code.add(opened)
    return code, f"a block of code, opened in line {opened}, is not closed" if opened else ""


def _definitions(lines: Sequence[_Line]) -> Iterator[tuple[str, str]]:
    for _, line in lines:
        if found := _DEFINITION.fullmatch(line):
            yield found[1].casefold(), found[2]


def _shown(numbered: _Line) -> Iterator[_Line]:
    """The line without its HTML, in as many lines as it breaks into."""
    number, line = numbered
    if _DEFINITION.fullmatch(line):
        return
    if "<" not in line:
        yield number, without_images(line)
        return
    line = _SUMMARY.sub(_label, _HTML_HEADING.sub(_heading, line))
    line = _ANCHOR.sub(r"[\2](\1)", line.replace("</details>", "\n---\n"))
    for part in _BREAK.split(_BOLD_TAG.sub("**", line)):
        for shown in part.split("\n"):
            yield number, without_images(_TAG.sub("", shown))


def _heading(heading: re.Match[str]) -> str:
    return f"\n{'#' * int(heading[1])} {heading[2].strip()}\n"


def _label(summary: re.Match[str]) -> str:
    label = _TAG.sub("", summary[1]).strip(" *:：")
    return f"\n**{label}:**\n" if titled(label) else ""


# --- blocks ------------------------------------------------------------------


def _blocks(lines: Sequence[_Line]) -> Iterator[Block]:
    opened: _Open | None = None
    columns: Sequence[str] = ()
    for at, (number, line) in enumerate(lines):
        line = line.removeprefix("> ") if line.startswith(">") else line
        following = lines[at + 1][1] if at + 1 < len(lines) else ""
        columns = _columns(line, following, columns)
        begun = _begun(number, line, columns)
        if opened and (begun or not line.strip()):
            yield _closed(opened)
            opened = None
        if isinstance(begun, Block):
            yield begun
        elif begun:
            opened = begun
        elif opened and line.strip():
            opened.lines.append(line)
        elif line.strip():
            opened = _Open(Kind.TEXT, number, _indent(line), [line])
    if opened:
        yield _closed(opened)


def _begun(number: int, line: str, columns: Sequence[str]) -> Block | _Open | None:
    """The block that begins with the line, if it does not just go on."""
    if columns and "|" in line:
        return _row(number, line, columns)
    if heading := _HEADING.match(line):
        return Block(Kind.HEADING, number, len(heading[1]), heading[2].rstrip(" \t#"))
    if _is_rule(line):
        return Block(Kind.RULE, number, 0, "")
    bold = _BOLD.fullmatch(line)
    if bold and bold[2].rstrip()[-1:] not in (":", "：") and not titled(bold[2]):
        return Block(Kind.HEADING, number, _PSEUDO, bold[2])
    item = _ITEM.match(line)
    return _Open(Kind.ITEM, number, _indent(item[1] + "-"), [item[2]]) if item else None


def _closed(opened: _Open) -> Block:
    """A line above a row of ``=`` is a heading."""
    *above, last = opened.lines
    if above and opened.kind is Kind.TEXT and not last.strip().strip("="):
        return Block(Kind.HEADING, opened.line, 1, " ".join(above))
    return Block(opened.kind, opened.line, opened.level, "\n".join(opened.lines))


def _is_rule(line: str) -> bool:
    signs = line.replace(" ", "").replace("\t", "")
    return len(signs) > 2 and len(set(signs)) == 1 and signs[0] in "-*_"


def _indent(line: str) -> int:
    text = line.expandtabs(4)
    return len(text) - len(text.lstrip())


# --- tables ------------------------------------------------------------------


def _columns(line: str, following: str, columns: Sequence[str]) -> Sequence[str]:
    """The names of the columns, from the line above the dashes down to the last with a ``|``."""
    if "|" in line and _is_below_names(following):
        return tuple(name.strip(" *_").casefold() for name in _cells(line))
    return columns if "|" in line else ()


def _is_below_names(line: str) -> bool:
    return "|" in line and "--" in line and not line.strip().strip("|:- \t")


def _row(number: int, line: str, columns: Sequence[str]) -> Block:
    """The row; the names themselves and the dashes below them are a rule."""
    cells = dict(zip(columns, _cells(line), strict=False))
    names = tuple(cell.strip(" *_").casefold() for cell in cells.values())
    if _is_below_names(line) or names == tuple(columns)[: len(names)]:
        return Block(Kind.RULE, number, 0, "")
    return Block(Kind.ROW, number, 0, line, cells)


def _cells(line: str) -> list[str]:
    return [cell.strip().replace("\\|", "|") for cell in _SPLIT.split(_inner(line.strip()))]


def _inner(line: str) -> str:
    """The line without the signs at its ends."""
    end = len(line) - 1 if line.endswith("|") and not line.endswith("\\|") else len(line)
    return line[1 if line.startswith("|") else 0 : end]
