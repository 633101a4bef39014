"""The papers that only his NOTs keep from a reader."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container
from contextlib import suppress
from typing import Final

from worker.core.batch import Batch
from worker.core.query import QueryError
from worker.model import Paper, PaperNumber, Pick, Rule, Subscriber

KEPT: Final = 100
"""More than anybody looks through; all are counted."""


def removed(who: Subscriber, batch: Batch, caught: Container[PaperNumber]) -> tuple[Pick, ...]:
    """The papers behind his cursor that rules of his would catch but for a NOT, with these rules.

    None that is ``caught`` after all. The newest day first; on a day the best match, and of
    equal ones what most rules removed.
    """
    rules: defaultdict[Paper, list[Rule]] = defaultdict(list)
    for rule in who.rules:
        with suppress(QueryError):  # his digest has a note of it
            for paper in batch.removed(rule, who.cursor.paper):
                if paper.number not in caught:
                    rules[paper].append(rule)
    picks = [(paper, batch.pick(paper.which, its)) for paper, its in rules.items()]
    picks.sort(
        key=lambda one: (-one[0].day.toordinal(), -one[1].score, -len(one[1].rules), one[0].number)
    )
    return tuple(pick for _, pick in picks)
