"""How well a paper matches the rules that chose it, as a number to be compared.

    score = the sum, over the rules that matched, of weight x (10 + the sum of place x rarity,
            over the terms that the rule asks for and the paper has), in thousandths

* ``weight`` is 1, and 1 more for each plus before the rule (``core.weight``).
* 10 is for the match itself: one rule more counts as much as a word in the title that one paper in
  ten has.
* ``place`` is 3 in the title and 1 in the abstract, so 4 in both.
* ``rarity`` of words is that of the rarest among them in the last weeks (``core.rarity``).
* A regex is taken to be as rare as what one paper in 16 has (4), an author and an id for one in 256
  (8, once, with a place of 3); ``top:`` for as rare as its place among those of its day.
* What is like another paper counts 100 times the cosine (``core.likeness``): 12 at the least.
* All else is a coarse sieve, and counts 1: a category, a kind, a source, a number.

What a NOT says does not count, and a term that a rule has twice counts once. The score of a paper
depends on the paper, its day, the rules and the last weeks, and not on who else is planned for.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from worker.core.catalogue import Catalogue
from worker.core.index import Index
from worker.core.parts import asked
from worker.core.rarity import Rarity, rarity
from worker.core.terms import Field, Label, Like, Pattern, Query, Term, Top, Words
from worker.core.written import written

MATCH: Final = 10_000
TITLE: Final = 3
ABSTRACT: Final = 1
COARSE: Final = 1_000
REGEX: Final = 4_000
ALIKE: Final = 100_000
NAMED: Final = 8_000 * TITLE

_Part = tuple[int, int]
"""Papers, as bits, and what each of them gets."""


class Match:
    """A rule on a batch: the papers it matches, as bits, and each one's score and reasons."""

    def __init__(
        self, bits: int, weight: int, parts: Sequence[_Part], reasons: Sequence[tuple[int, str]]
    ) -> None:
        self.bits = bits
        self._weight = weight
        self._parts = parts
        self._reasons = reasons
        self._scores: dict[int, int] = {}

    def score(self, place: int) -> int:
        """How well the rule matches the paper at this place of the batch."""
        found = self._scores.get(place)
        if found is None:
            gets = sum(worth for bits, worth in self._parts if bits >> place & 1)
            found = self._scores[place] = self._weight * gets
        return found

    def because(self, place: int) -> Iterator[str]:
        """What it asked for that nobody can tell from the paper alone."""
        return (reason for bits, reason in self._reasons if bits >> place & 1)


class Ranking:
    """The papers of a batch, by how well they match. Each term is looked at once."""

    def __init__(self, catalogue: Catalogue, index: Index, known: Rarity) -> None:
        self._catalogue = catalogue
        self._index = index
        self._known = known
        self._parts: dict[Term, Sequence[_Part]] = {}

    def match(self, query: Query, weight: int) -> Match:
        """The query, as one of this weight."""
        terms = tuple(dict.fromkeys(asked(query)))
        bits = self._index.match(query)
        parts = [(bits, MATCH), *(part for term in terms for part in self._of(term))]
        tops = [(self._index.match(t), written(t)) for t in terms if isinstance(t, Top)]
        return Match(bits, weight, parts, tops)

    def _of(self, term: Term) -> Sequence[_Part]:
        if term not in self._parts:
            self._parts[term] = tuple((bits, worth) for bits, worth in self._found(term) if bits)
        return self._parts[term]

    def _found(self, term: Term) -> Iterator[_Part]:
        match term:
            case Words(field=Field.AUTHOR) | Label(field=Field.ID):
                yield self._index.match(term), NAMED
            case Words():
                yield from self._by_place(term, self._known.of(term))
            case Pattern(field=None | Field.TITLE | Field.ABSTRACT):
                yield from self._by_place(term, REGEX)
            case Top(count):
                yield from self._by_votes(count)
            case Like():
                near = self._index.likeness.near(term, self._catalogue)
                yield from ((1 << i, round(ALIKE * cosine)) for i, cosine in near.items())
            case _:
                yield self._index.match(term), COARSE

    def _by_place(self, term: Words | Pattern, worth: int) -> Iterator[_Part]:
        for field, place in ((Field.TITLE, TITLE), (Field.ABSTRACT, ABSTRACT)):
            if term.field in (None, field):
                yield self._index.match(replace(term, field=field)), place * worth

    def _by_votes(self, count: int) -> Iterator[_Part]:
        for i, standing in enumerate(self._catalogue.standings):
            if standing and standing.place <= count:
                yield 1 << i, rarity(standing.place, standing.of)
