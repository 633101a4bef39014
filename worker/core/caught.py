"""Rules evaluated on a stock of papers, as far as that is worth its time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from worker.core.exemplars import likes_in
from worker.core.parts import included, terms_of
from worker.core.query import QueryError, parse
from worker.core.stock import Stock
from worker.core.terms import Query, Term
from worker.model import Rule


@dataclass(frozen=True, slots=True)
class Wrong:
    """Why a rule cannot be taken; ``position`` counts its characters from 0."""

    position: int
    reason: str


@dataclass(frozen=True, slots=True)
class Untried:
    """A sound rule that would take too long beside the others."""


@dataclass(frozen=True, slots=True)
class Caught:
    """A rule, the papers that it catches, and those it would if it left nothing out, as bits."""

    rule: Rule
    query: Query
    bits: int
    wider: int


MOST_WORK = 60_000_000
"""About six seconds if everything is as slow as can be; sound rules take a hundredth of it."""
UNBOUNDED = 1 << 62
"""For whoever tries rules on a machine of his own."""


def caught(
    rules: Iterable[Rule], stock: Stock, work: int = MOST_WORK
) -> Iterator[Caught | Wrong | Untried]:
    """Each rule in its turn; one that takes more than is left of the work is not tried."""
    asked = tuple(rules)
    index, known = stock.index(likes_in(rule.query for rule in asked)), set[Term]()
    for rule in asked:
        try:
            query = parse(rule.query)
        except QueryError as error:
            yield Wrong(error.position, error.reason)
            continue
        fresh = set(terms_of(query)) - known
        takes = sum(map(stock.window.catalogue.work, fresh))
        if takes > work:
            yield Untried()
            continue
        work -= takes
        known |= fresh
        bits, wider = index.match(query), index.match(included(query))
        yield Caught(rule, query, bits & stock.bits, wider & stock.bits)
