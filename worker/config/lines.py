"""On which line of a TOML text a table, a key or an element of an array stands.

``tomllib`` keeps no lines. But a statement ends with its line unless a bracket or a quote is
still open, so the parser itself can tell, line by line, where each one ends.
"""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping

Steps = tuple[str | int, ...]
"""The way to a value: ``("smtp", "port")``, ``("subscriber", 3, "rules", 0)``."""


class Lines:
    """The lines of a text that is known to be TOML."""

    def __init__(self, text: str) -> None:
        self._first: dict[Steps, int] = {}
        self._statement: dict[Steps, str] = {}
        counts = Counter[Steps]()
        table: Steps = ()
        for number, statement, value in _statements(text):
            *_, named = _ways(value)
            if statement.startswith("[["):
                table = (*named, counts[named])
                counts[named] += 1
                self._first.setdefault(named, number)
                self._first[table] = number
            elif statement.startswith("["):
                table = named
                self._first[table] = number
            else:
                for way in _ways(value):
                    self._first.setdefault((*table, *way), number)
                    self._statement[(*table, *way)] = statement

    def of(self, steps: Steps) -> int:
        """Give the line, from 1, of that value, or else of the nearest thing around it."""
        while steps:
            if steps in self._first:
                return self._first[steps]
            *around, last = steps
            steps = tuple(around)
            if isinstance(last, int) and steps in self._statement:
                return self._first[steps] + _row(self._statement[steps], last)
        return 1


def _statements(text: str) -> Iterator[tuple[int, str, Mapping[str, object]]]:
    """Give each statement: the number of its first line, its text, and what it says alone."""
    first, pending = 1, ""
    for number, row in enumerate(text.replace("\r\n", "\n").split("\n"), 1):
        # What is open can only be closed by one of these: parse no more often than needed.
        if pending and not any(closing in row for closing in ("]", '"""', "'''")):
            pending += f"\n{row}"
            continue
        first, pending = (first, f"{pending}\n{row}") if pending else (number, row)
        value = _parsed(pending)
        if value:
            yield first, pending.strip(), value
        if value is not None:
            pending = ""


def _parsed(text: str) -> Mapping[str, object] | None:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return None


def _ways(value: object, above: Steps = ()) -> Iterator[Steps]:
    """Give every key path of nested tables, each before those inside it."""
    for key, inner in value.items() if isinstance(value, dict) else ():
        yield (*above, key)
        yield from _ways(inner, (*above, key))


def _row(statement: str, index: int) -> int:
    """Give the row of a statement's array in which the element ends: the first row that, with
    the array closed after it, holds that many."""
    rows = statement.split("\n")
    for row in range(len(rows)):
        value: object = _parsed("\n".join([*rows[: row + 1], "]"]))
        while isinstance(value, dict):
            value = next(iter(value.values()))
        if isinstance(value, list) and len(value) > index:
            return row
    return len(rows) - 1
