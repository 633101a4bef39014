"""Texts of one character for each word, and words side by side in them as regular expressions."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence

from worker.core.terms import WIDEST

GAP = "\xff" * WIDEST
"""Between two texts of a paper; no word's character."""
_FIRST = 0x100


def character(number: int) -> str:
    """The character of a word; beyond a million different words, the last ones share it."""
    return chr(min(_FIRST + number, 0x10FFFF))


def number_of(character: str) -> int:
    """The number of the word whose character that is."""
    return ord(character) - _FIRST


def together(found: Sequence[Sequence[int]], within: int | None) -> str:
    """The regular expression of where a phrase starts, or each window that holds all words."""
    if within is None:
        return f"(?={''.join(map(any_of, found))})"
    ahead = (f"(?=.{{0,{within - 1}}}?{any_of(numbers)})" for numbers in found)
    return f"(?={any_of(all_of(found))}){''.join(ahead)}"


def all_of(found: Sequence[Sequence[int]]) -> Sequence[int]:
    return sorted({number for numbers in found for number in numbers})


def any_of(numbers: Sequence[int]) -> str:
    """One of these words, ascending: neighbours become a range, else it would be slow."""
    ends: list[list[int]] = []
    for number in numbers:
        if ends and number == ends[-1][1] + 1:
            ends[-1][1] = number
        else:
            ends.append([number, number])
    return f"[{''.join(f'{character(first)}-{character(last)}' for first, last in ends)}]"


def standing(numbers: Sequence[int], text: str) -> Iterator[int]:
    """Where the text has one of these words."""
    for number in numbers:
        at = text.find(character(number))
        while at >= 0:
            yield at
            at = text.find(character(number), at + 1)


def reached(position: int, starts: Sequence[int], within: int) -> bool:
    """Whether one of the windows that start there (ascending) holds the position."""
    newest = bisect_left(starts, position + 1) - 1
    return newest >= 0 and position < starts[newest] + within
