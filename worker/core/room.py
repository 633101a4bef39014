"""How much room there is in a mail, and how its parts are cut to it."""

from __future__ import annotations

from binascii import b2a_qp
from typing import Final

from worker.core.trim import Trim

LARGEST_HTML: Final = 90_000
"""Bytes. Gmail clips a message near 102 kB, and hides the unsubscribe link with the rest."""

LARGEST_ENCODED: Final = 95_000
"""Bytes of either part as quoted-printable, so that a message stays below 200 kB."""

SMALL: Final = 20_000
"""Bytes of either part, encoded, for a server that finds a message of the usual size too large."""

_SHORTER: Final = tuple(
    Trim(length) for length in (None, 1700, 1500, 1350, 1200, 1000, 800, 500, 300, 160)
)
_BRIEF: Final = tuple(Trim(0, line=line) for line in (160, 80, 40))
_FEWER: Final = tuple(Trim(160, papers) for papers in (60, 30, 15, 5))
_FEWEST: Final = tuple(Trim(0, papers, 40) for papers in (60, 30, 15, 5, 2))

HTML_TRIMS: Final = _SHORTER + _FEWER + _FEWEST
TEXT_TRIMS: Final = _SHORTER + _BRIEF + _FEWEST
"""How much a part shows, tried in turn until it is small enough. The text part names every paper,
unless no mail could hold their titles.
"""


def fits(part: str, *, html: bool, small: bool) -> bool:
    """Whether a mail has room for this part; ``small`` is for a server that takes little."""
    octets = part.encode()
    clipped = html and len(octets) > LARGEST_HTML
    encoded = b2a_qp(octets.replace(b"\n", b"\r\n"))  # as it travels
    return not clipped and len(encoded) <= (SMALL if small else LARGEST_ENCODED)
