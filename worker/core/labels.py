"""What a paper has in each field: texts that a regex is tried on, and labels, found whole."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import Final, assert_never

from worker.core.identity import normalise_id
from worker.core.terms import Field
from worker.model import Paper


def texts(paper: Paper, field: Field) -> tuple[str, ...]:
    """What the paper has in this field, as a regex sees it: identifiers without ``arxiv:``."""
    match field:
        case Field.TITLE:
            return (paper.title,)
        case Field.ABSTRACT:
            return (paper.abstract,)
        case Field.AUTHOR:
            return paper.authors
        case Field.CAT:
            return paper.categories
        case Field.ID:
            return tuple(key.partition(":")[2] or key for key in paper.ids)
        case Field.KIND:
            return (paper.kind.value,)
        case Field.SOURCE:
            return (paper.source,)
        case _:
            assert_never(field)


def labelled(papers: Iterable[Paper], field: Field) -> Mapping[str, int]:
    """The labels of this field, each with the papers that have it: bit i for paper i."""
    bits: defaultdict[str, int] = defaultdict(int)
    for i, paper in enumerate(papers):
        for label in _LABELS[field](paper):
            bits[label] |= 1 << i
    return bits


def _categories(paper: Paper) -> Iterable[str]:
    """``cs.CV`` is found as itself and under ``cs``."""
    for category in paper.categories:
        parts = category.casefold().split(".")
        yield from (".".join(parts[:depth]) for depth in range(1, len(parts) + 1))


def _identifiers(paper: Paper) -> Iterable[str]:
    for key, bare in zip(paper.ids, texts(paper, Field.ID), strict=True):
        yield from (normalise_id(key) or key.casefold(), bare.casefold())


_LABELS: Final[dict[Field, Callable[[Paper], Iterable[str]]]] = {
    Field.CAT: _categories,
    Field.ID: _identifiers,
    Field.KIND: lambda paper: texts(paper, Field.KIND),
    Field.SOURCE: lambda paper: (paper.source.casefold(),),
}
