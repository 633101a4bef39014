"""Which papers are like another, and by which words: ``like:`` of the rules.

A paper alone does not tell; it takes the words of all papers at hand (``Corpus``), and the paper
that the rule names: its exemplar. Two are alike if the cosine of their vectors is ``ENOUGH``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Final

from worker.core.bits import bits_of
from worker.core.catalogue import Catalogue
from worker.core.corpus import Corpus, Vector
from worker.core.exemplars import UNKNOWN, named
from worker.core.inplain import as_written
from worker.core.parts import asked
from worker.core.terms import Like, Query
from worker.model import Paper, PaperVersion

ENOUGH: Final = 0.12
"""Of a thousand real papers about five are as near to one as that. Most of these are of its topic;
of those found from 0.1 on, half.
"""
SAID: Final = 5
"""Words said of two papers that share more."""


class Likeness:
    """Compares papers with the exemplars of some rules, each once. For one asker, or planning."""

    def __init__(self, corpus: Corpus, exemplars: Mapping[Like, Paper]) -> None:
        self._corpus = corpus
        self._exemplars = exemplars
        self._vectors = {like: self._vector(paper) for like, paper in exemplars.items()}
        self._likes = tuple(self._vectors)
        self._by_word = _by_word(self._vectors.values())
        self._found: dict[Catalogue, Mapping[Like, Mapping[int, float]]] = {}
        self._nearby: dict[PaperVersion, Mapping[Like, float]] = {}
        self._shared: dict[tuple[Like, PaperVersion], tuple[str, ...]] = {}

    def papers(self, like: Like, catalogue: Catalogue) -> int:
        """Those that are like it, but for itself: bit i for paper i."""
        return bits_of(self.near(like, catalogue), len(catalogue.listed))

    def near(self, like: Like, catalogue: Catalogue) -> Mapping[int, float]:
        """The places of those papers, each with the cosine."""
        if catalogue not in self._found:
            self._found[catalogue] = self._compared(catalogue)
        return self._found[catalogue].get(like, {})

    def exemplars(self, likes: Iterable[Like]) -> tuple[Paper, ...]:
        """Those of these that are in the log."""
        known = (self._exemplars[like] for like in likes if like in self._exemplars)
        return tuple(paper for paper in known if paper.number)

    def because(self, query: Query, paper: Paper) -> tuple[str, ...]:
        """For each exemplar that the query asks for and the paper is like, the words they share."""
        likes = [term for term in dict.fromkeys(asked(query)) if isinstance(term, Like)]
        alike = (like for like in likes if self._is_like(like, paper))
        return tuple(f"{named(like)}: {', '.join(self.shared(like, paper))}" for like in alike)

    def why_not(self, like: Like, paper: Paper) -> str:
        """Why the paper is not like it, in one line."""
        if not self._corpus.size:
            return f"nothing here tells whether it is {named(like)}"
        if like not in self._exemplars:
            return f"nothing is {named(like)}: {UNKNOWN}"
        if self._exemplars[like].number == paper.number:
            return f"it is what others are to be {named(like)}"
        shared = self.shared(like, paper)
        few = f"only {', '.join(shared)}" if shared else "no telling word"
        return f"it is not {named(like)}: they share {few}"

    def shared(self, like: Like, paper: Paper) -> tuple[str, ...]:
        """The words that make the paper most like it, as the paper writes them."""
        key = like, paper.which
        if key not in self._shared:
            its, other = self._vectors[like], self._vector(paper)
            strength = {word: weight * other.get(word, 0) for word, weight in its.items()}
            both = sorted(filter(strength.get, strength), key=lambda word: (-strength[word], word))
            self._shared[key] = as_written(both[:SAID], paper)
        return self._shared[key]

    def _is_like(self, like: Like, paper: Paper) -> bool:
        if paper.which not in self._nearby:
            self._nearby[paper.which] = self._nearness(paper, self._vector(paper))
        return like in self._nearby[paper.which]

    def _compared(self, catalogue: Catalogue) -> Mapping[Like, Mapping[int, float]]:
        """All papers with all exemplars: each paper is looked at once, however many there are."""
        found: defaultdict[Like, dict[int, float]] = defaultdict(dict)
        if self._vectors:
            for place, paper in enumerate(catalogue.listed):
                vector = self._corpus.vector(catalogue.tally(place))
                for like, cosine in self._nearness(paper, vector).items():
                    found[like][place] = cosine
        return found

    def _nearness(self, paper: Paper, vector: Vector) -> Mapping[Like, float]:
        """The exemplars that the paper is like, with the cosine; it is not like itself."""
        near: defaultdict[int, float] = defaultdict(float)
        for word, weight in vector.items():
            for which, its in self._by_word.get(word, ()):
                near[which] += its * weight
        cosines = {self._likes[which]: cosine for which, cosine in near.items() if cosine >= ENOUGH}
        return {
            like: cosine
            for like, cosine in cosines.items()
            if self._exemplars[like].number != paper.number
        }

    def _vector(self, paper: Paper) -> Vector:
        return self._corpus.vector(Catalogue((paper,)).tally(0))


def _by_word(vectors: Iterable[Vector]) -> Mapping[str, list[tuple[int, float]]]:
    """The weights of each word, each with the place of its vector: a number is quickly found."""
    weights: defaultdict[str, list[tuple[int, float]]] = defaultdict(list)
    for which, vector in enumerate(vectors):
        for word, weight in vector.items():
            weights[word].append((which, weight))
    return weights


NO_LIKENESS: Final = Likeness(Corpus((), 0), {})
"""Of whoever has no papers to compare with: nothing is like anything."""
