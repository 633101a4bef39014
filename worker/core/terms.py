"""A rule as a tree of terms, compared by value, and the canonical text it is written in."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import assert_never

from worker.core.identity import normalise_id
from worker.core.measure import Bounds, Measure
from worker.model import Refused


class Field(StrEnum):
    """What of a paper a term looks at that is text."""

    TITLE = "title"
    ABSTRACT = "abstract"
    AUTHOR = "author"
    CAT = "cat"
    ID = "id"
    KIND = "kind"
    SOURCE = "source"


class Rank(StrEnum):
    """What of a paper a term looks at that is its place among the papers of its day."""

    TOP = "top"  # by upvotes


class Kin(StrEnum):
    """What of a paper a term looks at that is its likeness to another."""

    LIKE = "like"


Scope = Field | Measure | Rank | Kin  # what may stand before the colon

TEXT = (Field.TITLE, Field.ABSTRACT)
"""What a term without a field looks at, each for itself."""

WIDEST = 50  # the widest ``within``
TOPMOST = 100  # the greatest ``top:``


class QueryError(Refused):
    """A rule that cannot be taken. ``position`` counts its characters from 0."""

    def __init__(self, position: int, reason: str) -> None:
        super().__init__(f"rule, position {position}: {reason}")
        self.position = position
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Words:
    """Words side by side in this order, or all ``within`` so many words, in any order.

    A word is written folded. One with a capital in it minds its case, one with a star at its end
    is a beginning. ``exact`` words, those in quotes, have no plural folding. ``typed`` is how they
    were typed, without the field: it makes no difference between terms.
    """

    words: tuple[str, ...]
    exact: bool = False
    within: int | None = None
    field: Field | None = None
    typed: str = dataclasses.field(default="", compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Label:
    """A category, identifier, kind or source, folded; with a star at its end, its beginning."""

    value: str
    field: Field
    typed: str = dataclasses.field(default="", compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Pattern:
    """A regular expression that RE2 takes."""

    text: str
    field: Field | None = None


@dataclass(frozen=True, slots=True)
class Top:
    """The ``count`` most upvoted papers of each day; never one without upvotes."""

    count: int


@dataclass(frozen=True, slots=True)
class Like:
    """The papers that resemble one: it is named by its key, ``arxiv:2509.01234``, or its title."""

    what: str


@dataclass(frozen=True, slots=True)
class Everything:
    """Every paper."""


@dataclass(frozen=True, slots=True)
class Not:
    """The papers that the part does not match."""

    part: Query


@dataclass(frozen=True, slots=True)
class And:
    """The papers that all parts match; no part is an And."""

    parts: tuple[Query, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """The papers that any part matches; no part is an Or."""

    parts: tuple[Query, ...]


Term = Words | Label | Pattern | Bounds | Top | Like | Everything
Query = Term | Not | And | Or


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
