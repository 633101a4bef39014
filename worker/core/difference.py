"""What a change of rules makes on the papers of the last 30 days."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from worker.core.caught import Caught, caught
from worker.core.named import MOST_RULES
from worker.core.shown import shown
from worker.core.stock import Stock
from worker.core.view import Entry
from worker.model import Rule

SHOWN = 20
"""Papers shown of those that come, and of those that go; all are counted."""


@dataclass(frozen=True, slots=True)
class Difference:
    """How many papers were caught ``before`` and are ``after``; which come and which go.

    The ``added`` entries name the rules that now catch them, the ``lost`` ones those that did. A
    rule that cannot be taken catches nothing.
    """

    before: int
    after: int
    more: int
    fewer: int
    added: tuple[Entry, ...]
    lost: tuple[Entry, ...]


def difference(
    before: Sequence[Rule], after: Sequence[Rule], stock: Stock, most: int = MOST_RULES
) -> Difference:
    """The papers that only one of both sets of rules catches; the first ``most`` of each count."""
    old, new = (tuple(_caught(rules[:most], stock)) for rules in (before, after))
    was, will = _any(old), _any(new)
    return Difference(
        before=was.bit_count(),
        after=will.bit_count(),
        more=(will & ~was).bit_count(),
        fewer=(was & ~will).bit_count(),
        added=_shown(will & ~was, new, stock),
        lost=_shown(was & ~will, old, stock),
    )


def _caught(rules: Sequence[Rule], stock: Stock) -> Iterator[Caught]:
    return (one for one in caught(rules, stock) if isinstance(one, Caught))


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
        entries += shown((stock.window.papers[newest],), those, len(entries) + 1)
        bits ^= 1 << newest
    return tuple(entries)
