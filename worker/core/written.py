"""The canonical text that a query is written in."""

from __future__ import annotations

import re
from typing import assert_never

from worker.core.identity import normalise_id
from worker.core.measure import Bounds
from worker.core.terms import (
    And,
    Everything,
    Field,
    Kin,
    Label,
    Like,
    Not,
    Or,
    Pattern,
    Query,
    Rank,
    Term,
    Top,
    Words,
)


def written(query: Query) -> str:
    """The canonical text of the query: it parses to the same query."""
    match query:
        case Or(parts):
            return " OR ".join(map(written, parts))
        case And(parts):
            return " ".join(f"({written(p)})" if isinstance(p, Or) else written(p) for p in parts)
        case Not(And() | Or() as part):
            return f"-({written(part)})"
        case Not(part):
            return f"-{written(part)}"
        case _:
            return _term(query)


def _term(term: Term) -> str:
    match term:
        case Everything():
            return "*"
        case Words(field=field):
            return _scope(field) + _words(term)
        case Label(value, field):
            return _scope(field) + _name(value)
        case Pattern(text, field):
            slashed = re.sub(r"(?s)\\.|/", lambda found: found[0].replace("/", r"\/"), text)
            return f"{_scope(field)}/{slashed}/"
        case Bounds():
            return str(term)
        case Top(count):
            return f"{Rank.TOP}:{count}"
        case Like(what):
            return f"{Kin.LIKE}:{_name(what) if normalise_id(what) else _quoted(what)}"
        case _:
            assert_never(term)


def _name(value: str) -> str:
    return value if re.fullmatch(r"\w[\w.:/-]*\*?", value) else _quoted(value)


def _quoted(value: str) -> str:
    return f'"{value}"'


def _scope(field: Field | None) -> str:
    return f"{field}:" if field else ""


def _words(term: Words) -> str:
    if not (term.exact or term.within):
        return _joined(term.words, "-")
    width = f"~{term.within}" if term.within else ""
    return f'"{_joined(term.words, " ")}"{width}'


def _joined(words: tuple[str, ...], gap: str) -> str:
    """The words with the gap between them, but none around the marks of C++, C# and .NET."""
    return re.sub(rf"{gap}(?=\+\+|#)|(?<=\.){gap}", "", gap.join(words))
