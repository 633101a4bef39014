"""What each rule of somebody says of one paper: yes, no, or no but for its NOT; with the words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from worker.core.catalogue import Catalogue
from worker.core.evidence import Span, spans, terms, tops
from worker.core.exemplars import named
from worker.core.index import Index
from worker.core.likeness import NO_LIKENESS, Likeness
from worker.core.obstacles import why_not
from worker.core.parts import asked, included
from worker.core.query import QueryError, parse, readable
from worker.core.terms import And, Field, Like, Not, Or, Query, Top
from worker.core.trim import Piece, pieces
from worker.core.written import verbatim, written
from worker.model import Paper, Pick, Rule

AROUND: Final = 90
"""Characters of an abstract shown before and after a word that counts."""


class Says(StrEnum):
    """What a rule says of a paper."""

    YES = "yes"
    MISSING = "missing"  # the paper lacks what it asks for
    EXCLUDED = "excluded"  # it would but for its NOT
    BROKEN = "broken"  # it can no longer be read


@dataclass(frozen=True, slots=True)
class Ruling:
    """One rule on one paper.

    ``words`` are the terms that it asks for and the paper has, or, if it is EXCLUDED, those of its
    NOT; ``why`` is what keeps it from catching the paper. ``title`` and ``passage``, one from the
    abstract, have these words marked; they are empty where there are none. ``then``: it is as it
    was when a digest was planned.
    """

    rule: Rule
    says: Says
    words: tuple[str, ...] = ()
    why: str = ""
    title: tuple[Piece, ...] = ()
    passage: tuple[Piece, ...] = ()
    then: bool = False


@dataclass(frozen=True, slots=True)
class Company:
    """What the paper is seen with: others of its day, and what exemplars it may be like."""

    beside: tuple[Paper, ...] = ()
    likeness: Likeness = NO_LIKENESS

    def index(self, paper: Paper) -> Index:
        """Of the paper alone, seen with these."""
        return Index(Catalogue((paper,), self.beside), self.likeness)


ALONE: Final = Company()


def ruling(rule: Rule, paper: Paper, company: Company = ALONE) -> Ruling:
    """What the rule says of the paper now."""
    try:
        query = parse(rule.query)
    except QueryError as error:
        return Ruling(rule, Says.BROKEN, why=f"position {error.position + 1}: {error.reason}")
    index = company.index(paper)
    words = (*terms((query,), paper), *tops(query, index), *company.likeness.because(query, paper))
    if index.match(query):
        return _told(rule, Says.YES, words, (query,), paper)
    why = why_not(query, paper, company.beside, company.likeness)
    if index.match(included(query)):
        removers = tuple(_removers(query, index))
        names = tuple(map(verbatim, dict.fromkeys(removers)))
        return _told(rule, Says.EXCLUDED, names, removers, paper, why)
    return _told(rule, Says.MISSING, words, (query,), paper, why)


def rulings_then(pick: Pick, paper: Paper) -> Iterator[Ruling]:
    """Why the paper was chosen: the rules that did, as they were, whatever is so now."""
    queries = [readable(rule.query) for rule in pick.rules]
    own = [_own(query, pick.because) if query else () for query in queries]
    others = tuple(reason for reason in pick.because if not any(reason in its for its in own))
    for place, (rule, query, its) in enumerate(zip(pick.rules, queries, own, strict=True)):
        found = terms((query,), paper) if query else ()
        words = tuple(dict.fromkeys((*found, *its, *(() if place else others))))
        yield _told(rule, Says.YES, words, (query,) if query else (), paper, then=True)


def _own(query: Query, because: Sequence[str]) -> tuple[str, ...]:
    """Those of the reasons, which are of the paper, that this query asks for."""
    tops_in = {written(term) for term in asked(query) if isinstance(term, Top)}
    likes = tuple(f"{named(term)}:" for term in asked(query) if isinstance(term, Like))
    return tuple(one for one in because if one in tops_in or one.startswith(likes))


def _removers(query: Query, index: Index) -> Iterator[Query]:
    """What stands in its NOTs and the paper has."""
    match query:
        case And(parts) | Or(parts):
            for part in parts:
                yield from _removers(part, index)
        case Not(part) if index.match(part):
            yield part
        case _:
            return


def _told(
    rule: Rule,
    says: Says,
    words: tuple[str, ...],
    queries: Sequence[Query],
    paper: Paper,
    why: str = "",
    *,
    then: bool = False,
) -> Ruling:
    in_title = spans(queries, paper, Field.TITLE)
    in_abstract = spans(queries, paper, Field.ABSTRACT)
    title = pieces(paper.title, in_title) if in_title else ()
    passage = _passage(paper.abstract, in_abstract) if in_abstract else ()
    return Ruling(rule, says, words, why, title, passage, then)


def _passage(text: str, marked: Sequence[Span]) -> tuple[Piece, ...]:
    """A stretch of whole words round the first of these spans, all of them marked in it."""
    begin, end = max(marked[0][0] - AROUND, 0), min(marked[0][1] + AROUND, len(text))
    if begin:
        begin = text.find(" ", begin, marked[0][0]) + 1 or marked[0][0]
    if end < len(text):
        end = max(text.rfind(" ", marked[0][1], end), marked[0][1])
    inside = [(start - begin, stop - begin) for start, stop in marked if stop <= end]
    before = (Piece("… ", marked=False),) if begin else ()
    after = (Piece(" …", marked=False),) if end < len(text) else ()
    return (*before, *pieces(text[begin:end], inside), *after)
