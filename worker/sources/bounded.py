"""How much a daily file may list, whatever its form."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from typing import Final, TypeVar

from worker.model import Rejected, Unreadable

LISTINGS_LIMIT: Final = 100_000  # forty times the largest day; bounds time and memory

_Entry = TypeVar("_Entry")


def bounded(entries: Iterable[_Entry]) -> tuple[_Entry, ...]:
    """The entries, papers or not. Raises Unreadable if they are more than any day has."""
    found = tuple(islice(entries, LISTINGS_LIMIT + 1))
    if len(found) > LISTINGS_LIMIT:
        why = f"more than {LISTINGS_LIMIT:,} entries: no day has so many papers; split the file"
        raise Unreadable(Rejected("file", why))
    return found
