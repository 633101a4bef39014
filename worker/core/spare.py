"""A paper that breaks the rendering of its digest is only named in it; the others are shown.

A digest that fails is tried with one paper at a time shown, and those that fail alone are at fault.
If none does, or each of several does, then it is the template that fails, and not a paper.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from worker.core.jinja import (
    RenderError,
)
from worker.core.message import Letter
from worker.model import PaperNumber

Unshown = frozenset[PaperNumber]

Lay = Callable[[Unshown], Letter]
"""Lays a digest out with these papers only named. Raises RenderError."""

NONE: Unshown = frozenset()


def spared(papers: Iterable[PaperNumber], lay: Lay) -> tuple[Letter, Unshown]:
    """The letter, and which papers are only named in it. Raises RenderError for a template."""
    try:
        return lay(NONE), NONE
    except RenderError:
        broken = _breaking(frozenset(papers), lay)
        if not broken:
            raise
    return lay(broken), broken


def _breaking(papers: Unshown, lay: Lay) -> Unshown:
    if not _lays(lay, papers):
        return NONE
    broken = frozenset(paper for paper in papers if not _lays(lay, papers - {paper}))
    return NONE if len(broken) == len(papers) > 1 else broken


def _lays(lay: Lay, unshown: Unshown) -> bool:
    try:
        lay(unshown)
    except RenderError:
        return False
    return True
