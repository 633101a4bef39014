"""A rule as a tree of terms, compared by value."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from enum import StrEnum

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
