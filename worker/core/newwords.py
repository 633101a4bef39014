"""The words that are new in the last week of the past: what a field has begun to speak of.

That nobody wrote a word in the weeks before is no news of most words: *necessitating* is rare, but
as old as *necessary*. So a word is new here if also none of its family was there, and worth a line
if a title has it, or if it is a name (CodeX, MMLU).
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Final

from worker.core.bits import ones
from worker.core.ordinary import ORDINARY, root
from worker.core.past import WEEK, Past, PastDay
from worker.core.plural import singular
from worker.core.terms import Field, Words
from worker.core.words import words
from worker.model import Paper

_EARLIER: Final = 7
"""Days on which papers came before this week: else everything would be new."""
_FEWEST: Final = 3
"""Papers that have the word."""
_MOST: Final = 8
_SHORTEST: Final = 3
_FAMILY: Final = 5
"""Letters from which on a beginning says that two words are of one family."""


def new_words(past: Past) -> tuple[tuple[str, int], ...]:
    """A few words, as they are written, with the papers of the last week that have them.

    The most frequent first. At least three papers of the week have each, and none before it. None
    at all if too little is known of the time before.
    """
    week, earlier = _parted(past.days)
    if len(earlier) < _EARLIER or _papers(earlier) < _papers(week):
        return ()
    counts = {word: _count(week, Words((word,))) for word in _unheard(week, earlier)}
    ranked = sorted((-n, word) for word, n in counts.items() if n >= _FEWEST)
    told = ((_written(week, word), -less) for less, word in ranked)
    return tuple((text, n) for text, n in told if text)[:_MOST]


def _parted(days: Sequence[PastDay]) -> tuple[Sequence[PastDay], Sequence[PastDay]]:
    """The days of the last week, and those before."""
    first = days[0].day - timedelta(WEEK - 1) if days else None
    count = sum(first is not None and each.day >= first for each in days)
    return days[:count], days[count:]


def _papers(days: Sequence[PastDay]) -> int:
    return sum(len(each.papers) for each in days)


def _unheard(week: Sequence[PastDay], earlier: Sequence[PastDay]) -> Iterator[str]:
    """The words of this week, in the singular, that may be in enough papers and were in none."""
    known = sorted({word for each in earlier for word in each.words})
    least = Counter[str]()  # a day's count may leave out half: those that only have it in a title
    for each in week:
        for word, n in each.words.items():
            least[singular(word)] += n
    old = set(map(singular, known))
    for word, n in least.items():
        if 2 * n >= _FEWEST and _may_tell(word) and word not in old and not _related(word, known):
            yield word


def _may_tell(word: str) -> bool:
    return len(word) >= _SHORTEST and word[0].isalpha() and word not in ORDINARY


def _related(word: str, known: Sequence[str]) -> bool:
    """Whether one of the known words, which are sorted, begins as this one does."""
    stem = root(word)
    place = bisect_left(known, stem)
    return len(stem) >= _FAMILY and place < len(known) and known[place].startswith(stem)


def _count(days: Sequence[PastDay], term: Words) -> int:
    return sum(each.index.match(term).bit_count() for each in days)


def _written(week: Sequence[PastDay], word: str) -> str:
    """The word as most of its papers write it; empty if it is neither in a title nor a name."""
    forms = Counter(form for paper in _having(week, word) for form in _forms(paper.abstract, word))
    if forms and (form := forms.most_common(1)[0][0]) != form.lower():
        return form
    if not _count(week, Words((word,), field=Field.TITLE)):
        return ""
    return min(forms, key=lambda form: (-forms[form], form), default=word)


def _having(week: Sequence[PastDay], word: str) -> Iterator[Paper]:
    for each in week:
        yield from (each.papers[place] for place in ones(each.index.match(Words((word,)))))


def _forms(text: str, word: str) -> Iterator[str]:
    for one in words(text):
        written = text[one.start : one.end]
        if one.singular == word and written.isalnum():
            yield written
