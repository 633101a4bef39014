"""What rules look for in papers, marked in their texts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from worker.core.catalogue import Catalogue
from worker.core.evidence import as_typed, had, where
from worker.core.query import readable
from worker.core.terms import Field, Term
from worker.core.trim import Piece, pieces
from worker.model import Paper, Rule

FEW: Final = 200
"""Looks of a rule at a paper, up to which one page or mail has its papers looked at one by one."""

_KEPT: Final = 256  # papers, each with its rules: about those of a day's digests

Chosen = tuple[tuple[Rule, ...], Paper]
"""A paper, and the rules that chose it."""


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


def marked(chosen: Sequence[Chosen]) -> tuple[Marked, ...]:
    """Each of these papers. Of few rules it is kept, as a paper is shown to many who have them; of
    many, all papers are looked at together.
    """
    if sum(len(rules) for rules, _ in chosen) > FEW:
        return _together(chosen)
    return tuple(_alone(*each) for each in chosen)


@lru_cache(maxsize=_KEPT)
def _alone(rules: tuple[Rule, ...], paper: Paper) -> Marked:
    return _together([(rules, paper)])[0]


def _together(chosen: Sequence[Chosen]) -> tuple[Marked, ...]:
    """All of them at once: each rule is looked up once, however many papers it chose."""
    all_ = dict.fromkeys(rule for rules, _ in chosen for rule in rules)
    among = Catalogue([paper for _, paper in chosen] if all_ else ())
    sought = {rule: _had(rule, among) for rule in all_}
    return tuple(
        _marked(rules, paper, _its(place, [sought[rule] for rule in rules]), among, place)
        for place, (rules, paper) in enumerate(chosen)
    )


def _its(place: int, sought: Sequence[Sequence[tuple[Term, int]]]) -> tuple[Term, ...]:
    """The terms of these that the paper at this place has."""
    each = (term for had in sought for term, papers in had if papers >> place & 1)
    return tuple(dict.fromkeys(each))


def _marked(
    rules: tuple[Rule, ...], paper: Paper, its: Sequence[Term], among: Catalogue, place: int
) -> Marked:
    return Marked(
        rules,
        paper,
        pieces(paper.title, where(its, among, place, Field.TITLE)),
        pieces(paper.abstract, where(its, among, place, Field.ABSTRACT)),
        as_typed(its),
    )


def _had(rule: Rule, among: Catalogue) -> Sequence[tuple[Term, int]]:
    """As it was when it chose the papers; one that no longer parses marks nothing."""
    query = readable(rule.query)
    return had(query, among) if query else ()
