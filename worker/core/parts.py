"""A rule taken apart: its terms, and what is left without its NOTs."""

from __future__ import annotations

from collections.abc import Iterator

from worker.core.terms import And, Everything, Not, Or, Query, Term


def terms_of(query: Query) -> Iterator[Term]:
    """All its terms, also those that are left out, in its order."""
    match query:
        case And(parts) | Or(parts):
            for part in parts:
                yield from terms_of(part)
        case Not(part):
            yield from terms_of(part)
        case _:
            yield query


def asked(query: Query) -> Iterator[Term]:
    """The terms outside of every NOT; ``*`` asks for nothing."""
    match query:
        case And(parts) | Or(parts):
            for part in parts:
                yield from asked(part)
        case Not() | Everything():
            return
        case _:
            yield query


def included(query: Query) -> Query:
    """What the query would match if nothing were left out; it matches all that the query does.

    ``-(-a)`` leaves nothing out, it asks for a. What only leaves papers out becomes ``*``.
    """
    match query:
        case And(parts):
            return _every(tuple(map(included, parts)))
        case Or(parts):
            return Or(tuple(map(included, parts)))
        case Not(Not(part)):
            return included(part)
        case Not():
            return Everything()
        case _:
            return query


def _every(parts: tuple[Query, ...]) -> Query:
    asked = tuple(part for part in parts if part != Everything())
    return And(asked) if asked else Everything()
