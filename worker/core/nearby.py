"""The word that was meant, for one that nobody writes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from heapq import nsmallest

SHORTEST = 4
"""Of three letters, each word is near to many."""
_LONG = 8
"""Letters from which on two may be wrong."""
_BEST = 5


class Nearby:
    """Words, each with the number of papers that have it, by what is nearly one of them.

    The distance is Damerau-Levenshtein's: letters missing, added, wrong, or two neighbours that
    changed places (optimal string alignment: no letter is touched twice).
    """

    def __init__(self, counts: Mapping[str, int]) -> None:
        self.known = {word: n for word, n in counts.items() if word.isalpha()}
        self._by_length: defaultdict[int, list[tuple[str, int]]] = defaultdict(list)
        for word in self.known:
            self._by_length[len(word)].append((word, _letters(word)))

    def near(self, word: str) -> tuple[str, ...]:
        """The few nearest to this folded word, the nearest first, of these the more frequent."""
        if len(word) < SHORTEST or not word.isalpha():
            return ()
        ranked = ((far, -self.known[one], one) for one, far in self._within(word))
        return tuple(one for _, _, one in nsmallest(_BEST, ranked))

    def _within(self, word: str) -> Iterator[tuple[str, int]]:
        """The other words near enough, and how far they are."""
        most, letters = 1 + (len(word) >= _LONG), _letters(word)
        for length in range(len(word) - most, len(word) + most + 1):
            for one, its in self._by_length.get(length, ()):
                alike = (letters ^ its).bit_count() <= 2 * most and one != word
                if alike and (far := distance(word, one, most)) <= most:
                    yield one, far


def distance(one: str, other: str, most: int) -> int:
    """How many mistakes lie between the words; ``most + 1`` if there are more."""
    far = most + 1
    before: list[int] = []
    row = [min(j, far) for j in range(len(other) + 1)]
    for i, letter in enumerate(one, 1):
        earlier, before, row = before, row, [min(i, far)] + [far] * len(other)
        for j in range(max(1, i - most), min(len(other), i + most) + 1):
            its = other[j - 1]
            least = min(before[j - 1] + (letter != its), before[j] + 1, row[j - 1] + 1)
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == its:
                least = min(least, earlier[j - 2] + 1)
            row[j] = least
        if min(row) >= far and min(before) >= far:
            return far
    return min(row[-1], far)


def _letters(word: str) -> int:
    """Which letters it has, and how often: one mistake changes two bits at most."""
    bits = 0
    for letter in word:
        bit = 1 << (ord(letter) & 63)
        while bits & bit:
            bit <<= 64
        bits |= bit
    return bits
