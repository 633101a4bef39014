"""The papers that rules want others to be like, wherever they are kept."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from worker.core.exemplars import among, key, likes_in, made_up
from worker.core.likeness import NO_LIKENESS, Likeness
from worker.core.past import Past
from worker.core.stock import Stock
from worker.core.terms import Like
from worker.model import Paper, PaperNumber
from worker.ports import PaperLog
from worker.sightings import Carried


async def exemplars(
    likes: Iterable[Like], at_hand: Iterable[Paper], papers: PaperLog, ledger: Carried
) -> Mapping[Like, Paper]:
    """Among the papers at hand, else in the log, else as the ledger has it from a planning.

    A title that none of them has is compared by its own words; an id is left out.
    """
    asked = tuple(likes)
    here = among(asked, at_hand)
    missing = {key(like): like for like in asked if like not in here}
    seen = await papers.known(missing)
    numbers = {missing[its]: each.number for its, each in seen.items()}
    found = await _found(set(numbers.values()), papers, ledger)
    kept = {like: found[number] for like, number in numbers.items() if number in found}
    return made_up(asked) | kept | here


async def likeness(
    rules: Iterable[str], past: Past, papers: PaperLog, ledger: Carried
) -> tuple[Likeness, tuple[Paper, ...]]:
    """Compares papers with the exemplars of these rules; and those of them that are in the log."""
    likes = likes_in(rules)
    if not likes:
        return NO_LIKENESS, ()
    found = await exemplars(likes, past.papers, papers, ledger)
    return Likeness(past.corpus, found), tuple(paper for paper in found.values() if paper.number)


async def beside(stock: Stock, rules: Iterable[str], papers: PaperLog, ledger: Carried) -> Stock:
    """The stock, with the exemplars of these rules."""
    likes = likes_in(rules)
    if not likes:
        return stock
    return replace(stock, kept=await exemplars(likes, stock.window.papers, papers, ledger))


async def _found(
    numbers: set[PaperNumber], papers: PaperLog, ledger: Carried
) -> Mapping[PaperNumber, Paper]:
    if not numbers:
        return {}
    kept = await papers.papers(PaperNumber(min(numbers) - 1))
    found = {paper.number: paper for paper in kept if paper.number in numbers}
    others = await ledger.versions(numbers - found.keys())
    return {paper.number: paper for paper in others} | found  # of one paper, the last version
