"""What somebody should know of his rules: sentences, each of one kind."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from worker.core.caught import Caught
from worker.core.exemplars import UNKNOWN, likes_of, named
from worker.core.measure import Bounds, Measure
from worker.core.misspelt import misspelt
from worker.core.parts import terms_of
from worker.core.stock import Stock
from worker.core.terms import Term, Top
from worker.core.weight import called, unweighted
from worker.core.written import written

BROAD = 4
"""One paper in so many is too much for a rule; of fewer than ``FEW`` papers that says nothing."""
FEW = 20
EVERY = "*"
"""Whoever writes that wants it so."""


class AdviceKind(StrEnum):
    """What is the matter with a rule."""

    MISSPELT = "misspelt"  # a word of it is nowhere, and one nearly like it is
    UNCOUNTED = "uncounted"  # it asks for upvotes, and no source counts any
    UNKNOWN = "unknown"  # nobody here knows the paper that others are to be like
    KILLED = "killed"  # its own NOT removes all that it would catch
    DEAD = "dead"  # it catches nothing
    SWALLOWED = "swallowed"  # another rule catches all that it does
    TOO_BROAD = "too broad"


@dataclass(frozen=True, slots=True)
class Advice:
    """One sentence to whoever wrote the rule."""

    kind: AdviceKind
    text: str


def advice(one: Caught, all_: Sequence[Caught], stock: Stock) -> tuple[Advice, ...]:
    """What is to be said of one of these rules. Nothing is, where there are no papers."""
    return tuple(_advice(one, all_, stock)) if stock.size else ()


def _advice(one: Caught, all_: Sequence[Caught], stock: Stock) -> Iterator[Advice]:
    for found in misspelt(one.query, stock):
        yield Advice(AdviceKind.MISSPELT, found)
    count = one.bits.bit_count()
    if uncounted := _uncounted(one, stock):
        yield Advice(AdviceKind.UNCOUNTED, uncounted)
    if unknown := _unknown(one, stock):
        yield Advice(AdviceKind.UNKNOWN, unknown)
    if not count and (uncounted or unknown):
        return
    if not count:
        yield _nothing(one.wider.bit_count(), stock.days)
        return
    if other := _swallower(one, all_):
        yield Advice(AdviceKind.SWALLOWED, _by(one, other))
    if stock.size >= FEW and count * BROAD > stock.size and unweighted(one.rule.query) != EVERY:
        share = f"{count / stock.size:.0%} of all papers ({count:,} of {stock.size:,})"
        yield Advice(AdviceKind.TOO_BROAD, f"It catches {share}; one more word makes it narrower.")


def _unknown(one: Caught, stock: Stock) -> str:
    """That the paper is not known which others are to be like; empty if it is."""
    absent = stock.absent(likes_of(one.query))
    return f"Nothing is {named(absent[0])}: {UNKNOWN}." if absent else ""


def _uncounted(one: Caught, stock: Stock) -> str:
    """That what it asks for is nowhere counted; empty if it is, or if it asks for no upvotes."""
    asked = [written(term) for term in terms_of(one.query) if _is_of_upvotes(term)]
    if not asked or any(paper.counts.upvotes is not None for paper in stock.papers):
        return ""
    return f"The source counts no upvotes, so {asked[0]} matches nothing."


def _is_of_upvotes(term: Term) -> bool:
    return isinstance(term, Top) or (isinstance(term, Bounds) and term.measure is Measure.UPVOTES)


def _nothing(would: int, days: int) -> Advice:
    if not would:
        lately = "on the last day" if days == 1 else f"in the last {_counted(days, 'day')}"
        return Advice(AdviceKind.DEAD, f"It caught nothing {lately}.")
    left = "the only paper" if would == 1 else f"all {would:,} papers"
    return Advice(AdviceKind.KILLED, f"Its own NOT leaves out {left} that it would catch.")


def _swallower(one: Caught, all_: Sequence[Caught]) -> Caught | None:
    """The first other rule that catches all that this one does; of equal ones, an earlier."""
    earlier = True
    for other in all_:
        if other is one:
            earlier = False
        elif not one.bits & ~other.bits and (earlier or one.bits != other.bits):
            return other
    return None


def _by(one: Caught, other: Caught) -> str:
    name, count = shown(called(other.rule)), one.bits.bit_count()
    if one.bits == other.bits:
        return f"It catches the same {_counted(count, 'paper')} as {name}."
    which = "its only paper" if count == 1 else f"all of its {count:,} papers"
    return f"{name} catches {which} as well."


def shown(name: str) -> str:
    """The name in quotes, as much of it as a sentence takes."""
    return f"“{name if len(name) <= 60 else name[:59] + '…'}”"


def _counted(number: int, what: str) -> str:
    return f"{number:,} {what}" + "s" * (number != 1)
