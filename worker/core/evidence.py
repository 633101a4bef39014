"""Why a query matches a paper, and where."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import chain

from worker.core import pattern
from worker.core.catalogue import Catalogue
from worker.core.index import Index
from worker.core.parts import asked
from worker.core.places import Places
from worker.core.terms import Field, Pattern, Query, Term, Top, Words, written
from worker.core.words import Word, words
from worker.model import Paper

Span = tuple[int, int]

_KEPT = 128  # papers, and texts: about those of the digests being written


def terms(query: Query, paper: Paper) -> tuple[str, ...]:
    """The terms that the query asks for and the paper has, as written, in the query's order.

    Its place among the papers of its day nobody can tell who has but the paper (``tops``).
    """
    alone = _alone(paper)
    its = (term for term in asked(query) if not isinstance(term, Top))
    return tuple(dict.fromkeys(written(term) for term in its if alone.papers(term)))


def tops(query: Query, index: Index, place: int = 0) -> tuple[str, ...]:
    """The ``top:`` that the query asks for and the paper at this place of the index has."""
    wanted = (term for term in asked(query) if isinstance(term, Top))
    found = (written(term) for term in wanted if index.match(term) >> place & 1)
    return tuple(dict.fromkeys(found))


def spans(queries: Iterable[Query], text: str, field: str) -> tuple[Span, ...]:
    """Where this title or abstract (``field``) has terms that the queries ask for.

    The spans count characters; they are sorted and neither overlap nor touch.
    """
    wanted = dict.fromkeys(chain.from_iterable(map(asked, queries)))
    found = (_marked(term, text, Field(field)) for term in wanted)
    return tuple(_merged(sorted(chain.from_iterable(found))))


def _marked(term: Term, text: str, field: Field) -> Iterator[Span]:
    match term:
        case Words() if term.field in (None, field):
            found, places = _read(text)
            for taken in places.ranges(term, 0):
                yield found[taken[0]].start, found[taken[-1]].end
        case Pattern(regex) if term.field in (None, field):
            yield from pattern.spans(regex, text)
        case _:
            return


def _merged(ordered: Iterable[Span]) -> Iterator[Span]:
    begun: Span | None = None
    for start, end in ordered:
        if begun and start <= begun[1]:
            begun = begun[0], max(begun[1], end)
            continue
        if begun:
            yield begun
        begun = start, end
    if begun:
        yield begun


@lru_cache(maxsize=_KEPT)
def _alone(paper: Paper) -> Catalogue:
    return Catalogue((paper,))


@lru_cache(maxsize=_KEPT)
def _read(text: str) -> tuple[tuple[Word, ...], Places]:
    found = words(text)
    return found, Places([[found]])
