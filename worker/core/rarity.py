"""How rare words are, in thousandths of a bit: what is in one of a thousand papers tells ten bits.

The rarity of what ``df`` of N papers have is log2((N + 1) / (df + 1)).
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import lru_cache
from itertools import accumulate
from math import log2

from worker.core.plural import singular
from worker.core.terms import Words


def rarity(having: int, size: int) -> int:
    """Of what so many of so many papers have; never less than 0."""
    return round(1000 * log2((size + 1) / (min(having, size) + 1)))


class Rarity:
    """The words of so many papers, by how rare they are. Never changes.

    ``counts`` are the folded words of some of the papers each, with how many have them. A word and
    its plural are one; a paper that has both may count twice.
    """

    def __init__(self, size: int, counts: Iterable[Mapping[str, int]]) -> None:
        self._size = size
        self._counts: Counter[str] = Counter()
        for some in counts:
            self._counts.update(some)
        self._singular: Counter[str] = Counter()
        for word, count in self._counts.items():
            self._singular[singular(word)] += count
        self._sorted = sorted(self._counts)
        self._sums = [0, *accumulate(self._counts[word] for word in self._sorted)]
        self._of = lru_cache(maxsize=1 << 16)(self._found)

    def of(self, term: Words) -> int:
        """That of its rarest word: the whole term is at least as rare."""
        return max(map(self._of, term.words))

    def _found(self, word: str) -> int:
        folded = word.casefold()
        if folded.endswith("*"):
            return rarity(self._beginning(folded[:-1]), self._size)
        return rarity(self._singular[singular(folded)], self._size)

    def _beginning(self, stem: str) -> int:
        """How many papers have a word that begins so, or more."""
        first = bisect_left(self._sorted, stem)
        beyond = bisect_left(self._sorted, stem + chr(0x10FFFF), first)
        return self._sums[beyond] - self._sums[first]
