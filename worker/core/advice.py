"""What somebody should know of his rules: sentences, each of one kind."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from worker.core.caught import Caught
from worker.core.misspelt import misspelt
from worker.core.stock import Stock

BROAD = 4
"""One paper in so many is too much for a rule; of fewer than ``FEW`` papers that says nothing."""
FEW = 20
EVERY = "*"
"""Whoever writes that wants it so."""


class AdviceKind(StrEnum):
    """What is the matter with a rule."""

    MISSPELT = "misspelt"  # a word of it is nowhere, and one nearly like it is
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
    if not count:
        yield _nothing(one.wider.bit_count(), stock.days)
        return
    if other := _swallower(one, all_):
        yield Advice(AdviceKind.SWALLOWED, _by(one, other))
    if stock.size >= FEW and count * BROAD > stock.size and one.rule.query != EVERY:
        share = f"{count / stock.size:.0%} of all papers ({count:,} of {stock.size:,})"
        yield Advice(AdviceKind.TOO_BROAD, f"It catches {share}; one more word makes it narrower.")


def _nothing(would: int, days: int) -> Advice:
    if not would:
        return Advice(AdviceKind.DEAD, f"It caught nothing in the last {_counted(days, 'day')}.")
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
    name, count = shown(other.rule.name), one.bits.bit_count()
    if one.bits == other.bits:
        return f"It catches the same {_counted(count, 'paper')} as {name}."
    which = "its only paper" if count == 1 else f"all of its {count:,} papers"
    return f"{name} catches {which} as well."


def shown(name: str) -> str:
    """The name in quotes, as much of it as a sentence takes."""
    return f"“{name if len(name) <= 60 else name[:59] + '…'}”"


def _counted(number: int, what: str) -> str:
    return f"{number:,} {what}" + "s" * (number != 1)
