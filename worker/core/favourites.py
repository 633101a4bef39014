"""The rules that most read by, and what each of them matches."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from worker.core.exemplars import likes_in
from worker.core.query import QueryError, parse
from worker.core.rulesets import NO_SETS, RuleSets, unfolded
from worker.core.stock import Stock
from worker.figures import Read
from worker.model import Rule

MOST: Final = 30


@dataclass(frozen=True, slots=True)
class Used:
    """A query, how many read by it, and how many of the papers it matches; None: it is no rule."""

    query: str
    readers: int
    papers: int | None


@dataclass(frozen=True, slots=True)
class Favourites:
    """The rules that most have, tried on so many papers of so many days."""

    rules: tuple[Used, ...]
    papers: int
    days: int


def favourites(rules: Iterable[Read], stock: Stock, sets: RuleSets = NO_SETS) -> Favourites:
    """The rules that most have, tried on these papers; one of a set as all that it comes to."""
    first = list(rules)[:MOST]
    come_to = {each.query: unfolded((Rule(each.query, each.query),), sets) for each in first}
    every = (rule.query for those in come_to.values() for rule in those)
    index = stock.index(likes_in(every))

    def papers(query: str) -> int | None:
        bits = 0
        try:
            for rule in come_to[query]:
                bits |= index.match(parse(rule.query))
        except QueryError:
            return None
        return (bits & stock.bits).bit_count()

    used = tuple(Used(each.query, each.readers, papers(each.query)) for each in first)
    return Favourites(used, stock.size, stock.days)
