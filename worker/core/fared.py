"""How rules and words fared over the past: each different query is evaluated once in a planning."""

from __future__ import annotations

from functools import cached_property

from worker.core.index import Index
from worker.core.likeness import Likeness
from worker.core.newwords import new_words
from worker.core.past import Past
from worker.core.query import parse


class Fared:
    """The past for one planning, with the exemplars of its rules."""

    def __init__(self, past: Past, likeness: Likeness) -> None:
        self.past = past
        self._likeness = likeness
        self._daily: dict[str, tuple[int, ...]] = {}

    def daily(self, query: str) -> tuple[int, ...]:
        """How many papers of each day the rule matches, the oldest first.

        Raises QueryError if the rule no longer parses.
        """
        days = self._daily.get(query)
        if days is None:
            days = self._daily[query] = self.past.daily(self._index.match(parse(query)))
        return days

    @cached_property
    def words(self) -> tuple[tuple[str, int], ...]:
        """The words that are new in the last week."""
        return new_words(self.past)

    @cached_property
    def _index(self) -> Index:
        return Index(self.past.catalogue, self._likeness)
