"""Why a query does not match a paper."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from worker.core.catalogue import Catalogue
from worker.core.index import Index
from worker.core.labels import texts
from worker.core.likeness import NO_LIKENESS, Likeness
from worker.core.measure import Bounds, measured, shown
from worker.core.terms import And, Field, Label, Like, Not, Or, Query, Term, Top
from worker.core.written import bracketed, verbatim
from worker.model import Paper


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
    index = Index(Catalogue((paper,), beside), likeness)
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
