"""Why queries match papers, and where."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache

from worker.core import pattern
from worker.core.catalogue import Catalogue
from worker.core.index import Index
from worker.core.labels import texts
from worker.core.parts import asked
from worker.core.terms import Field, Pattern, Query, Term, Top, Words
from worker.core.words import words
from worker.core.written import verbatim, written
from worker.model import Paper

Span = tuple[int, int]

_KEPT = 128  # papers that are looked at alone


def terms(queries: Iterable[Query], paper: Paper) -> tuple[str, ...]:
    """The terms that the queries ask for and the paper has, as first typed, in their order."""
    return as_typed(_its(queries, _alone(paper)))


def spans(queries: Iterable[Query], paper: Paper, field: Field) -> tuple[Span, ...]:
    """Where the paper's title or abstract (``field``) has terms that the queries ask for."""
    alone = _alone(paper)
    return where(dict.fromkeys(_its(queries, alone)), alone, 0, field)


def tops(query: Query, index: Index, place: int = 0) -> tuple[str, ...]:
    """The ``top:`` that the query asks for and the paper at this place of the index has."""
    wanted = (term for term in asked(query) if isinstance(term, Top))
    found = (written(term) for term in wanted if index.match(term) >> place & 1)
    return tuple(dict.fromkeys(found))


def had(query: Query, among: Catalogue) -> list[tuple[Term, int]]:
    """The terms that the query asks for and papers have, each with these: bit i for paper i."""
    found = ((term, among.papers(term)) for term in asked(query))
    return [(term, papers) for term, papers in found if papers]


def as_typed(its: Iterable[Term]) -> tuple[str, ...]:
    """These terms that a paper has, each once, as first typed.

    Its place among the papers of its day nobody can tell who has but some papers (``tops``).
    """
    return tuple(map(verbatim, dict.fromkeys(one for one in its if not isinstance(one, Top))))


def where(its: Iterable[Term], among: Catalogue, place: int, field: Field) -> tuple[Span, ...]:
    """Where the title or abstract (``field``) of the paper at this place has these terms.

    The spans count characters; they are sorted and neither overlap nor touch.
    """
    sought = [term for term in its if isinstance(term, Words | Pattern)]
    here = [term for term in sought if term.field in (None, field)]
    return tuple(_merged(sorted(_places(here, among, place, field)))) if here else ()


def _its(queries: Iterable[Query], alone: Catalogue) -> Iterator[Term]:
    return (term for query in queries for term, _ in had(query, alone))


def _places(
    its: Iterable[Words | Pattern], among: Catalogue, place: int, field: Field
) -> Iterator[Span]:
    (text,) = texts(among.listed[place], field)
    found = words(text)
    for term in its:
        if isinstance(term, Pattern):
            yield from pattern.spans(term.text, text)
            continue
        for taken in among.places(field).ranges(term, place):
            yield found[taken[0]].start, found[taken[-1]].end


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
