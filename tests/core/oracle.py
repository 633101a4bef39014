"""The language of rules once more, slow and plain: one paper at a time, word by word.

It shares ``words`` and ``singular`` with the index, and nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import assert_never

from worker.core.measure import Bounds
from worker.core.plural import singular
from worker.core.terms import (
    And,
    Everything,
    Field,
    Label,
    Like,
    Not,
    Or,
    Pattern,
    Query,
    Top,
    Words,
)
from worker.core.words import Word, words
from worker.model import Counts, Kind, Paper, PaperNumber

SEEDS = Path(__file__).parents[2] / "seeds"
AUTHORS = ("Yann LeCun", "Li Wei", "Ana María García", "Mark Williams", "J. William", "X. Yann")
CATEGORIES = ("cs.CV", "cs.LG", "math.NA", "math-ph", "stat.ML")
SOURCES = ("huggingface", "arxiv", "", "Blog.example.org")


@cache
def seed_papers() -> tuple[Paper, ...]:
    """The 67 listings of both seeds as papers; all else about them is made up."""
    listed = [pair for day in ("2025-09-08", "2025-09-09") for pair in _listed(day)]
    return tuple(_paper(number, *pair) for number, pair in enumerate(listed, 1))


def _listed(day: str) -> Iterable[tuple[str, str]]:
    lines = [line for line in (SEEDS / f"{day}.txt").read_text("utf-8").splitlines() if line]
    listings = lines[6:]  # below "Sep 8"
    return zip(listings[::2], listings[1::2], strict=True)


def _paper(number: int, title: str, abstract: str) -> Paper:
    plain = Paper(PaperNumber(number), date(2025, 9, 8), (), title, abstract)
    return replace(
        plain,
        authors=tuple(AUTHORS[(number + step) % len(AUTHORS)] for step in range(number % 4)),
        categories=tuple(CATEGORIES[(number * step) % 5] for step in range(1, 1 + number % 3)),
        ids=(f"arxiv:2509.{number:05}", f"doi:10.1000/{number}")[: number % 3],
        day=date(2025, 8 + number % 3, 1 + number % 28),
        kind=tuple(Kind)[number % 3],
        source=SOURCES[number % 4],
        counts=Counts(_count(number, 5), _count(number, 3), _count(number, 2)),
    )


def _count(number: int, step: int) -> int | None:
    return None if number % step == 0 else number // step


def matches(query: Query, paper: Paper, among: Sequence[Paper] = ()) -> bool:
    """Whether the query matches the paper, which stands ``among`` these."""
    match query:
        case Everything() | Like():  # of likeness one paper cannot tell
            return isinstance(query, Everything)
        case Not(part):
            return not matches(part, paper, among)
        case And(parts):
            return all(matches(part, paper, among) for part in parts)
        case Or(parts):
            return any(matches(part, paper, among) for part in parts)
        case Words():
            return any(_together(query, _words(text)) for text in _texts(query.field, paper))
        case Pattern(text, field):
            return any(re.search(text, one, re.IGNORECASE) for one in _texts(field, paper))
        case Bounds():
            return _lies_between(query, paper)
        case Label():
            return _is_called(query, paper)
        case Top(count):
            return sum(_goes_before(one, paper) for one in among) < count and bool(_votes(paper))
        case _:
            assert_never(query)


def _goes_before(one: Paper, paper: Paper) -> bool:
    more = (_votes(one), -one.number) > (_votes(paper), -paper.number)
    return more and one.day == paper.day


def _votes(paper: Paper) -> int:
    return paper.counts.upvotes or 0


def _lies_between(asked: Bounds, paper: Paper) -> bool:
    counts, days = paper.counts, (paper.day - date.min).days + 1
    numbers = {"upvotes": counts.upvotes, "comments": counts.comments, "stars": counts.stars}
    number = numbers.get(asked.measure, days)
    low = -1 if asked.least is None else asked.least
    high = 10**10 if asked.most is None else asked.most
    return number is not None and sorted((low, number, high))[1] == number


def _is_called(asked: Label, paper: Paper) -> bool:
    match asked.field:
        case Field.CAT:
            return any(_below(asked.value, name.lower()) for name in paper.categories)
        case Field.KIND:
            return paper.kind.name.lower() == asked.value
        case Field.SOURCE:
            return _begins(asked.value, paper.source.lower())
        case _:
            keys = (*paper.ids, *map(_bare, paper.ids))
            return any(_begins(asked.value, key) for key in keys)


@cache
def _words(text: str) -> tuple[Word, ...]:
    return words(text)


def _texts(field: Field | None, paper: Paper) -> Sequence[str]:
    texts: dict[Field | None, Sequence[str]] = {
        None: (paper.title, paper.abstract),
        Field.TITLE: (paper.title,),
        Field.ABSTRACT: (paper.abstract,),
        Field.AUTHOR: paper.authors,
        Field.CAT: paper.categories,
        Field.ID: [_bare(key) for key in paper.ids],
        Field.KIND: (str(paper.kind),),
        Field.SOURCE: (paper.source,),
    }
    return texts[field]


def _together(term: Words, text: Sequence[Word]) -> bool:
    exact = term.exact or term.field is Field.AUTHOR
    for start in range(len(text)):
        if term.within:
            window = text[start : start + term.within]
            if all(any(_fits(asked, word, exact) for word in window) for asked in term.words):
                return True
        elif _stands(term.words, text[start : start + len(term.words)], exact):
            return True
    return False


def places(term: Query, text: str, field: Field) -> set[int]:
    """The characters of this title or abstract (``field``) that the term asks for."""
    if not isinstance(term, Words | Pattern) or term.field not in (None, field):
        return set()
    if isinstance(term, Pattern):
        found = [hit.span() for hit in re.finditer(term.text, text, re.IGNORECASE)]
    elif term.within:
        found = [(w.start, w.end) for w in _within(term, term.within, _words(text))]
    else:
        found = list(_phrases(term, _words(text)))
    return {place for start, end in found for place in range(start, end)}


def _within(term: Words, width: int, text: Sequence[Word]) -> Iterator[Word]:
    for start in range(len(text)):
        window = text[start : start + width]
        meant = {asked: [w for w in window if _fits(asked, w, term.exact)] for asked in term.words}
        if all(meant.values()):
            yield from (word for those in meant.values() for word in those)


def _phrases(term: Words, text: Sequence[Word]) -> Iterator[tuple[int, int]]:
    for start in range(len(text)):
        stretch = text[start : start + len(term.words)]
        if _stands(term.words, stretch, term.exact):
            yield stretch[0].start, stretch[-1].end


def _stands(asked: Sequence[str], stretch: Sequence[Word], exact: bool) -> bool:
    pairs = zip(asked, stretch, strict=False)
    return len(asked) == len(stretch) and all(_fits(one, word, exact) for one, word in pairs)


def _fits(asked: str, word: Word, exact: bool) -> bool:
    if asked.endswith("*"):
        return word.folded.startswith(asked[:-1]) or word.cased.startswith(asked[:-1])
    if asked != asked.lower():
        return asked == word.cased if exact else _one(asked) == _one(word.cased)
    if exact:
        return asked == word.folded
    return bool({asked, singular(asked)} & {word.folded, word.singular})


def _one(cased: str) -> str:
    return re.sub(r"^(.*[A-Z].*[A-Z].*)s$", r"\1", cased)


def _below(value: str, name: str) -> bool:
    return _begins(value, name) or (not value.endswith("*") and name.startswith(f"{value}."))


def _begins(value: str, name: str) -> bool:
    return name.startswith(value[:-1]) if value.endswith("*") else name == value


def _bare(key: str) -> str:
    return key.split(":", 1)[1]
