"""What rules would have caught over the last 30 days, and what to know of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice

from worker.core.advice import Advice, advice
from worker.core.caught import MOST_WORK, Caught, Untried, Wrong, caught
from worker.core.entries import entries_of
from worker.core.named import MOST_RULES
from worker.core.stock import Stock
from worker.core.view import Entry
from worker.model import Rule

SHOWN = 5
"""Papers shown for each rule."""
NAMED = 3
"""Titles given of what it leaves out."""
ROOM = 200
"""So many rules of sets and written ones are tried at a time."""


@dataclass(frozen=True, slots=True)
class Span:
    """A week of the trial: up to seven days from ``first`` on; only the oldest may have fewer."""

    first: date
    days: int


@dataclass(frozen=True, slots=True)
class Tried:
    """One rule: how many papers it would have caught, in all and in each week, oldest first.

    ``share`` is that of all papers, from 0 to 1; ``newest`` are a few of the papers, ``removed``
    how many its NOT parts left out, ``removed_titles`` a few of these. ``wrong`` says why it cannot
    be taken; ``untried`` that it is sound but would take too long. All else is empty then.
    """

    rule: Rule
    papers: int = 0
    share: float = 0.0
    weeks: tuple[int, ...] = ()
    newest: tuple[Entry, ...] = ()
    removed: int = 0
    removed_titles: tuple[str, ...] = ()
    advice: tuple[Advice, ...] = ()
    wrong: Wrong | None = None
    untried: bool = False


@dataclass(frozen=True, slots=True)
class Trial:
    """All rules: ``papers`` were listed in ``days`` days up to ``last``, ``caught`` by any rule.

    ``per_week`` of them came in a week; ``share`` is their share of all, from 0 to 1. The last
    ``left_out`` rules were not tried, as there were too many.
    """

    rules: tuple[Tried, ...]
    weeks: tuple[Span, ...]
    last: date
    days: int
    papers: int
    caught: int
    per_week: float
    share: float
    left_out: int


def trial(
    rules: Sequence[Rule], stock: Stock, most: int = MOST_RULES, work: int = MOST_WORK
) -> Trial:
    """What the first ``most`` of the rules would have caught, as far as ``work`` suffices."""
    found = tuple(zip(rules, caught(rules[:most], stock, work), strict=False))
    good = [one for _, one in found if isinstance(one, Caught)]
    bits = 0
    for one in good:
        bits |= one.bits
    return Trial(
        rules=tuple(_tried(rule, one, good, stock) for rule, one in found),
        weeks=tuple(Span(week.first, week.days) for week in stock.weeks),
        last=stock.last,
        days=stock.days,
        papers=stock.size,
        caught=bits.bit_count(),
        per_week=bits.bit_count() * 7 / max(7, stock.days),
        share=_share(bits, stock),
        left_out=max(0, len(rules) - most),
    )


def _tried(
    rule: Rule, one: Caught | Wrong | Untried, good: Sequence[Caught], stock: Stock
) -> Tried:
    if isinstance(one, Wrong):
        return Tried(rule, wrong=one)
    if isinstance(one, Untried):
        return Tried(rule, untried=True)
    newest, removed = stock.window.newest(one.bits), one.wider & ~one.bits
    titles = (paper.title for paper in stock.window.newest(removed))
    return Tried(
        rule,
        papers=one.bits.bit_count(),
        share=_share(one.bits, stock),
        weeks=tuple((one.bits & week.bits).bit_count() for week in stock.weeks),
        newest=entries_of(islice(newest, SHOWN), (rule,)),
        removed=removed.bit_count(),
        removed_titles=tuple(islice(titles, NAMED)),
        advice=advice(one, good, stock),
    )


def _share(bits: int, stock: Stock) -> float:
    return bits.bit_count() / stock.size if stock.size else 0.0


def roomier(most: int, written: Sequence[Rule], all_: Sequence[Rule]) -> int:
    """How many are tried where ``most`` written ones are: those of sets besides, to a limit.

    They are the operator's, and the same for everybody.
    """
    return max(most, min(ROOM, most + len(all_) - len(written)))
