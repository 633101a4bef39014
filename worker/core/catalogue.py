"""The papers of a batch, findable by one term: for each term an integer, bit i for paper i."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from typing import Final, assert_never

from worker.core import pattern
from worker.core.labels import labelled, texts
from worker.core.measure import Bounds
from worker.core.places import Places
from worker.core.terms import TEXT, Everything, Field, Label, Like, Pattern, Term, Top, Words
from worker.core.topmost import Standing, standings
from worker.core.words import words
from worker.model import Paper

TITLE: Final = 3
"""A title is short, and chosen with care. Of 1 to 4 this served best, 4 hardly better."""


class Catalogue:
    """What a batch of papers says, word by word and label by label. Never changes.

    ``beside`` are others of the same days, which these stand among (``topmost``).
    """

    def __init__(self, papers: Sequence[Paper], beside: Sequence[Paper] = ()) -> None:
        self.everything = (1 << len(papers)) - 1
        self.listed = tuple(papers)
        self._beside = tuple(beside)
        self._places = {
            field: Places([words(text) for text in texts(paper, field)] for paper in papers)
            for field in (Field.TITLE, Field.ABSTRACT, Field.AUTHOR)
        }
        self._labels: dict[Field, Mapping[str, int]] = {}  # of the fields asked for so far

    @classmethod
    def joined(cls, parts: Sequence[Catalogue]) -> Catalogue:
        """The papers of all these, one after the other."""
        made = cls(())
        made.listed = tuple(paper for part in parts for paper in part.listed)
        made.everything = (1 << len(made.listed)) - 1
        made._places = {
            field: Places.joined([part.places(field) for part in parts]) for field in made._places
        }
        return made

    def papers(self, term: Term) -> int:
        """The papers that have this term."""
        match term:
            case Everything():
                return self.everything
            case Words(field=field):
                return _union(self._places[each].papers(term) for each in _looked_at(field))
            case Label(value, field):
                return self._label(value, field)
            case Pattern(text, field):
                return self._pattern(text, _looked_at(field))
            case Bounds():
                return self._those(term.hold)
            case Like():
                return 0  # these papers do not tell: see ``core.likeness``
            case Top(count):
                return _union(
                    1 << i for i, one in enumerate(self.standings) if one and one.place <= count
                )
            case _:
                assert_never(term)

    def work(self, term: Term) -> int:
        """How long it takes at the most to find this term, in units of about 0.1 µs."""
        match term:
            case Words(field=field):
                return sum(self._places[each].work(term) for each in _looked_at(field))
            case Pattern(text):
                return len(self.listed) * pattern.size(text) * 60
            case Label(value):
                return len(self.listed) * (100 if value.endswith("*") else 0)
            case Bounds() | Top():
                return len(self.listed) * 5
            case Like():
                return len(self.listed) * 600
            case Everything():
                return 0
            case _:
                assert_never(term)

    def places(self, field: Field) -> Places:
        """Where words stand in titles, in abstracts, or among authors."""
        return self._places[field]

    @cached_property
    def standings(self) -> Sequence[Standing | None]:
        """Where each paper stands among those of its day by upvotes; None without any."""
        return standings(self.listed, self._beside)

    def tally(self, paper: int) -> Mapping[str, int]:
        """How often the paper at this place has each word, in the singular: once in its title
        counts ``TITLE`` times.
        """
        title, tally = (self._places[field].tally(paper) for field in TEXT)
        for word, count in title.items():
            tally[word] = tally.get(word, 0) + TITLE * count
        return tally

    def counts(self) -> dict[str, int]:
        """The folded words of titles and abstracts, each with the papers it is in, at least."""
        title, abstract = (self._places[field].counts() for field in TEXT)
        return abstract | {word: max(n, abstract.get(word, 0)) for word, n in title.items()}

    def _label(self, value: str, field: Field) -> int:
        known = self._labels.get(field)
        if known is None:
            known = self._labels[field] = labelled(self.listed, field)
        if not value.endswith("*"):
            return known.get(value, 0)
        return _union(bits for name, bits in known.items() if name.startswith(value[:-1]))

    def _pattern(self, regex: str, fields: Sequence[Field]) -> int:
        return self._those(
            lambda paper: any(
                pattern.found(regex, text) for field in fields for text in texts(paper, field)
            )
        )

    def _those(self, fits: Callable[[Paper], bool]) -> int:
        return _union(1 << i for i, paper in enumerate(self.listed) if fits(paper))


def _looked_at(field: Field | None) -> tuple[Field, ...]:
    return (field,) if field else TEXT


def _union(parts: Iterable[int]) -> int:
    bits = 0
    for part in parts:
        bits |= part
    return bits
