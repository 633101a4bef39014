"""What a reader's rules match behind his cursor, and what is to be said of those that cannot."""

from __future__ import annotations

from worker.core.batch import Batch
from worker.core.order import heaviest_first
from worker.core.query import QueryError
from worker.core.scan import NoSuchSet
from worker.model import PaperVersion, Pick, Rule, Subscriber


def matched(who: Subscriber, batch: Batch) -> tuple[tuple[Pick, ...], tuple[str, ...]]:
    """The picks among the papers he has not read, and a note for each rule that cannot be read."""
    reasons: dict[PaperVersion, list[Rule]] = {}
    notes: list[str] = []
    for rule in heaviest_first(who.rules):
        try:
            for paper in batch.matches(rule, who.cursor.paper):
                reasons.setdefault(paper.which, []).append(rule)
        except QueryError as error:
            notes.append(_left_out(rule, error))
    picks = tuple(batch.pick(which, rules) for which, rules in sorted(reasons.items()))
    return picks, tuple(notes)


def _left_out(rule: Rule, error: QueryError) -> str:
    if isinstance(error, NoSuchSet):
        return f"Your rule “{rule.name}” names a set that is no longer there and was left out."
    return f"Your rule “{rule.name}” can no longer be read and was left out: {error}"
