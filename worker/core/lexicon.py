"""The different words of some texts, by number, and under which spellings a rule finds them."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence

from worker.core.plural import acronym, singular
from worker.core.words import Word

Spelled = tuple[tuple[str, ...], tuple[str, ...], str]
"""Under which a word is found in quotes, and without; and the word in the singular."""


class Lexicon:
    """Words, each with its place among them as its number. Never changes."""

    def __init__(self, words: Sequence[Spelled] = ()) -> None:
        self._exact: dict[str, list[int]] = {}
        self._plain: dict[str, list[int]] = {}
        for number, (exact, plain, _) in enumerate(words):
            for index, its in ((self._exact, exact), (self._plain, plain)):
                for spelling in its:
                    index.setdefault(spelling, []).append(number)
        self.singulars = [one for _, _, one in words]
        self._sorted = sorted(self._exact)

    def words(self) -> list[Spelled]:
        """All of them; not kept, as that takes more room than the texts."""
        exact: list[list[str]] = [[] for _ in self.singulars]
        plain: list[list[str]] = [[] for _ in self.singulars]
        for index, its in ((self._exact, exact), (self._plain, plain)):
            for spelling in sorted(index):
                for number in index[spelling]:
                    its[number].append(spelling)
        both = zip(exact, plain, self.singulars, strict=True)
        return [(tuple(e), tuple(p), one) for e, p, one in both]

    def numbers(self, word: str, *, exact: bool) -> Sequence[int]:
        """All words that this one of a rule means, in quotes (``exact``) or without."""
        if word.endswith("*"):
            begun = self._beginning(word[:-1])
            return sorted({number for one in begun for number in self._exact[one]})
        if exact:
            return self._exact.get(word, ())
        one = singular(word) if word == word.casefold() else acronym(word)
        return sorted({*self._plain.get(word, ()), *self._plain.get(one, ())})

    def folded(self) -> Iterator[tuple[str, Sequence[int]]]:
        """Each word without capitals, with the numbers that it has."""
        return (pair for pair in self._exact.items() if pair[0] == pair[0].casefold())

    def _beginning(self, stem: str) -> Sequence[str]:
        first = bisect_left(self._sorted, stem)
        beyond = bisect_left(self._sorted, stem + chr(0x10FFFF), first)
        return self._sorted[first:beyond]


def spelled(word: Word) -> Spelled:
    """A word of a text, as rules find it."""
    exact = {word.folded}
    plain = {word.folded, word.singular}
    if word.cased[1:] != word.folded[1:]:  # only then can it be one of the short in capitals
        exact.add(word.cased)
        plain |= {word.cased, acronym(word.cased)}
    return tuple(sorted(exact)), tuple(sorted(plain)), word.singular
