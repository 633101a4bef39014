"""Which paper somebody means: by its number, its arXiv id or DOI, or words of its title."""

from __future__ import annotations

import re
from collections.abc import Iterable
from heapq import nsmallest
from typing import Final

from worker.core.clean import TITLE_LIMIT, clean_line
from worker.core.fold import fold
from worker.core.identity import fingerprint, normalise_id
from worker.model import Paper, PaperNumber

NEAREST: Final = 3
"""Titles offered where none has all of the words."""

_NUMBER: Final = re.compile(r"#?([1-9][0-9]{0,8})")
_WORD: Final = re.compile(r"[^\W_]+")


def number_in(text: str) -> PaperNumber | None:
    """``42`` or ``#42``."""
    found = _NUMBER.fullmatch(text.strip())
    return PaperNumber(int(found[1])) if found else None


def keys_in(text: str) -> tuple[str, ...]:
    """The keys under which a paper may have been seen for which this was written.

    As an id if it is one; as a whole title in any case.
    """
    named = normalise_id(text)
    return tuple(filter(None, (named, f"title:{fingerprint(clean_line(text, TITLE_LIMIT))}")))


def titled(text: str, papers: Iterable[Paper]) -> tuple[Paper, ...]:
    """The papers with all of these words in their titles, a word begun is one; the newest first.

    If some have them as they stand there, then only these.
    """
    asked = _words(text)
    if not asked:
        return ()
    found = [paper for paper in papers if _has(paper.title, asked)]
    phrase = " ".join(asked)
    exact = [paper for paper in found if phrase in " ".join(_words(paper.title))]
    return tuple(sorted(exact or found, key=lambda paper: paper.number, reverse=True))


def nearest(text: str, papers: Iterable[Paper]) -> tuple[Paper, ...]:
    """The few with most of these words in their titles: the half of them at least."""
    asked = frozenset(_words(text))
    shared = ((len(asked.intersection(_words(paper.title))), paper) for paper in papers)
    near = [(count, paper) for count, paper in shared if count and 2 * count >= len(asked)]
    ranked = nsmallest(NEAREST, near, key=lambda each: (-each[0], -each[1].number))
    return tuple(paper for _, paper in ranked)


def _has(title: str, asked: tuple[str, ...]) -> bool:
    its = _words(title)
    return all(any(word.startswith(each) for word in its) for each in asked)


def _words(text: str) -> tuple[str, ...]:
    return tuple(_WORD.findall(fold(clean_line(text, TITLE_LIMIT))))
