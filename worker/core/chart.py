"""Numbers as places on a plot; whoever draws it only puts things there.

What lies side by side is told in percent of the width, so that a plot is as wide as there is room
and its words stay as large as they are; what lies one above the other, in pixels.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Final

from worker.core.overview import Series

ABOVE: Final = 22
"""Pixels above the highest bar, for the number on it."""
BELOW: Final = 24
"""Pixels for the days below the bars."""
STEPS: Final = 3
"""At most so many lines above the one at zero."""
LEAST: Final = 2.0
"""Pixels: whatever is there can be seen."""
FULL: Final = 0.74
"""How much of its place a bar takes."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a bar, of one kind."""

    kind: str
    top: float
    height: float


@dataclass(frozen=True, slots=True)
class Column:
    """The bar of a day from the bottom up, none if there was nothing; ``left`` is its place's."""

    left: float
    middle: float
    words: str
    total: int
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Mark:
    """Words at a place."""

    at: float
    words: str


@dataclass(frozen=True, slots=True)
class Peak:
    """The number on the highest bar."""

    left: float
    top: float
    words: str


@dataclass(frozen=True, slots=True)
class Stack:
    """Bars that begin at zero, one for each day. ``scale`` are lines, the one at zero not among
    them; ``weeks`` the Mondays. ``place`` is the width that each day has, ``bar`` that of its bar.
    """

    height: int
    zero: int
    place: float
    bar: float
    columns: tuple[Column, ...]
    scale: tuple[Mark, ...]
    weeks: tuple[Mark, ...]
    peak: Peak | None


def stacked(days: Sequence[date], series: Sequence[Series], tall: int) -> Stack:
    """The bars of these days, each up to ``tall`` pixels high. There is one day at least."""
    ticks = scale(max(sum(each.counts[at] for each in series) for at in range(len(days))))
    per_one = tall / ticks[-1] if ticks else 0.0
    zero = ABOVE + tall
    place = 100 / len(days)
    columns = tuple(
        _column(day, at, place, [(each.name, each.counts[at]) for each in series], per_one, zero)
        for at, day in enumerate(days)
    )
    return Stack(
        height=zero + BELOW,
        zero=zero,
        place=round(place, 3),
        bar=round(place * FULL, 3),
        columns=columns,
        scale=tuple(Mark(round(zero - tick * per_one, 1), f"{tick:,}") for tick in ticks),
        weeks=tuple(_weeks(days, columns)),
        peak=_peak(columns),
    )


def scale(most: int) -> tuple[int, ...]:
    """Round numbers at even distances, the last no less than ``most``; none for nothing."""
    if not most:
        return ()
    step = next(step for step in _round_numbers() if step * STEPS >= most)
    return tuple(range(step, most + step, step))


def shares(counts: Sequence[int]) -> tuple[float, ...]:
    """Each in percent of the greatest; whatever is there is a little at least."""
    most = max(counts, default=0) or 1
    return tuple(max(round(100 * count / most, 2), 0.5) if count else 0.0 for count in counts)


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of a line from left to right, of one kind, in percent."""

    kind: str
    left: float
    width: float


def parts(counts: Sequence[tuple[str, int]]) -> tuple[Stretch, ...]:
    """What there is of a whole, side by side over all of the width; none where there is nothing."""
    total = sum(count for _, count in counts)
    ends = [0.0]
    for _, count in counts:
        ends.append(ends[-1] + 100 * count / (total or 1))
    return tuple(
        Stretch(kind, round(left, 2), round(right - left, 2))
        for (kind, count), (left, right) in zip(counts, pairwise(ends), strict=True)
        if count
    )


def short(day: date) -> str:
    """``3 Nov``."""
    return f"{day.day} {day:%b}"


def _round_numbers() -> Iterator[int]:
    ten = 1
    while True:
        yield from (ten, 2 * ten, 5 * ten)
        ten *= 10


def _column(
    day: date,
    at: int,
    place: float,
    counts: Sequence[tuple[str, int]],
    per_one: float,
    zero: float,
) -> Column:
    pieces, top = [], float(zero)
    for kind, count in counts:
        if count:
            height = max(count * per_one, LEAST)
            top -= height
            pieces.append(Piece(kind, round(top, 1), round(height, 1)))
    told = ", ".join(f"{count:,} {kind}" for kind, count in counts if count)
    return Column(
        left=round(at * place + place * (1 - FULL) / 2, 3),
        middle=round((at + 0.5) * place, 3),
        words=f"{day:%a} {short(day)}: {told or 'nothing'}",
        total=sum(count for _, count in counts),
        pieces=tuple(pieces),
    )


def _weeks(days: Sequence[date], columns: Sequence[Column]) -> Iterator[Mark]:
    """All Mondays where there is room for them, else those that are far enough from each other."""
    apart = -(-len(days) // 35)
    mondays = [at for at, day in enumerate(days) if day.weekday() == 0]
    for at in mondays[::apart]:
        yield Mark(columns[at].middle, short(days[at]))


def _peak(columns: Sequence[Column]) -> Peak | None:
    """The newest of the highest."""
    highest = max(reversed(columns), key=lambda each: each.total)
    if not highest.pieces:
        return None
    return Peak(highest.middle, highest.pieces[-1].top - 6, f"{highest.total:,}")
