"""What a later listing knows better of a paper that is in the log already."""

from __future__ import annotations

from dataclasses import replace
from zlib import crc32

from worker.core.clean import MANY
from worker.model import Counts, Kind, Listing, Paper


def complete(paper: Paper, listing: Listing) -> Paper:
    """The paper with what the listing adds; the very same paper if it adds nothing.

    An abstract comes where there was none or only its beginning, authors where there are more of
    them, a link and a date where there were none; ids and categories join; counts never go back,
    as an old file may be read again. What is listed as new is new, however it was listed before.
    The title, the day and the source are those it was first seen with.
    """
    better = replace(
        paper,
        abstract=_longer(paper.abstract, listing.abstract),
        authors=max(paper.authors, listing.authors, key=len),
        ids=_joined(paper.ids, listing.ids),
        url=paper.url or listing.url,
        categories=_joined(paper.categories, listing.categories),
        published=paper.published or listing.published,
        kind=Kind.NEW if listing.kind is Kind.NEW else paper.kind,
        counts=_counts(paper.counts, listing.counts),
    )
    return paper if better == paper else better


def state_of(paper: Paper) -> int:
    """A number for the paper as it is now: whatever became of the log, another state has another.

    So a digest that names the version shows what was chosen, also after a log was put back.
    """
    told = repr(replace(paper, version=0)).encode(errors="replace")
    return crc32(told) & 0x7FFF_FFFF


def _longer(known: str, told: str) -> str:
    """Lines may be broken elsewhere; a word is never gone on with."""
    before, whole = (" ".join(text.split()) for text in (known, told))
    beginning = before.rstrip(" .…")
    goes_on = whole[len(beginning) :]
    longer = len(whole) > len(before) and whole.startswith(beginning)
    broken = beginning and goes_on[:1].isalnum()
    return told if longer and not broken else known


def _joined(known: tuple[str, ...], told: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*known, *told)))[: max(MANY, len(known))]


def _counts(known: Counts, told: Counts) -> Counts:
    return Counts(
        upvotes=_most(known.upvotes, told.upvotes),
        comments=_most(known.comments, told.comments),
        stars=_most(known.stars, told.stars),
    )


def _most(*counts: int | None) -> int | None:
    return max((count for count in counts if count is not None), default=None)
