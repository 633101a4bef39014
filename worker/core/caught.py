"""Rules evaluated on a stock of papers, as far as that is worth its time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from worker.core.exclusions import included
from worker.core.query import QueryError, parse
from worker.core.stock import Stock
from worker.core.terms import Query
from worker.model import Rule


@dataclass(frozen=True, slots=True)
class Wrong:
    """Why a rule cannot be taken; ``position`` counts its characters from 0."""

    position: int
    reason: str


@dataclass(frozen=True, slots=True)
class Caught:
    """A rule, the papers that it catches, and those it would if it left nothing out, as bits."""

    rule: Rule
    query: Query
    bits: int
    wider: int


def caught(rules: Sequence[Rule], stock: Stock) -> Iterator[Caught | Wrong]:
    """Each rule in its turn."""
    index = stock.window.index()
    for rule in rules:
        try:
            query = parse(rule.query)
        except QueryError as error:
            yield Wrong(error.position, error.reason)
            continue
        bits, wider = index.match(query), index.match(included(query))
        yield Caught(rule, query, bits & stock.bits, wider & stock.bits)
