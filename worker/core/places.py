"""Where words stand: one field of all papers of a batch, word by word.

Each different word has a number, in the order of the alphabet, and each paper's text is a string
with one character for each of its words. So a phrase is a regular expression on these strings, the
words with one beginning are a range of characters, and a month of papers takes little room.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

from worker.core.bits import bits_of, ones
from worker.core.plural import acronym, singular
from worker.core.terms import Field, Words
from worker.core.together import GAP, all_of, any_of, character, number_of, reached, together
from worker.core.words import Word

_PHRASE, _WINDOW = 10, 80  # work for each word, where a look at a word's list of papers is 1


Spellings = tuple[tuple[str, ...], tuple[str, ...], str]
"""Under which a word is found in quotes, and without; and the word in the singular."""


class Places:
    """The papers of every word, under each spelling that a rule may ask for, and its places there.

    ``papers`` gives each paper's texts of this field: one title, one abstract, or all authors.
    No phrase and no window reaches from one text into the next.
    """

    def __init__(self, papers: Iterable[Sequence[Sequence[Word]]]) -> None:
        met: dict[str, Word] = {}  # a word is the same if it is but for its accents
        read = [[[met.setdefault(word.cased, word).cased for word in text] for text in texts]
                for texts in papers]  # fmt: skip
        ordered = sorted(met.values(), key=lambda word: (word.folded, word.cased))
        numbers = {word.cased: number for number, word in enumerate(ordered)}
        self._exact: dict[str, list[int]] = {}
        self._plain: dict[str, list[int]] = {}
        for number, word in enumerate(ordered):
            self._spell(word, number)
        self._singulars = [word.singular for word in ordered]
        self._sorted = sorted(self._exact)
        self._papers: list[list[int]] = [[] for _ in ordered]  # by word
        self._texts = [self._text(paper, texts, numbers) for paper, texts in enumerate(read)]

    @classmethod
    def joined(cls, parts: Sequence[Places]) -> Places:
        """The papers of all these, one after the other: as if read together, but much faster."""
        made, spelled = cls(()), [part.spellings() for part in parts]
        numbers = {spellings: n for n, spellings in enumerate(sorted(set(chain(*spelled))))}
        for spellings, number in numbers.items():
            made._enter(spellings, number)
        made._singulars = [one for _, _, one in numbers]
        made._sorted = sorted(made._exact)
        made._papers = [[] for _ in numbers]
        for part, its in zip(parts, spelled, strict=True):
            part.pour(made, [numbers[spellings] for spellings in its])
        return made

    def spellings(self) -> list[Spellings]:
        """Of each word, by its number."""
        exact: list[list[str]] = [[] for _ in self._papers]
        plain: list[list[str]] = [[] for _ in self._papers]
        for index, its in ((self._exact, exact), (self._plain, plain)):
            for spelling in sorted(index):
                for number in index[spelling]:
                    its[number].append(spelling)
        return [
            (tuple(e), tuple(p), one)
            for e, p, one in zip(exact, plain, self._singulars, strict=True)
        ]

    def pour(self, into: Places, numbers: Sequence[int]) -> None:
        """Add its papers to others, with these new numbers for its words."""
        # Each number is one int, however often it is named.
        places = list(range(len(into._texts), len(into._texts) + len(self._texts)))
        for old, number in enumerate(numbers):
            into._papers[number] += [places[paper] for paper in self._papers[old]]
        table = {ord(character(old)): character(number) for old, number in enumerate(numbers)}
        into._texts += [text.translate(table) for text in self._texts]

    def papers(self, term: Words) -> int:
        """The papers that have the term in this field: bit i for paper i."""
        found = [self._numbers(word, _is_exact(term)) for word in term.words]
        bits = self._having(found[0])
        for numbers in found[1:]:
            bits &= self._having(numbers)
        if len(found) == 1 or not bits:
            return bits
        sought = re.compile(together(found, term.within))
        those = (paper for paper in ones(bits) if sought.search(self._texts[paper]))
        return bits_of(those, len(self._texts))

    def ranges(self, term: Words, paper: int) -> Iterator[range]:
        """The positions that the term takes in this paper: whole phrases, or words of a window."""
        found = [self._numbers(word, _is_exact(term)) for word in term.words]
        if not all(found):
            return
        text = self._texts[paper]
        starts = [hit.start() for hit in re.finditer(together(found, term.within), text)]
        if term.within is None:
            yield from (range(start, start + len(found)) for start in starts)
            return
        for hit in re.finditer(any_of(all_of(found)), text):
            if reached(hit.start(), starts, term.within):
                yield range(hit.start(), hit.end())

    def work(self, term: Words) -> int:
        """How many times a paper has to be looked at for this term, or more."""
        found = [self._numbers(word, _is_exact(term)) for word in term.words]
        counts = [sum(len(self._papers[number]) for number in numbers) for numbers in found]
        both = min(len(self._texts), *counts) if len(counts) > 1 else 0
        each = len(counts) * (_WINDOW if term.within else _PHRASE)
        return sum(counts) + each * both

    def counts(self) -> dict[str, int]:
        """The folded words, each with the number of papers that have it in this field."""
        return {
            word: len({paper for number in numbers for paper in self._papers[number]})
            for word, numbers in self._exact.items()
            if word == word.casefold()
        }

    def tally(self, paper: int) -> Counter[str]:
        """How often this paper has each word, in the singular."""
        tally: Counter[str] = Counter()
        for one, count in Counter(self._texts[paper].replace(GAP, "")).items():
            tally[self._singulars[number_of(one)]] += count
        return tally

    def _text(self, paper: int, texts: Sequence[Sequence[str]], numbers: dict[str, int]) -> str:
        lines = [[numbers[word] for word in text] for text in texts]
        for number in {number for line in lines for number in line}:
            self._papers[number].append(paper)
        return GAP.join("".join(map(character, line)) for line in lines)

    def _spell(self, word: Word, number: int) -> None:
        exact = {word.folded}
        plain = {word.folded, word.singular}
        if word.cased[1:] != word.folded[1:]:  # only then can it be one of the short in capitals
            exact.add(word.cased)
            plain |= {word.cased, acronym(word.cased)}
        self._enter((tuple(sorted(exact)), tuple(sorted(plain)), word.singular), number)

    def _enter(self, spellings: Spellings, number: int) -> None:
        for index, its in zip((self._exact, self._plain), spellings[:2], strict=True):
            for spelling in its:
                index.setdefault(spelling, []).append(number)

    def _numbers(self, word: str, exact: bool) -> Sequence[int]:
        """All words that this one of a rule means."""
        if word.endswith("*"):
            begun = self._beginning(word[:-1])
            return sorted({number for one in begun for number in self._exact[one]})
        if exact:
            return self._exact.get(word, ())
        one = singular(word) if word == word.casefold() else acronym(word)
        return sorted({*self._plain.get(word, ()), *self._plain.get(one, ())})

    def _beginning(self, stem: str) -> list[str]:
        first = bisect_left(self._sorted, stem)
        beyond = bisect_left(self._sorted, stem + chr(0x10FFFF), first)
        return self._sorted[first:beyond]

    def _having(self, numbers: Sequence[int]) -> int:
        """The papers that have any of these words."""
        found = (paper for number in numbers for paper in self._papers[number])
        return bits_of(found, len(self._texts))


def _is_exact(term: Words) -> bool:
    return term.exact or term.field is Field.AUTHOR
