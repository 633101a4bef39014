"""A paper that the NOTs of rules left out of a digest, as its page shows it."""

from __future__ import annotations

from dataclasses import dataclass

from worker.core.entry import page_url, search_url
from worker.core.rulings import Ruling, ruling
from worker.core.trim import Piece
from worker.model import Paper, Pick


@dataclass(frozen=True, slots=True)
class Remover:
    """A rule that would have caught it but for its NOT, and what of that the paper has."""

    rule: str
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LeftOut:
    """The paper, and the rules that did it; the words of the first one's NOT are marked in its
    title, or else in a passage of its abstract.
    """

    title: tuple[Piece, ...]
    passage: tuple[Piece, ...]
    url: str
    removers: tuple[Remover, ...]


def left_out(pick: Pick, paper: Paper) -> LeftOut:
    """The paper as it was then; the rules of then are asked again for the words."""
    asked = tuple(ruling(rule, paper) for rule in pick.rules)
    title, passage = _marked(asked)
    return LeftOut(
        title=title or (Piece(paper.title, marked=False),),
        passage=() if title else passage,
        url=page_url(paper) or search_url(paper.title),
        removers=tuple(Remover(one.rule.name, one.words) for one in asked),
    )


def _marked(asked: tuple[Ruling, ...]) -> tuple[tuple[Piece, ...], tuple[Piece, ...]]:
    return (asked[0].title, asked[0].passage) if asked else ((), ())
