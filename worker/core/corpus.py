"""How much a word tells of what a paper is about: seldom used elsewhere, often here (TF-IDF)."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Final

from worker.core.catalogue import Catalogue

COMMON: Final = 0.2
"""A word that more of the papers have tells nothing: it is about papers, not about these."""

_LISTED: Final = """
also although among and any are because been being between both but can could did does each else
even few for from had has have hence her his how however if in into its many may might more most
much must nor not of on one only or other our out over own same several should since so some such
than that the their them then there these they this those though through thus to two under upon us
very via was we were what when where whereas whether which while who whose why will with within
without would yet you your
"""
_PLAIN: Final = frozenset(_LISTED.split())
"""Words of any sentence: where papers are few, chance makes them look seldom."""

Vector = Mapping[str, float]
"""The weights of a paper's telling words, in the singular; their squares add up to 1."""


class Corpus:
    """In how many of the papers at hand each word is. Never changes."""

    def __init__(self, counts: Iterable[Mapping[str, int]], size: int) -> None:
        """``counts`` are those of several parts (``in_papers``); ``size`` papers in all."""
        self.size = size
        known: Counter[str] = Counter()
        for part in counts:
            known.update(part)
        self._telling = {word: self._tells(word, count) for word, count in known.items()}

    def vector(self, tally: Mapping[str, int]) -> Vector:
        """What a paper with these words is about: (1 + log of how often) x (log of how seldom)."""
        known = self._telling
        weights = {
            word: (1 + math.log(count)) * tells
            for word, count in tally.items()
            if (tells := known[word] if word in known else self._tells(word, 0))
        }
        length = math.hypot(*weights.values())
        return {word: weight / length for word, weight in weights.items()}

    def _tells(self, word: str, count: int) -> float:
        if count > COMMON * self.size or len(word) < 2 or word.isdigit() or word in _PLAIN:
            return 0.0
        return math.log((self.size + 1) / (count + 1))


def in_papers(catalogue: Catalogue) -> Counter[str]:
    """Each word, in the singular, with the number of these papers that have it."""
    counts: Counter[str] = Counter()
    for paper in range(len(catalogue.listed)):
        counts.update(catalogue.tally(paper).keys())
    return counts
