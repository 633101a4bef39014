"""Words of a rule that no paper has, where one nearly like them is in several."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from worker.core.evidence import spans
from worker.core.labels import texts
from worker.core.parts import terms_of
from worker.core.stock import Stock
from worker.core.terms import TEXT, Field, Query, Words
from worker.core.words import words

SEVERAL = 2
"""Papers that a word must be in to be taken for the one that was meant."""
_ENDING = re.compile(r"(?:ors?|ers?|e[sd]?|ing|ions?|al|ive|ly|s)$")
"""Words that differ by these only are forms of one word, and none is a misspelling."""

MOST = 3
"""Words of one rule that are looked up: each may take as long as all the rest."""


def misspelt(query: Query, stock: Stock) -> Iterator[str]:
    """A sentence for each such word, with the word that was probably meant."""
    asked = list(_words(query))
    typed = dict(reversed(asked))  # of each, how it is typed first
    nowhere = (
        word for word in dict.fromkeys(word for word, _ in asked) if not _papers(word, stock)
    )
    for word in islice(nowhere, MOST):
        if meant := _meant(word, stock):
            count = _papers(meant, stock).bit_count()
            spelt = _as_written(meant, stock)
            yield f"“{typed[word]}” is in no paper; did you mean “{spelt}” ({count:,} papers)?"


def _words(query: Query) -> Iterator[tuple[str, str]]:
    """The words looked for in titles and abstracts, also those left out, but no beginnings; each
    with how it is typed.
    """
    for term in terms_of(query):
        if isinstance(term, Words) and term.field in (None, *TEXT):
            typed = [term.typed[word.start : word.end] for word in words(term.typed)]
            pairs = zip(term.words, typed, strict=False)  # behind them may stand a width
            yield from (pair for pair in pairs if not pair[0].endswith("*"))


def _papers(word: str, stock: Stock) -> int:
    """The papers that have the word in title or abstract, in the singular or the plural."""
    return stock.window.catalogue.papers(Words((word,))) & stock.bits


def _meant(word: str, stock: Stock) -> str | None:
    """The word in other capitals, if that is in several papers, or else the nearest that is."""
    folded = word.casefold()
    likely = [*([folded] if folded != word else []), *stock.window.nearby.near(folded)]
    for one in likely:
        is_another = one != folded and _stem(one) == _stem(folded)
        if not is_another and _papers(one, stock).bit_count() >= SEVERAL:
            return one
    return None


def _stem(word: str) -> str:
    return _ENDING.sub("", word)


def _as_written(word: str, stock: Stock) -> str:
    """The word as the newest paper writes it."""
    paper = next(stock.window.newest(_papers(word, stock)))
    found = (
        text[start:end]
        for field in (Field.ABSTRACT, Field.TITLE)
        for text in texts(paper, field)
        for start, end in spans([Words((word,))], paper, field)
    )
    return next(found)
