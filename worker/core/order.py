"""What comes first in a digest, and what a cap keeps out of it.

Nothing that matched is lost, nothing comes twice, and nobody is shown last month's papers because
of last month's cap: the best of all come, whether new or held over, of equal ones those that have
waited longer. What is kept out waits for the next digest; what was kept out of so many digests in a
row (``MOST_HELD``) waits no longer, and is left on the page of the last one, which says so.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace

from worker.core.weight import called, unweighted, weight
from worker.manner import Order
from worker.model import MOST_HELD, PaperNumber, PaperVersion, Pick, Rule, Subscriber

Votes = Callable[[PaperVersion], int]
"""The upvotes that a paper has, as it was planned."""


@dataclass(frozen=True, slots=True)
class Capped:
    """What comes, what waits for the next digest, and what is left on the page of this one."""

    chosen: tuple[Pick, ...]
    held_over: tuple[Pick, ...]
    left: tuple[Pick, ...]


def heaviest_first(rules: Iterable[Rule]) -> list[Rule]:
    """The rules; of one weight, in his order."""
    return sorted(rules, key=lambda rule: -weight(rule.query))


def in_order(who: Subscriber, picks: Iterable[Pick], votes: Votes) -> list[Pick]:
    """As he wants them: a section for each rule, the best match first; or the most upvoted first.

    The section of a heavier rule comes before those of others. Papers whose rule he has since
    dropped come last: they were promised, so they are not lost.
    """
    if who.manner.order is Order.UPVOTES:
        return sorted(picks, key=lambda pick: (-votes(pick.which), -pick.score, pick.paper))
    places = {_what(rule): place for place, rule in enumerate(heaviest_first(who.rules))}

    def place(pick: Pick) -> tuple[int, str, int, PaperNumber]:
        first = pick.rules[0]
        return places.get(_what(first), len(places)), first.name, -pick.score, pick.paper

    return sorted(picks, key=place)


def _what(rule: Rule) -> tuple[str, str]:
    """By which it is the same rule, also where he has given it another weight since."""
    return called(rule), unweighted(rule.query)


def capped(
    who: Subscriber, picks: Sequence[Pick], votes: Votes, uncounted: Collection[PaperNumber] = ()
) -> Capped:
    """The best up to his cap, and the rest; all keep the order they came in.

    The ``uncounted`` were kept out of a digest that this one replaces: that counts once.
    """
    upvoted = who.manner.order is Order.UPVOTES

    def best(pick: Pick) -> tuple[int, int, int, PaperNumber]:
        return -votes(pick.which) if upvoted else 0, -pick.score, -pick.held, pick.paper

    first = {pick.paper for pick in sorted(picks, key=best)[: who.max_papers]}
    out = [
        pick if pick.paper in uncounted else replace(pick, held=pick.held + 1)
        for pick in picks
        if pick.paper not in first
    ]
    return Capped(
        chosen=tuple(pick for pick in picks if pick.paper in first),
        held_over=tuple(pick for pick in out if pick.held <= MOST_HELD),
        left=tuple(pick for pick in out if pick.held > MOST_HELD),
    )


def told_of(left: Sequence[Pick]) -> tuple[str, ...]:
    """The note to him about those that wait no longer, if there are any."""
    if not left:
        return ()
    papers, have, wait = ("1 paper", "has", "waits")
    if len(left) > 1:
        papers, have, wait = (f"{len(left):,} papers", "have", "wait")
    room = "More papers a digest, or narrower rules, would make room."
    return (f"{papers} {have} waited for room in {MOST_HELD} digests and {wait} no longer. {room}",)
