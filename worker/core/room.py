"""How much room there is in a mail, and how its parts are cut to it."""

from __future__ import annotations

from binascii import b2a_qp
from bisect import bisect_left
from collections.abc import Callable, Sequence
from typing import Final

from worker.core.trim import WHOLE, Trim

LARGEST_HTML: Final = 90_000
"""Bytes. Gmail clips a message near 102 kB, and hides the unsubscribe link with the rest."""

LARGEST_ENCODED: Final = 95_000
"""Bytes of either part as quoted-printable, so that a message stays below 200 kB."""

SMALL: Final = 20_000
"""Bytes of either part, encoded, for a server that finds a message of the usual size too large."""

_SHORTER: Final = tuple(Trim(n) for n in (1700, 1500, 1350, 1200, 1000, 800, 500, 300, 160))
_BRIEF: Final = tuple(Trim(0, line=line) for line in (160, 80, 40))
_FEWER: Final = tuple(Trim(160, papers) for papers in (60, 30, 15, 5))
_FEWEST: Final = tuple(Trim(0, papers, 40) for papers in (60, 30, 15, 5, 2))

HTML_TRIMS: Final = ((WHOLE,), _SHORTER + _FEWER, _FEWEST)
TEXT_TRIMS: Final = ((WHOLE,), _SHORTER + _BRIEF, _FEWEST)
"""How much a part shows: the first that is small enough is taken. In each row one shows less than
the one before. The text part names every paper, unless no mail could hold their titles.
"""


def fits(part: str, *, html: bool, small: bool) -> bool:
    """Whether a mail has room for this part; ``small`` is for a server that takes little."""
    octets = part.encode()
    clipped = html and len(octets) > LARGEST_HTML
    encoded = b2a_qp(octets.replace(b"\n", b"\r\n"))  # as it travels
    return not clipped and len(encoded) <= (SMALL if small else LARGEST_ENCODED)


def first(rows: Sequence[Sequence[Trim]], has_room: Callable[[Trim], bool]) -> Trim:
    """The first trim that there is room for, or the very last; not every one of them is tried."""
    for row in rows:
        place = bisect_left(row, True, key=has_room)
        if place < len(row):
            return row[place]
    return rows[-1][-1]
