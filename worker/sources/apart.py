"""What was read of a file, put apart: the papers it lists, and what is none."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from worker.model import Listing, Rejected, Unreadable

REASONS: Final = 20
"""Why a file is unreadable; more help nobody."""


def apart(
    read: Iterable[Listing | Rejected], what: str = ""
) -> tuple[tuple[Listing, ...], tuple[Rejected, ...]]:
    """The listings, and what was rejected, each in its order.

    Raises Unreadable if there is something and not one is a listing; ``what`` is what each was to
    be, where that is to be said.
    """
    outcomes = list(read)
    listings = tuple(one for one in outcomes if isinstance(one, Listing))
    rejected = tuple(one for one in outcomes if isinstance(one, Rejected))
    if rejected and not listings:
        raise none_of(rejected, what)
    return listings, rejected


def none_of(rejected: tuple[Rejected, ...], what: str = "") -> Unreadable:
    """That a file has nothing but these."""
    whole = (Rejected("file", f"none of the {len(rejected)} {what} is a paper"),) if what else ()
    return Unreadable(*whole, *rejected[:REASONS])
