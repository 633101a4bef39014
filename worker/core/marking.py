"""What rules look for in papers, marked in their texts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from worker.core.catalogue import Catalogue
from worker.core.evidence import had, in_writing, where
from worker.core.query import readable
from worker.core.terms import Field, Term
from worker.core.trim import Piece, pieces
from worker.model import Paper, Rule

Chosen = tuple[tuple[Rule, ...], Paper]
"""A paper, and the rules that chose it."""

_KEPT: Final = 4
"""Digests being written: each is laid out many times until it fits."""


@dataclass(frozen=True, slots=True)
class Marked:
    """A paper with the ``rules`` that chose it: what they ask for is marked in title and abstract,
    and ``terms`` are those of theirs that it has.
    """

    rules: tuple[Rule, ...]
    paper: Paper
    title: tuple[Piece, ...]
    abstract: tuple[Piece, ...]
    terms: tuple[str, ...]


@lru_cache(maxsize=_KEPT)
def marked(chosen: tuple[Chosen, ...]) -> tuple[Marked, ...]:
    """All these papers at once: each rule is looked up once, however many it chose."""
    among = Catalogue([paper for _, paper in chosen])
    rules = dict.fromkeys(rule for its, _ in chosen for rule in its)
    sought = {rule: _had(rule, among) for rule in rules}
    return tuple(_marked(place, sought, among, its) for place, (its, _) in enumerate(chosen))


def _marked(
    place: int,
    sought: Mapping[Rule, Sequence[tuple[Term, int]]],
    among: Catalogue,
    rules: tuple[Rule, ...],
) -> Marked:
    paper = among.listed[place]
    its = tuple(
        dict.fromkeys(t for rule in rules for t, papers in sought[rule] if papers >> place & 1)
    )
    return Marked(
        rules,
        paper,
        pieces(paper.title, where(its, among, place, Field.TITLE)),
        pieces(paper.abstract, where(its, among, place, Field.ABSTRACT)),
        in_writing(its),
    )


def _had(rule: Rule, among: Catalogue) -> Sequence[tuple[Term, int]]:
    """As it was when it chose the papers; one that no longer parses marks nothing."""
    query = readable(rule.query)
    return had(query, among) if query else ()
