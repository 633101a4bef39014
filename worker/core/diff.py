"""Which listings of an edition are fresh papers, and which were seen before."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from worker.core.identity import keys
from worker.model import Listing, Paper, PaperNumber, Seen

_KINDS: Final = ("arxiv:", "doi:")  # of ids, the one that decides first


@dataclass(frozen=True, slots=True)
class Diff:
    """One edition against the paper log. Every listing is in ``fresh`` or in ``seen``.

    ``seen`` holds the repeats, also of a paper fresh in this very edition. ``learned`` are the keys
    that papers of the log gained; a fresh paper holds its own. No key is given to two papers.
    """

    fresh: tuple[Paper, ...]
    seen: tuple[tuple[Listing, PaperNumber], ...]
    learned: Mapping[PaperNumber, tuple[str, ...]]


def diff(
    listings: Iterable[Listing], known: Mapping[str, Seen], after: PaperNumber, day: date
) -> Diff:
    """Number the fresh papers from ``after`` + 1, in the order of the listings.

    ``known`` answers for all ``keys`` of the listings. A paper is seen when any of its keys is,
    unless the ids speak against it (see ``_same``).
    """
    found = _Found(known)
    first: dict[PaperNumber, Listing] = {}
    seen: list[tuple[Listing, PaperNumber]] = []
    for listing in listings:
        own = keys(listing)
        number = found.under(own)
        if number is None:
            number = PaperNumber(after + len(first) + 1)
            first[number] = listing
        else:
            seen.append((listing, number))
        found.add(number, own)
    fresh = tuple(_paper(number, day, found.gained[number], first[number]) for number in first)
    learned = {number: got for number, got in found.gained.items() if number not in first}
    return Diff(fresh, tuple(seen), learned)


class _Found:
    """The keys met so far and the paper each belongs to: the one first seen under it, for ever."""

    def __init__(self, known: Mapping[str, Seen]) -> None:
        self.gained: dict[PaperNumber, tuple[str, ...]] = {}
        self._owner = {key: seen.number for key, seen in known.items()}
        self._keys = {seen.number: seen.keys for seen in known.values()}

    def under(self, own: tuple[str, ...]) -> PaperNumber | None:
        """The paper that a listing with these keys is, if it was met before."""
        owners = (self._owner[key] for key in own if key in self._owner)
        return next((number for number in owners if _same(own, self._keys[number])), None)

    def add(self, number: PaperNumber, own: tuple[str, ...]) -> None:
        """Let the paper have those of the keys that nobody has."""
        gained = tuple(key for key in own if key not in self._owner)
        if gained:
            self._owner |= dict.fromkeys(gained, number)
            self._keys[number] = (*self._keys.get(number, ()), *gained)
            self.gained[number] = (*self.gained.get(number, ()), *gained)


def _same(one: Iterable[str], other: Iterable[str]) -> bool:
    """Whether two sets of keys that have one in common are of one paper.

    Ids of one kind decide, arXiv ids before DOIs: different ones make different papers even under
    one title. Where no kind is on both sides, the common key does.
    """
    for kind in _KINDS:
        ours = {key for key in one if key.startswith(kind)}
        theirs = {key for key in other if key.startswith(kind)}
        if ours and theirs:
            return not ours.isdisjoint(theirs)
    return True


def _paper(number: PaperNumber, day: date, own: tuple[str, ...], listing: Listing) -> Paper:
    return Paper(
        number=number,
        day=day,
        keys=own,
        title=listing.title,
        abstract=listing.abstract,
        authors=listing.authors,
        ids=listing.ids,
        url=listing.url,
        categories=listing.categories,
        published=listing.published,
    )
