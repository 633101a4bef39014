"""One value written out: as JSON (RFC 8259), or as Python prints it, which many scripts write.

What no paper needs is read as null: ``NaN``, ``Infinity``, a number of more than 18 digits (B29).
An object that gives one name two different values is marked as such (B30); twice the same is once.
Scripts that glue JSON together forget to escape: control characters may stand in a string, and a
backslash before a letter that means nothing (LaTeX) stands for itself.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from itertools import accumulate
from math import isfinite
from typing import Final, NamedTuple

DEPTH_LIMIT: Final = 64  # objects and lists in one another; those of papers go five deep
MARKS_LIMIT: Final = 2_000_000  # brackets and commas; bounds the memory. 64 MB of papers have 1.5 M
PYTHON_LIMIT: Final = 8_000_000  # characters

_DIGITS: Final = 18
_PYTHONIC: Final = frozenset("'TFNuU(\\")
_BRACKETS = re.compile(r'"(?>(?:[^"\\]++|\\.)*)"?|([\[\]{}])', re.DOTALL)
_STEPS: Final = {"[": 1, "{": 1, "]": -1, "}": -1}
_BLANK = re.compile(r"[ \t\n\r]*+")
_LAST_WORD = re.compile(r'[^\s,:\[\]{}"]*+\s*+')

_PYTHONS = re.compile(
    r"""[uU]?+(['"])((?>(?:[^'"\\]++|\\.|(?!\1)['"])*))(\1?)|\b(?:True|False|None)\b|[()]""",
    re.DOTALL,
)
_WORDS: Final = {"True": "true", "False": "false", "None": "null", "(": "[", ")": "]"}
_ESCAPE = re.compile(
    r"\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U(00(?:0[0-9a-fA-F]|10)[0-9a-fA-F]{4})|(.))",
    re.DOTALL,
)
_ESCAPES: Final = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"} | {c: c for c in "\\/'\""}


class Malformed(Exception):
    """A text that is no value: its ``line``, and why. ``cut``: perhaps it only breaks off."""

    def __init__(self, line: int, why: str, *, cut: bool = False) -> None:
        super().__init__(f"line {line}: {why}")
        self.line = line
        self.why = why
        self.cut = cut


class Ambiguous(dict[str, object]):
    """An object that gives a name two different values; ``twice`` is the first such name."""

    __slots__ = ("twice",)

    def __init__(self, pairs: Sequence[tuple[str, object]], twice: str) -> None:
        super().__init__(pairs)
        self.twice = twice


class Value(NamedTuple):
    """A value, and the line that it begins in, from 1."""

    line: int
    value: object


def value_of(text: str) -> object:
    """The one value that the text is. Raises Malformed."""
    values = values_of(text)
    if len(values) > 1:
        raise Malformed(values[1].line, "more text behind the end of the value")
    return values[0].value


def values_of(text: str) -> list[Value]:
    """All values of the text, one behind the other: at least one. Raises Malformed."""
    quote = re.search("['\"]", text)
    if quote and quote[0] == "'":
        return _values(as_json(text))
    try:
        return _values(text)
    except _Pythonic as malformed:
        try:
            return _values(as_json(text))
        except Malformed:
            raise malformed from None


class _Pythonic(Malformed):
    """JSON up to a character that Python might have written, though the first quote was JSON's."""


def as_json(text: str) -> str:
    """A Python literal as JSON; JSON means the same as before. Raises Malformed if too long."""
    if len(text) > PYTHON_LIMIT:
        raise Malformed(1, f"Python's notation, and more than {PYTHON_LIMIT:,} characters of it")
    return _PYTHONS.sub(_rewritten, text)


def _rewritten(found: re.Match[str]) -> str:
    quote, body, end = found.groups()
    if quote is None:
        return _WORDS[found[0]]
    if "\\" not in body and '"' not in body:
        return f'"{body}"' if end else '"' + body
    return json.dumps(_ESCAPE.sub(_unescaped, body), ensure_ascii=False)[: None if end else -1]


def _unescaped(found: re.Match[str]) -> str:
    *codes, letter = found.groups()
    code = next(filter(None, codes), "")
    return chr(int(code, 16)) if code else _ESCAPES.get(letter, found[0])


def _values(text: str) -> list[Value]:
    bound(text)
    _refuse_deep(text)
    values: list[Value] = []
    line, before, at = 1, 0, _behind_blank(text, 0)
    while at < len(text) or not values:
        line += text.count("\n", before, at)
        if values and text[at] not in "[{":
            raise Malformed(line, "more text behind the end of the value")
        value, end = _value_at(text, at)
        values.append(Value(line, value))
        before, at = at, _behind_blank(text, end)
    return values


def _behind_blank(text: str, at: int) -> int:
    blank = _BLANK.match(text, at)
    return blank.end() if blank else at


def bound(text: str) -> None:
    """Refuse what would take too much memory, before it does. Raises Malformed."""
    if text.count("[") + text.count("{") + text.count(",") > MARKS_LIMIT:
        raise Malformed(1, f"more than {MARKS_LIMIT:,} brackets and commas")


def _refuse_deep(text: str) -> None:
    """Before it is parsed, since that takes a stack (B28)."""
    if text.count("[") + text.count("{") <= DEPTH_LIMIT:
        return
    steps = (_STEPS.get(bracket, 0) for bracket in _BRACKETS.findall(text))
    if max(accumulate(steps)) > DEPTH_LIMIT:
        raise Malformed(1, f"too deep: more than {DEPTH_LIMIT} lists and objects in one another")


def _value_at(text: str, at: int) -> tuple[object, int]:
    try:
        return _DECODER.raw_decode(text, at)
    except json.JSONDecodeError as error:
        kind = _Pythonic if text[error.pos : error.pos + 1] in _PYTHONIC else Malformed
        why = f"{error.msg} (column {error.colno})"
        raise kind(error.lineno, why, cut=_breaks_off(error, text)) from None


def _breaks_off(error: json.JSONDecodeError, text: str) -> bool:
    """Whether the error is in the last word, so that more text might mend it."""
    rest = _LAST_WORD.match(text, error.pos)
    return error.msg.startswith("Unterminated") or bool(rest and rest.end() == len(text))


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    made = dict(pairs)
    if len(made) == len(pairs):
        return made
    twice = next((name for name, value in pairs if value != made[name]), None)
    return made if twice is None else Ambiguous(pairs, twice)


def _whole(digits: str) -> int | None:
    return int(digits) if len(digits.lstrip("-")) <= _DIGITS else None


def _finite(digits: str) -> float | None:
    number = float(digits)
    return number if isfinite(number) else None


_DECODER: Final = json.JSONDecoder(
    object_pairs_hook=_object,
    parse_int=_whole,
    parse_float=_finite,
    parse_constant=lambda _: None,
    strict=False,
)
