"""The papers of one planning, indexed once, and each different query evaluated once over them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from worker.core.index import Index
from worker.core.news import NOTHING_HEARD, Heard
from worker.core.past import NO_PAST, Past
from worker.core.query import QueryError, parse
from worker.digests import Receipt
from worker.model import Cursor, Intake, Paper, PaperNumber, Rule


class Batch:
    """A stretch of the paper log that several subscribers read, each from his own cursor on.

    ``papers`` and ``intakes`` follow each other without a gap up to ``end``, oldest first. What
    they are compared with is the ``past``, these papers included. ``heard`` is the news of others.
    """

    def __init__(
        self,
        papers: Sequence[Paper],
        intakes: Sequence[Intake],
        end: Cursor,
        past: Past = NO_PAST,
        heard: Heard = NOTHING_HEARD,
    ) -> None:
        self.end = end
        self.past = past
        self.heard = heard
        self._papers = papers
        self._intakes = intakes
        self._index = Index(papers)
        self._matches: dict[str, int | QueryError] = {}

    def matches(self, rule: Rule, after: PaperNumber) -> Iterator[Paper]:
        """The papers after this number to which the rule applies, oldest first.

        Raises QueryError if the rule no longer parses.
        """
        bits = self._evaluated(rule.query) & self._later_than(after)
        while bits:
            lowest = bits & -bits
            yield self._papers[lowest.bit_length() - 1]
            bits ^= lowest

    def receipt(self, since: Cursor) -> Receipt:
        """The counts of what was listed since that place; nothing is said of matches yet."""
        intakes = [intake for intake in self._intakes if intake.number > since.intake]
        kept = self._later_than(since.paper).bit_count()
        new = sum(intake.new for intake in intakes)
        seen = sum(intake.seen for intake in intakes if not intake.again)
        return Receipt(
            listed=new + seen,
            new=new,
            seen=seen,
            expired=self.end.paper - since.paper - kept,
            days=tuple(sorted({intake.day for intake in intakes})),
        )

    def _evaluated(self, query: str) -> int:
        if query not in self._matches:
            self._matches[query] = self._evaluate(query)
        found = self._matches[query]
        if isinstance(found, QueryError):
            raise found
        return found

    def _evaluate(self, query: str) -> int | QueryError:
        try:
            return self._index.match(parse(query))
        except QueryError as error:
            return error

    def _later_than(self, number: PaperNumber) -> int:
        if not self._papers:
            return 0
        earlier = max(0, number - self._papers[0].number + 1)
        everything = (1 << len(self._papers)) - 1
        return everything >> earlier << earlier
