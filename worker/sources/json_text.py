"""The syntax of files in JSON: one value, or a value a line (JSON Lines).

JSON Lines it is where the first line is an object by itself and more follow, or where most lines
look like objects though the first is broken. There a bad line is set aside and the others go on
(B26), and only the last can break off; a file that ends with a whole line looks whole.
Objects may follow one another in other ways too, but then a mistake in one ends the reading.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Final

from worker.model import Incomplete, Rejected, Unreadable
from worker.sources.bounded import bounded
from worker.sources.literal import Malformed, Value, bound, value_of, values_of

_FIRST_LINES: Final = 50


@dataclass(frozen=True, slots=True)
class Written:
    """What a file says: ``values`` with their lines, one only unless it is ``by_line``."""

    values: tuple[Value, ...]
    rejected: tuple[Rejected, ...] = ()
    by_line: bool = False


def written(text: str) -> Written:
    """The values in the text. Raises Unreadable, or Incomplete if the text breaks off."""
    try:
        bound(text)
        if _is_by_line(text):
            return _lines(text)
        values = values_of(text)
    except Malformed as malformed:
        raise _unreadable(malformed.line, malformed) from None
    if len(values) > 1 and not all(isinstance(value.value, dict) for value in values):
        raise Unreadable(Rejected(f"line {values[1].line}", "more text behind the end of the JSON"))
    return Written(tuple(values), by_line=len(values) > 1)


def value_in(text: str) -> object:
    """The only value in the text. Raises as ``written``."""
    try:
        bound(text)
        return value_of(text)
    except Malformed as malformed:
        raise _unreadable(malformed.line, malformed) from None


def _is_by_line(text: str) -> bool:
    first = list(islice(_numbered(text), _FIRST_LINES))
    if len(first) < 2 or not first[0][1].startswith("{"):
        return False
    whole = [line.endswith("}") and line.startswith("{") for _, line in first]
    return sum(whole) > len(first) / 2 or (whole[0] and _is_object(first[0][1]))


def _is_object(line: str) -> bool:
    try:
        return isinstance(value_of(line), dict)
    except Malformed:
        return False


def _numbered(text: str) -> Iterator[tuple[int, str]]:
    """The lines that are not blank, with their numbers; one at a time, for they may be many."""
    number, start = 1, 0
    while start < len(text):
        end = text.find("\n", start)
        end = len(text) if end < 0 else end
        if line := text[start:end].strip():
            yield number, line
        number, start = number + 1, end + 1


def _lines(text: str) -> Written:
    values: list[Value] = []
    rejected: list[Rejected] = []
    malformed: Malformed | None = None
    for number, line in bounded(_numbered(text)):
        malformed = None
        try:
            values.append(Value(number, value_of(line)))
        except Malformed as error:
            malformed = error
            rejected.append(Rejected(f"line {number}", _said(error)))
    if malformed and malformed.cut:
        raise _unreadable(number, malformed)
    return Written(tuple(values), tuple(rejected), by_line=True)


def _unreadable(line: int, malformed: Malformed) -> Unreadable:
    if malformed.cut:
        return Incomplete(Rejected(f"line {line}", f"the JSON breaks off: {malformed.why}"))
    return Unreadable(Rejected(f"line {line}", _said(malformed)))


def _said(malformed: Malformed) -> str:
    return f"no JSON: {malformed.why}"
