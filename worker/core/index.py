"""Which papers of a batch a rule matches: a few ``& | ~`` on integers, for all papers at once.

The papers are indexed, not the rules: a batch is small, and rules repeat each other's terms.
"""

from __future__ import annotations

from worker.core.catalogue import Catalogue
from worker.core.likeness import NO_LIKENESS, Likeness
from worker.core.terms import And, Like, Not, Or, Query


class Index:
    """The papers of one batch. Equal terms, and equal queries, are evaluated once.

    ``likeness`` knows the exemplars of the rules, without which nothing is like them.
    """

    def __init__(self, catalogue: Catalogue, likeness: Likeness = NO_LIKENESS) -> None:
        self._catalogue = catalogue
        self.likeness = likeness
        self._known: dict[Query, int] = {}

    def match(self, query: Query) -> int:
        """The papers that the query matches: bit i for the i-th paper of the batch."""
        bits = self._known.get(query)
        if bits is None:
            bits = self._known[query] = self._evaluated(query)
        return bits

    def _evaluated(self, query: Query) -> int:
        match query:
            case And(parts):
                bits = self._catalogue.everything
                for part in parts:
                    bits &= self.match(part)
                return bits
            case Or(parts):
                bits = 0
                for part in parts:
                    bits |= self.match(part)
                return bits
            case Not(part):
                return self._catalogue.everything & ~self.match(part)
            case Like():
                return self.likeness.papers(query, self._catalogue)
            case _:
                return self._catalogue.papers(query)
