"""Which papers of a batch a rule matches: a few ``& | ~`` on integers, for all papers at once.

The papers are indexed, not the rules: a batch is small, and rules repeat each other's terms.
"""

from __future__ import annotations

from collections.abc import Sequence

from worker.core.catalogue import Catalogue
from worker.core.terms import And, Not, Or, Query
from worker.model import Paper


class Index:
    """The papers of one batch. Equal terms, and equal queries, are evaluated once."""

    def __init__(self, papers: Sequence[Paper]) -> None:
        self._catalogue = Catalogue(papers)
        self._known: dict[Query, int] = {}

    @classmethod
    def over(cls, catalogue: Catalogue) -> Index:
        """One that remembers nothing yet, over papers that are findable already."""
        made = cls(())
        made._catalogue = catalogue
        return made

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
            case _:
                return self._catalogue.papers(query)
