"""One value of YAML, in the part of it that lists of papers are written in.

That is: mappings and lists by indentation, plain and quoted texts, also over several lines, block
texts (``|``, ``>``), lists of texts in brackets. Every text stays one: ``2509.10`` is no number.
Refused with its line, never guessed: anchors, aliases, tags, mappings in braces, a key given twice
or that is no name, tabs before a key. Looser than YAML: a plain text may hold ``: ``.
Source: YAML 1.2.2.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from worker.core.clean import clean_line

Value = str | list["Value"] | dict[str, "Value"]

_DEPTH_LIMIT: Final = 8  # a paper in a list under a name, and its authors, go five deep
_KEY = re.compile(r"(\"[^\"\\]{1,80}+\"|'[^']{1,80}+'|[^\W\d][\w ./()-]{0,79}+) *+:(?= |\Z)")
_ITEM = re.compile(r"-(?: +|\Z)")
_BLOCK = re.compile(r"([|>])[+-]?+([1-9]?+)[+-]?+(?: +#.*| *)")
_COMMENT = re.compile(r"(?:^|\s)#.*")
_CLOSED: Final = {
    '"': re.compile(r'((?>(?:[^"\\]++|\\.)*))"'),
    "'": re.compile(r"((?>(?:[^']++|'')*))'"),
}
_IN_BRACKETS = re.compile(
    r" *+(?:(\"(?>(?:[^\"\\]++|\\.)*)\"|'(?>(?:[^']++|'')*)'|[,\]])"
    r"|([^\s,\[\]{}\"'#&*!|>%@`][^,\[\]{}]*+))"
)
_NOT_READ: Final = frozenset("{}]&*!|>%@`,?")
_ESCAPE = re.compile(
    r"\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U(00(?:0[0-9a-fA-F]|10)[0-9a-fA-F]{4})|(.))|\\\n|\n+"
)
_ESCAPES: Final = {"n": "\n", "t": "\t", "r": "\r", "N": "\n", "_": "\xa0", "L": "\n", "P": "\n"}
_TWO_MARKS_OR_LINES = re.compile(r"''|\n+")
_LINES = re.compile(r"\n+")
_SHOWN: Final = 40  # characters of what is odd


class Odd(Exception):
    """What is no YAML, or not of this part: its ``line``, counted from 0, and why.

    ``cut``: it only lacks an end, and the text ends there.
    """

    def __init__(self, line: int, why: str, *, cut: bool = False) -> None:
        super().__init__(why)
        self.line = line
        self.why = why
        self.cut = cut


def value_in(lines: list[str]) -> Value:
    """The one value that the lines hold; an empty text if they hold none. Raises Odd."""
    reader = _Reader(list(lines))
    value = "" if reader.below() is None else reader.block(0)
    if reader.below() is not None:
        raise reader.odd("it belongs to nothing above")
    return value


def key_of(content: str) -> str:
    """The name that a line without its indentation gives a value; or nothing."""
    found = _KEY.match(content)
    return found[1].strip("\"'").rstrip() if found else ""


@dataclass(slots=True)
class _Reader:
    """The lines, and how many of them are read."""

    lines: list[str]
    at: int = 0

    def below(self) -> int | None:
        """How far the next line is indented that is neither blank nor a comment; None at the end.

        That line is then the next.
        """
        while self.at < len(self.lines):
            content = self.lines[self.at].lstrip(" ")
            if content.strip() and not content.startswith("#"):
                return len(self.lines[self.at]) - len(content)
            self.at += 1
        return None

    def goes_deeper(self, indent: int) -> bool:
        below = self.below()
        return below is not None and below > indent

    def content(self) -> str:
        """The next line without its indentation."""
        return self.lines[self.at].strip(" ")

    def odd(self, why: str, line: int | None = None, *, cut: bool = False) -> Odd:
        """That the line, or else the next, is odd."""
        at = min(self.at if line is None else line, len(self.lines) - 1)
        return Odd(at, f"{why}: “{clean_line(self.lines[at], _SHOWN)}”", cut=cut)

    # --- mappings and lists -------------------------------------------------

    def block(self, depth: int) -> Value:
        """The mapping, the list or the text that begins in the next line."""
        indent = self.below() or 0
        if depth > _DEPTH_LIMIT:
            raise self.odd(f"more than {_DEPTH_LIMIT} levels")
        if _ITEM.match(self.content()):
            return self._list(indent, depth)
        if key_of(self.content()):
            return self._mapping(indent, depth)
        return self._text(self.content(), indent - 1)

    def _mapping(self, indent: int, depth: int) -> dict[str, Value]:
        fields: dict[str, Value] = {}
        while self.below() == indent and not _ITEM.match(self.content()):
            found = _KEY.match(self.content())
            if not found:
                raise self.odd("no “name: value”")
            key = key_of(found[0])
            if key in fields:
                raise self.odd("a name that was given before")
            fields[key] = self._value(self.content()[found.end() :].strip(), indent, depth)
        self._refuse_deeper(indent)
        return fields

    def _list(self, indent: int, depth: int) -> list[Value]:
        items: list[Value] = []
        while self.below() == indent and (dash := _ITEM.match(self.content())):
            rest = self.content()[dash.end() :]
            if key_of(rest) or _ITEM.match(rest):  # it is the first line of what the item holds
                self.lines[self.at] = " " * (indent + dash.end()) + rest
                items.append(self.block(depth + 1))
            else:
                items.append(self._value(rest, indent, depth, beside=False))
        self._refuse_deeper(indent)
        return items

    def _value(self, rest: str, indent: int, depth: int, *, beside: bool = True) -> Value:
        """What stands behind a name or a dash, or below it; a list may stand right ``beside``."""
        if rest and not rest.startswith("#"):
            return self._text(rest, indent)
        self.at += 1
        listed = beside and self.below() == indent and _ITEM.match(self.content())
        return self.block(depth + 1) if listed or self.goes_deeper(indent) else ""

    def _refuse_deeper(self, indent: int) -> None:
        if self.goes_deeper(indent):
            raise self.odd("indented more than the line above")

    # --- texts --------------------------------------------------------------

    def _text(self, rest: str, indent: int) -> Value:
        """A text or a list in brackets that begins so, and goes on in lines indented more."""
        if header := _BLOCK.fullmatch(rest):
            return self._block_text(header[1], int(header[2] or 0), indent)
        if rest[0] in _CLOSED:
            return self._quoted(rest[0], rest[1:])
        if rest[0] == "[":
            return self._bracketed(rest[1:])
        if rest[0] in _NOT_READ:
            raise self.odd(f"a value with {rest[0]} in front must be in quotes here")
        return self._plain(rest, indent)

    def _plain(self, rest: str, indent: int) -> str:
        pieces = [_COMMENT.sub("", rest).strip()]
        self.at += 1
        read = self.at
        while self.goes_deeper(indent):
            if key_of(self.content()):
                raise self.odd("indented more than the line above")
            pieces += [""] * (self.at - read)
            pieces.append(_COMMENT.sub("", self.content()).strip())
            self.at += 1
            read = self.at
        text = _folded("\n".join(pieces))
        return "" if text in ("~", "null", "Null", "NULL") else text

    def _quoted(self, mark: str, content: str) -> str:
        begun = self.at
        pieces: list[str] = []
        while not (found := _CLOSED[mark].match(content)):
            pieces.append(content.strip())
            self.at += 1
            if self.at == len(self.lines):
                raise self.odd("a quote without its end", begun, cut=True)
            content = self.content()
        self._end_line(content[found.end() :])
        return _unquoted(mark, "\n".join([*pieces, found[1]]))

    def _bracketed(self, content: str) -> list[Value]:
        begun = self.at
        items: list[list[str]] = [[]]
        for piece in self._pieces(content):
            if piece == ",":
                items.append([])
            elif piece == "]":
                return [" ".join(item) for item in items if item]
            else:
                quoted = piece[0] in _CLOSED
                items[-1].append(_unquoted(piece[0], piece[1:-1]) if quoted else piece.strip())
        raise self.odd("a list without its end", begun, cut=True)

    def _pieces(self, content: str) -> Iterator[str]:
        """The parts of a list in brackets, with their quotes, up to its end or that of the text."""
        while True:
            at = 0
            while found := _IN_BRACKETS.match(content, at):
                at = found.end()
                if found[1] == "]":
                    self._end_line(content[at:])
                yield found[1] or found[2]
            if _COMMENT.sub("", content[at:]).strip():
                raise self.odd("a list in brackets holds texts alone here")
            self.at += 1
            if self.below() is None:
                return
            content = self.content()

    def _end_line(self, rest: str) -> None:
        """Step behind the line, which holds no more than a comment."""
        if _COMMENT.sub("", rest).strip():
            raise self.odd("more behind the end of a value")
        self.at += 1

    def _block_text(self, style: str, given: int, indent: int) -> str:
        """The lines below that are indented as ``given`` or as the first of them is."""
        begun = self.at
        body: list[str] = []
        wanted = indent + given if given else 0
        self.at += 1
        for raw in self.lines[self.at :]:
            deep = len(raw) - len(raw.lstrip(" "))
            if raw.strip():
                if deep <= indent or deep < wanted:
                    break
                wanted = wanted or deep
            body.append(raw[wanted:].rstrip())
            self.at += 1
        if self.at == len(self.lines) and not any(body):
            raise self.odd("the text is missing", begun, cut=True)
        text = "\n".join(body).strip("\n")
        return text if style == "|" else _folded(text)


def _unquoted(mark: str, text: str) -> str:
    pattern = _ESCAPE if mark == '"' else _TWO_MARKS_OR_LINES
    return pattern.sub(_meant, text)


def _folded(text: str) -> str:
    """One line end is a blank, and of more one is lost."""
    return _LINES.sub(_meant, text)


def _meant(found: re.Match[str]) -> str:
    """What an escape, two single quotes, or line ends mean."""
    if found[0].startswith("\n"):
        return "\n" * (len(found[0]) - 1) or " "
    if found[0] in ("''", "\\\n"):
        return "'" if found[0] == "''" else ""
    code = found[1] or found[2] or found[3]
    return chr(int(code, 16)) if code else _ESCAPES.get(found[4], found[4])
