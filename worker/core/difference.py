"""What a change of rules makes on the papers of the last 30 days."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from worker.core.caught import MOST_WORK, Caught, Untried, Wrong, caught
from worker.core.entries import entries_of
from worker.core.named import MOST_RULES
from worker.core.stock import Stock
from worker.core.view import Entry
from worker.model import Rule

SHOWN = 20
"""Papers shown of those that come, and of those that go; all are counted."""


@dataclass(frozen=True, slots=True)
class Difference:
    """How many of the ``papers`` of ``days`` days were caught ``before`` and are ``after``; which
    come and which go.

    The ``added`` entries name the rules that now catch them, the ``lost`` ones those that did. A
    rule that cannot be taken catches nothing; ``untried`` rules of both would take too long.
    """

    papers: int
    days: int
    before: int
    after: int
    more: int
    fewer: int
    added: tuple[Entry, ...]
    lost: tuple[Entry, ...]
    untried: int


def difference(
    before: Sequence[Rule],
    after: Sequence[Rule],
    stock: Stock,
    most: int = MOST_RULES,
    work: int = MOST_WORK,
) -> Difference:
    """The papers that only one of both sets of rules catches; the first ``most`` of each count."""
    rules = (*before[:most], *after[:most])
    found = tuple(caught(rules, stock, work))
    old, new = _sound(found[: len(before[:most])]), _sound(found[len(before[:most]) :])
    was, will = _any(old), _any(new)
    return Difference(
        papers=stock.size,
        days=stock.days,
        before=was.bit_count(),
        after=will.bit_count(),
        more=(will & ~was).bit_count(),
        fewer=(was & ~will).bit_count(),
        added=_shown(will & ~was, new, stock),
        lost=_shown(was & ~will, old, stock),
        untried=sum(isinstance(one, Untried) for one in found),
    )


def _sound(found: Iterable[Caught | Wrong | Untried]) -> tuple[Caught, ...]:
    return tuple(one for one in found if isinstance(one, Caught))


def _any(rules: Sequence[Caught]) -> int:
    bits = 0
    for one in rules:
        bits |= one.bits
    return bits


def _shown(bits: int, rules: Sequence[Caught], stock: Stock) -> tuple[Entry, ...]:
    """The newest of these papers, each with all the rules that catch it."""
    entries: list[Entry] = []
    while bits and len(entries) < SHOWN:
        newest = bits.bit_length() - 1
        those = tuple(one.rule for one in rules if one.bits >> newest & 1)
        entries += entries_of((stock.window.papers[newest],), those, len(entries) + 1)
        bits ^= 1 << newest
    return tuple(entries)
