"""What is in a digest, rule by rule: its contents list."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from worker.core.bars import Bars, bars
from worker.digests import Trend
from worker.manner import Order
from worker.model import Pick, Rule

FEWEST_DAYS: Final = 7
"""Of fewer days a picture says nothing."""
MOST_QUIET: Final = 12
"""Rules that caught nothing and are listed all the same; whoever has more knows them."""
MOST_LISTED: Final = 100
"""Rules in all: whoever has more looks for papers, not for rules."""
MOST_DRAWN: Final = 20
"""Rules whose days are drawn: each takes room from the papers."""


@dataclass(frozen=True, slots=True)
class ContentsLine:
    """One rule and how many papers of this digest stand under it.

    ``also`` are those that it caught too and that stand under an earlier rule of his. ``bars`` are
    its last days, None where nobody counted, or for a few days only.
    """

    rule: str
    count: int
    also: int
    bars: Bars | None


def contents(
    picks: Sequence[Pick],
    trends: Sequence[Trend],
    order: Order,
    line: int | None,
    *,
    drawn: bool,
    most: int | None = None,
) -> tuple[ContentsLine, ...]:
    """The rules in the order of their sections, and behind them those that caught nothing.

    In a digest of one list, each rule counts all that it caught. Names are cut to ``line``. Of more
    than ``most`` rules the others are counted together, at the end.
    """
    first = Counter(pick.rules[0].name for pick in picks)
    each = Counter(rule.name for pick in picks for rule in _distinct(pick))
    known = {trend.rule: trend.days for trend in trends}
    told = {rule for rule, days in known.items() if drawn and len(days) >= FEWEST_DAYS}
    all_ = tuple(dict.fromkeys((*first, *each, *_quiet(known, each))))
    shown = all_[: min(MOST_LISTED, most or MOST_LISTED)]
    parts = tuple(
        ContentsLine(
            rule=rule[:line],
            count=first[rule] if order is Order.RULES else each[rule],
            also=each[rule] - first[rule] if order is Order.RULES else 0,
            bars=bars(known[rule]) if rule in told and place < MOST_DRAWN else None,
        )
        for place, rule in enumerate(shown)
    )
    return (*parts, *_others(picks, all_[len(shown) :], order))


def _others(picks: Sequence[Pick], rules: Sequence[str], order: Order) -> Iterable[ContentsLine]:
    """The papers under these rules, as one part."""
    if rules:
        among, firsts = frozenset(rules), 1 if order is Order.RULES else None
        count = sum(any(rule.name in among for rule in pick.rules[:firsts]) for pick in picks)
        yield ContentsLine(f"{len(rules)} more rule{'s' if len(rules) > 1 else ''}", count, 0, None)


def _distinct(pick: Pick) -> Iterable[Rule]:
    return {rule.name: rule for rule in pick.rules}.values()


def _quiet(known: Iterable[str], caught: Counter[str]) -> Iterable[str]:
    quiet = [rule for rule in known if not caught[rule]]
    return quiet if len(quiet) <= MOST_QUIET else ()
