"""Sets of small numbers as integers: bit i is set if i is in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator


def bits_of(numbers: Iterable[int], count: int) -> int:
    """These numbers, all below ``count``."""
    row = bytearray(b"0") * (count + 1)
    for number in numbers:
        row[count - number] = 49  # "1"
    return int(row, 2)


def ones(bits: int) -> Iterator[int]:
    """The numbers that are in, the least first."""
    return (number for number, bit in enumerate(reversed(f"{bits:b}")) if bit == "1")
