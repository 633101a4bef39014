"""Where words stand: one field of all papers of a batch, word by word."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence

from worker.core.plural import acronym, singular
from worker.core.terms import WIDEST, Field, Words
from worker.core.words import Word

_Occurrences = dict[int, list[int]]
"""By paper, the positions there, counted in words, ascending."""


class Places:
    """The positions of every word, under each spelling that a rule may ask for.

    ``papers`` gives each paper's texts of this field: one title, one abstract, or all authors.
    No phrase and no window reaches from one text into the next.
    """

    def __init__(self, papers: Sequence[Sequence[Sequence[Word]]]) -> None:
        self._exact: dict[str, _Occurrences] = {}
        self._plain: dict[str, _Occurrences] = {}
        for paper, texts in enumerate(papers):
            for position, word in _numbered(texts):
                self._add(paper, position, word)
        self._sorted = sorted(self._exact)

    def papers(self, term: Words) -> int:
        """The papers that have the term in this field: bit i for paper i."""
        found = [self._occurrences(word, _is_exact(term)) for word in term.words]
        bits = 0
        for paper in set(found[0]).intersection(*found[1:]):
            if len(found) == 1 or _starts([each[paper] for each in found], term.within):
                bits |= 1 << paper
        return bits

    def ranges(self, term: Words, paper: int) -> Iterator[range]:
        """The positions that the term takes in this paper: whole phrases, or words of a window."""
        found = [self._occurrences(word, _is_exact(term)).get(paper, []) for word in term.words]
        starts = _starts(found, term.within)
        if term.within is None:
            yield from (range(start, start + len(found)) for start in starts)
            return
        for position in sorted(set().union(*found)):
            if any(start <= position < start + term.within for start in starts):
                yield range(position, position + 1)

    def counts(self) -> dict[str, int]:
        """The folded words, each with the number of papers that have it in this field."""
        return {word: len(found) for word, found in self._exact.items() if word == word.casefold()}

    def _add(self, paper: int, position: int, word: Word) -> None:
        exact = {word.folded}
        plain = {word.folded, word.singular}
        if word.cased[1:] != word.folded[1:]:  # only then can it be one of the short in capitals
            exact.add(word.cased)
            plain |= {word.cased, acronym(word.cased)}
        for index, spellings in ((self._exact, exact), (self._plain, plain)):
            for spelling in spellings:
                index.setdefault(spelling, {}).setdefault(paper, []).append(position)

    def _occurrences(self, word: str, exact: bool) -> Mapping[int, Sequence[int]]:
        if word.endswith("*"):
            return _merged([self._exact[spelling] for spelling in self._beginning(word[:-1])])
        if exact:
            return self._exact.get(word, {})
        one = singular(word) if word == word.casefold() else acronym(word)
        return _merged([self._plain.get(spelling, {}) for spelling in {word, one}])

    def _beginning(self, stem: str) -> list[str]:
        first = bisect_left(self._sorted, stem)
        beyond = bisect_left(self._sorted, stem + chr(0x10FFFF), first)
        return self._sorted[first:beyond]


def _is_exact(term: Words) -> bool:
    return term.exact or term.field is Field.AUTHOR


def _numbered(texts: Sequence[Sequence[Word]]) -> Iterator[tuple[int, Word]]:
    position = 0
    for text in texts:
        yield from enumerate(text, position)
        position += len(text) + WIDEST


def _merged(parts: Sequence[_Occurrences]) -> _Occurrences:
    if len(parts) == 1:
        return parts[0]
    merged: dict[int, set[int]] = {}
    for part in parts:
        for paper, positions in part.items():
            merged.setdefault(paper, set()).update(positions)
    return {paper: sorted(positions) for paper, positions in merged.items()}


def _starts(places: Sequence[Sequence[int]], within: int | None) -> list[int]:
    """Where a phrase of these words starts, or, given a width, each window that holds them all."""
    if within is None:
        starts = set(places[0])
        for offset, positions in enumerate(places[1:], 1):
            starts &= {position - offset for position in positions}
        return sorted(starts)
    return [
        start
        for start in sorted(set().union(*places))
        if all(_any_from(positions, start, within) for positions in places)
    ]


def _any_from(positions: Sequence[int], start: int, width: int) -> bool:
    first = bisect_left(positions, start)
    return first < len(positions) and positions[first] < start + width
