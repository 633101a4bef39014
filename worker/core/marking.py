"""What rules look for in a paper, marked in its texts."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from worker.core.evidence import spans, terms
from worker.core.query import Query, QueryError, parse
from worker.core.trim import Piece, pieces
from worker.model import Paper, Rule

_KEPT: Final = 128
"""Papers of the digest being written: it is laid out many times until it fits."""


@lru_cache(maxsize=_KEPT)
def looked_for(
    rules: tuple[Rule, ...], paper: Paper
) -> tuple[tuple[Piece, ...], tuple[Piece, ...], tuple[str, ...]]:
    """The title and the abstract with what the rules ask for marked, and the terms it has."""
    queries = _queries(rules)
    return (
        pieces(paper.title, spans(queries, paper.title, "title")),
        pieces(paper.abstract, spans(queries, paper.abstract, "abstract")),
        terms(queries, paper),
    )


def _queries(rules: Sequence[Rule]) -> tuple[Query, ...]:
    """The rules as they were when they chose the paper; one that no longer parses marks nothing."""
    queries = []
    for rule in rules:
        try:
            queries.append(parse(rule.query))
        except QueryError:
            continue
    return tuple(queries)
