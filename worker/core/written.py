"""The text that a query is written in: canonical, or in the words that were typed."""

from __future__ import annotations

import re
from collections.abc import Callable
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
    return _text(query, _term)


def verbatim(query: Query) -> str:
    """The same in the words that its writer typed, where they are known."""
    return _text(query, _as_typed)


def bracketed(query: Query) -> str:
    """That text, as it may stand behind a NOT or beside other parts."""
    text = verbatim(query)
    return f"({text})" if isinstance(query, And | Or) else text


def _text(query: Query, of_term: Callable[[Term], str]) -> str:
    match query:
        case Or(parts):
            return " OR ".join(_text(part, of_term) for part in parts)
        case And(parts):
            texts = ((part, _text(part, of_term)) for part in parts)
            return " ".join(f"({text})" if isinstance(part, Or) else text for part, text in texts)
        case Not(And() | Or() as part):
            return f"-({_text(part, of_term)})"
        case Not(part):
            return f"-{_text(part, of_term)}"
        case _:
            return of_term(query)


def _as_typed(term: Term) -> str:
    match term:
        case Words(field=field, typed=typed) | Label(field=field, typed=typed) if typed:
            return _scope(field) + typed
        case _:
            return _term(term)


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
