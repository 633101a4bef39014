"""How many papers a day, as bars: of pixels in HTML, of ``▁▂▃▄▅▆▇█`` in text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

HIGHEST: Final = 18
"""Pixels."""
LOWEST: Final = 3
"""Pixels: a single paper can be seen."""
_LEAST_FULL: Final = 4
"""Papers a day that make a bar as high as it gets: one paper alone is no peak."""
_BLOCKS: Final = "▁▂▃▄▅▆▇█"


@dataclass(frozen=True, slots=True)
class Bars:
    """The last days of a rule, the oldest first: ``counts`` of papers, how high each bar is in
    pixels (0 for none), the same as a line of ``text``; and the ``total``.
    """

    counts: tuple[int, ...]
    heights: tuple[int, ...]
    text: str
    total: int


def bars(counts: Sequence[int]) -> Bars:
    """The bars of a rule, as high as its own busiest day allows."""
    full = max(_LEAST_FULL, *counts, 0)
    return Bars(
        counts=tuple(counts),
        heights=tuple(max(LOWEST, count * HIGHEST // full) if count else 0 for count in counts),
        text="".join(_block(count, full) for count in counts).rstrip(),
        total=sum(counts),
    )


def _block(count: int, full: int) -> str:
    return _BLOCKS[(count * len(_BLOCKS) - 1) // full] if count else " "
