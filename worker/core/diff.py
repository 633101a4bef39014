"""Which listings of an edition are fresh papers, and which were seen before."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from types import MappingProxyType
from typing import Final

from worker.core.complete import complete, state_of
from worker.core.identity import KINDS, keys
from worker.model import Kind, Listing, Paper, PaperNumber, Seen

NEW_ONLY: Final = frozenset({Kind.NEW})


@dataclass(frozen=True, slots=True)
class Diff:
    """One edition against the paper log. Every listing is in ``fresh``, ``seen`` or ``unasked``.

    ``seen`` holds the repeats, also of a paper fresh in this very edition. ``learned`` are the keys
    that papers of the log gained; a fresh paper holds its own. No key is given to two papers.
    ``completed`` are papers of the log of which this edition knows more, whole. ``unasked`` are
    cross-lists and replacements of papers that were never seen, and that nobody wants for new.
    """

    fresh: tuple[Paper, ...]
    seen: tuple[tuple[Listing, PaperNumber], ...]
    learned: Mapping[PaperNumber, tuple[str, ...]]
    completed: tuple[Paper, ...] = ()
    unasked: tuple[Listing, ...] = ()


def diff(
    listings: Iterable[Listing],
    known: Mapping[str, Seen],
    after: PaperNumber,
    day: date,
    *,
    source: str = "",
    wanted: Collection[Kind] = NEW_ONLY,
    kept: Mapping[PaperNumber, Paper] = MappingProxyType({}),
) -> Diff:
    """Number the fresh papers from ``after`` + 1, in the order of the listings.

    ``known`` answers for all ``keys`` of the listings. A paper is seen when any of its keys is,
    unless the ids speak against it (see ``_same``). Only listings of the ``wanted`` kinds make
    fresh papers. ``kept`` are the papers that the log still has whole, and so can be completed.
    """
    found = _Found(known)
    papers: dict[PaperNumber, Paper] = dict(kept)
    seen: list[tuple[Listing, PaperNumber]] = []
    unasked: list[Listing] = []
    # A paper may be new in one category and cross-listed in another: there it is new.
    for listing in sorted(listings, key=lambda one: one.kind is not Kind.NEW):
        own = keys(listing)
        number = found.under(own)
        if number is not None:
            seen.append((listing, number))
            if number in papers:
                papers[number] = complete(papers[number], listing)
        elif listing.kind in wanted:
            number = PaperNumber(after + len(papers) - len(kept) + 1)
            papers[number] = _paper(number, day, source, listing)
        else:
            unasked.append(listing)
            continue
        found.add(number, own)
    learned = {number: got for number, got in found.gained.items() if number <= after}
    fresh = (replace(papers[n], keys=found.gained[n]) for n in papers if n > after)
    better = (_better(kept[number], papers[number], learned) for number in kept)
    completed = tuple(paper for paper in better if paper is not kept[paper.number])
    return Diff(tuple(fresh), tuple(seen), learned, completed, tuple(unasked))


def _better(before: Paper, after: Paper, learned: Mapping[PaperNumber, tuple[str, ...]]) -> Paper:
    """The next version of the paper, or the same one."""
    gained = learned.get(before.number, ())
    if after is before and not gained:
        return before
    better = replace(after, keys=(*before.keys, *gained))
    return replace(better, version=state_of(better))


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
    for kind in KINDS:
        ours = {key for key in one if key.startswith(kind)}
        theirs = {key for key in other if key.startswith(kind)}
        if ours and theirs:
            return not ours.isdisjoint(theirs)
    return True


def _paper(number: PaperNumber, day: date, source: str, listing: Listing) -> Paper:
    return Paper(
        number=number,
        day=day,
        keys=(),
        title=listing.title,
        abstract=listing.abstract,
        authors=listing.authors,
        ids=listing.ids,
        url=listing.url,
        categories=listing.categories,
        published=listing.published,
        kind=listing.kind,
        counts=listing.counts,
        source=source,
    )
