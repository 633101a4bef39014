"""Why a query matches a paper, where, and why not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import chain

from worker.core import pattern
from worker.core.catalogue import Catalogue
from worker.core.index import Index
from worker.core.labels import texts
from worker.core.likeness import NO_LIKENESS, Likeness
from worker.core.measure import Bounds, measured, shown
from worker.core.parts import asked
from worker.core.places import Places
from worker.core.terms import (
    And,
    Field,
    Label,
    Like,
    Not,
    Or,
    Pattern,
    Query,
    Term,
    Top,
    Words,
    bracketed,
    verbatim,
    written,
)
from worker.core.words import Word, words
from worker.model import Paper

Span = tuple[int, int]

_KEPT = 128  # papers, and texts: about those of the digests being written


def terms(queries: Iterable[Query], paper: Paper) -> tuple[str, ...]:
    """The terms that the queries ask for and the paper has, as first typed, in their order.

    Its place among the papers of its day nobody can tell who has but the paper (``tops``).
    """
    alone = _alone(paper)
    its = (one for one in chain.from_iterable(map(asked, queries)) if not isinstance(one, Top))
    return tuple(map(verbatim, dict.fromkeys(term for term in its if alone.papers(term))))


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


def why_not(
    query: Query,
    paper: Paper,
    beside: Sequence[Paper] = (),
    likeness: Likeness = NO_LIKENESS,
) -> str:
    """What keeps the query from matching the paper, in one line; empty if nothing does.

    ``beside`` are others of its day, which it stands among by upvotes; ``likeness`` knows the
    exemplars of the query.
    """
    index = Index((paper,), beside, likeness)
    return "; ".join(dict.fromkeys(_obstacles(query, index, paper)))


def _obstacles(query: Query, index: Index, paper: Paper) -> Iterator[str]:
    if index.match(query):
        return
    match query:
        case And(parts):
            for part in parts:
                yield from _obstacles(part, index, paper)
        case Or(parts):
            yield f"it matches none of {', '.join(map(bracketed, parts))}"
        case Not(part):
            yield from _exclusions(part, index, paper)
        case _:
            yield _lacking(query, index, paper)


def _lacking(term: Term, index: Index, paper: Paper) -> str:
    """That the paper does not have this term, with what it has instead where that tells more."""
    match term:
        case Bounds(measure):
            return f"it is not {term} ({shown(measure, measured(paper, measure))})"
        case Like():
            return index.likeness.why_not(term, paper)
        case Top(1):
            return "it is not the most upvoted of its day"
        case Top(count):
            return f"it is not among its day's {count} most upvoted"
        case Label(_, Field.KIND | Field.SOURCE as field):
            return f"it is not {verbatim(term)} ({''.join(texts(paper, field)) or 'not known'})"
        case _:
            return f"it has no {verbatim(term)}"


def _exclusions(part: Query, index: Index, paper: Paper) -> Iterator[str]:
    """What matched, although it should not have."""
    match part:
        case Not(inner):
            yield from _obstacles(inner, index, paper)
        case Or(parts):
            for one in filter(index.match, parts):
                yield from _exclusions(one, index, paper)
        case _:
            yield f"it is excluded by NOT {bracketed(part)}"


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
