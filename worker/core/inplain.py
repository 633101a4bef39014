"""Words in the singular, as a paper itself writes them."""

from __future__ import annotations

from collections.abc import Iterable

from worker.core.plural import capitals
from worker.core.words import words
from worker.model import Paper


def as_written(singulars: Iterable[str], paper: Paper) -> tuple[str, ...]:
    """Each of these words of the paper, with as few capitals as it has anywhere there."""
    forms: dict[str, list[str]] = {}
    for text in (paper.title, paper.abstract):
        for word in words(text):
            written = text[word.start : word.end].partition("'")[0].partition("’")[0]
            forms.setdefault(word.singular, []).append(written)
    return tuple(min(forms[one], key=capitals) for one in singulars)
