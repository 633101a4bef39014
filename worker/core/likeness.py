"""Which papers are like another, and by which words: ``like:`` of the rules.

A paper alone does not tell; it takes the words of all papers at hand (``Corpus``), and the paper
that the rule names: its exemplar. Two are alike if the cosine of their vectors is ``ENOUGH``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Final

from worker.core.catalogue import Catalogue
from worker.core.corpus import Corpus, Vector
from worker.core.identity import KINDS, fingerprint
from worker.core.parts import asked, terms_of
from worker.core.plural import capitals
from worker.core.terms import Like, Query
from worker.core.words import words
from worker.model import Paper

ENOUGH: Final = 0.12
"""Measured: of a thousand papers about five are as near to one. From there on most of what is found
is of its topic, and below 0.1 most is not.
"""
SAID: Final = 5
"""Words said of two papers that share more."""


class Likeness:
    """Compares papers with the exemplars of some rules, each once. For one asker, or planning."""

    def __init__(self, corpus: Corpus, exemplars: Mapping[Like, Paper]) -> None:
        self._corpus = corpus
        self._exemplars = exemplars
        self._vectors = {like: self._vector(paper) for like, paper in exemplars.items()}
        self._found: dict[Catalogue, Mapping[Like, int]] = {}
        self._said: dict[tuple[Like, Paper], tuple[str, ...]] = {}

    def papers(self, like: Like, catalogue: Catalogue) -> int:
        """Those that are like it, but for itself: bit i for paper i."""
        if like not in self._exemplars:
            return 0
        if catalogue not in self._found:
            self._found[catalogue] = self._compared(catalogue)
        return self._found[catalogue].get(like, 0)

    def because(self, query: Query, paper: Paper) -> tuple[str, ...]:
        """For each exemplar that the query asks for and the paper is like, the words they share."""
        alone = Catalogue((paper,))
        likes = (term for term in asked(query) if isinstance(term, Like))
        alike = (like for like in dict.fromkeys(likes) if self.papers(like, alone))
        return tuple(f"{named(like)}: {', '.join(self.shared(like, paper))}" for like in alike)

    def why_not(self, like: Like, paper: Paper) -> str:
        """Why the paper is not like it, in one line."""
        exemplar = self._exemplars.get(like)
        if exemplar is None:
            return f"nothing is {named(like)}: {UNKNOWN}"
        if exemplar.number == paper.number:
            return "it is that paper itself"
        shared = self.shared(like, paper)
        return f"it is not {named(like)}: they share " + (
            f"only {', '.join(shared)}" if shared else "no telling word"
        )

    def unknown(self, query: Query) -> tuple[Like, ...]:
        """The exemplars that the query names and nobody here ever listed."""
        likes = (term for term in terms_of(query) if isinstance(term, Like))
        return tuple(like for like in dict.fromkeys(likes) if like not in self._exemplars)

    def shared(self, like: Like, paper: Paper) -> tuple[str, ...]:
        """The words that make the paper most like it, as the paper writes them."""
        if (like, paper) not in self._said:
            self._said[like, paper] = self._shared(like, paper)
        return self._said[like, paper]

    def _shared(self, like: Like, paper: Paper) -> tuple[str, ...]:
        its, other = self._vectors[like], self._vector(paper)
        both = sorted(its.keys() & other.keys(), key=lambda word: (-its[word] * other[word], word))
        return tuple(_as_written(both[:SAID], paper))

    def _compared(self, catalogue: Catalogue) -> Mapping[Like, int]:
        """All papers with all exemplars: each paper is looked at once, however many there are."""
        weights = self._by_word()
        bits: defaultdict[Like, int] = defaultdict(int)
        for place, paper in enumerate(catalogue.listed):
            near: defaultdict[Like, float] = defaultdict(float)
            for word, weight in self._corpus.vector(catalogue.tally(place)).items():
                for like, its in weights.get(word, ()):
                    near[like] += its * weight
            for like, nearness in near.items():
                if nearness >= ENOUGH and self._exemplars[like].number != paper.number:
                    bits[like] |= 1 << place
        return bits

    def _by_word(self) -> Mapping[str, list[tuple[Like, float]]]:
        weights: defaultdict[str, list[tuple[Like, float]]] = defaultdict(list)
        for like, vector in self._vectors.items():
            for word, weight in vector.items():
                weights[word].append((like, weight))
        return weights

    def _vector(self, paper: Paper) -> Vector:
        return self._corpus.vector(Catalogue((paper,)).tally(0))


UNKNOWN: Final = "no paper with this id was ever listed here"

NO_LIKENESS: Final = Likeness(Corpus((), 0), {})
"""Of those who have no papers to compare with: nothing is like anything."""


def likes(queries: Iterable[Query]) -> frozenset[Like]:
    """The exemplars that they name, also those to leave out."""
    return frozenset(
        term for query in queries for term in terms_of(query) if isinstance(term, Like)
    )
