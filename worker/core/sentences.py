"""Where sentences end, as far as that can be told without knowing the language."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

OPENING: Final = 300
"""Characters, about: the first two or three sentences of an abstract."""

_ENDS = re.compile(
    r"""[.!?][)\]"'’”]*(?=\s+[^\s\da-zß-öø-ÿ),;]|\s+\d+[^\s.)]*\s|\s*\Z)|[。！？][」』”）]*"""
)
_SHORT_FOR = re.compile(
    r"(?:\b(?:e\.g|i\.e|et al|cf|vs|viz|ca|approx|resp|incl|no|nos|fig|figs|eq|eqs|sec|sect|ref|"
    r"refs|thm|prop|def|ch|vol|pp|w\.r\.t|a\.k\.a|dr|prof|mr|mrs|ms|st|jr|inc)|(?<!\w)[^\W\d_])\Z",
    re.IGNORECASE,
)
_LAST_WORD: Final = 12
"""Characters before a dot that are looked at."""


def opening(text: str, length: int = OPENING) -> int:
    """How many characters its first sentences take: as many of them as stay within ``length``.

    A first sentence that does not is taken whole if it is at most half as long again; of a longer
    one, 0 characters are.
    """
    ends = list(_up_to(text, length + length // 2))
    within = [end for end in ends if end <= length]
    return within[-1] if within else next(iter(ends), 0)


def _up_to(text: str, length: int) -> Iterator[int]:
    """Where each sentence ends that ends within that length."""
    for found in _ENDS.finditer(text, 0, min(len(text), length + 1)):
        before = text[max(0, found.start() - _LAST_WORD) : found.start()]
        shortens = found[0].startswith(".") and _SHORT_FOR.search(before)
        if found.end() <= length and (not shortens or found.end() == len(text)):
            yield found.end()
