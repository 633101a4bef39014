"""Where words stand: one field of all papers of a batch, word by word.

Each different word has a number, in the order of the alphabet, and each paper's text is a string
with one character for each of its words. So a phrase is a regular expression on these strings, the
words with one beginning are a range of characters, and a month of papers takes little room.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

from worker.core.bits import bits_of, ones
from worker.core.lexicon import Lexicon, Spelled, spelled
from worker.core.terms import Field, Words
from worker.core.together import (
    GAP,
    all_of,
    any_of,
    character,
    number_of,
    reached,
    standing,
    together,
)
from worker.core.words import Word

_PHRASE, _WINDOW = 10, 80  # work for each word, where a look at a word's list of papers is 1


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
        self._lexicon = Lexicon([spelled(word) for word in ordered])
        self._papers: list[list[int]] = [[] for _ in ordered]  # by word
        self._texts = [self._text(paper, texts, numbers) for paper, texts in enumerate(read)]

    @classmethod
    def joined(cls, parts: Sequence[Places]) -> Places:
        """The papers of all these, one after the other: as if read together, but much faster."""
        made, its = cls(()), [part.words() for part in parts]
        ordered = sorted(set(chain(*its)))
        made._lexicon = Lexicon(ordered)
        made._papers = [[] for _ in ordered]
        numbers = {word: number for number, word in enumerate(ordered)}
        for part, words in zip(parts, its, strict=True):
            part.pour(made, [numbers[word] for word in words])
        return made

    def words(self) -> list[Spelled]:
        """The different ones, each at its number."""
        return self._lexicon.words()

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
        found = self._found(term)
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
        found = self._found(term)
        if not all(found):
            return
        text = self._texts[paper]
        if len(found) == 1:  # most are; to compile one more expression takes longest by far
            yield from (range(at, at + 1) for at in standing(found[0], text))
            return
        starts = [hit.start() for hit in re.finditer(together(found, term.within), text)]
        if term.within is None:
            yield from (range(start, start + len(found)) for start in starts)
            return
        for hit in re.finditer(any_of(all_of(found)), text):
            if reached(hit.start(), starts, term.within):
                yield range(hit.start(), hit.end())

    def work(self, term: Words) -> int:
        """How many times a paper has to be looked at for this term, or more."""
        found = self._found(term)
        counts = [sum(len(self._papers[number]) for number in numbers) for numbers in found]
        both = min(len(self._texts), *counts) if len(counts) > 1 else 0
        each = len(counts) * (_WINDOW if term.within else _PHRASE)
        return sum(counts) + each * both

    def counts(self) -> dict[str, int]:
        """The folded words, each with the number of papers that have it in this field."""
        return {
            word: len({paper for number in numbers for paper in self._papers[number]})
            for word, numbers in self._lexicon.folded()
        }

    def tally(self, paper: int) -> dict[str, int]:
        """How often this paper has each word, in the singular."""
        tally: dict[str, int] = {}  # a Counter takes twice as long
        for one, count in Counter(self._texts[paper].replace(GAP, "")).items():
            word = self._lexicon.singulars[number_of(one)]
            tally[word] = tally.get(word, 0) + count
        return tally

    def _text(self, paper: int, texts: Sequence[Sequence[str]], numbers: dict[str, int]) -> str:
        lines = [[numbers[word] for word in text] for text in texts]
        for number in {number for line in lines for number in line}:
            self._papers[number].append(paper)
        return GAP.join("".join(map(character, line)) for line in lines)

    def _found(self, term: Words) -> list[Sequence[int]]:
        """For each word of the term, all those that it means."""
        exact = term.exact or term.field is Field.AUTHOR
        return [self._lexicon.numbers(word, exact=exact) for word in term.words]

    def _having(self, numbers: Sequence[int]) -> int:
        """The papers that have any of these words."""
        found = (paper for number in numbers for paper in self._papers[number])
        return bits_of(found, len(self._texts))
