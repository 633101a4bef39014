"""What a later listing knows better of a paper that is in the log already."""

from __future__ import annotations

from dataclasses import replace

from worker.core.clean import MANY
from worker.model import Counts, Listing, Paper


def complete(paper: Paper, listing: Listing) -> Paper:
    """The paper with what the listing adds; the very same paper if it adds nothing.

    An abstract comes where there was none or only its beginning, authors where there are more of
    them, a link and a date where there were none; ids and categories join; counts are those of the
    later file. The title, the day, the kind and the source are those it was first seen with.
    """
    better = replace(
        paper,
        abstract=_longer(paper.abstract, listing.abstract),
        authors=max(paper.authors, listing.authors, key=len),
        ids=_joined(paper.ids, listing.ids),
        url=paper.url or listing.url,
        categories=_joined(paper.categories, listing.categories),
        published=paper.published or listing.published,
        counts=_counts(paper.counts, listing.counts),
    )
    return paper if better == paper else better


def _longer(known: str, told: str) -> str:
    beginning = known.rstrip(" .…")
    return told if len(told) > len(known) and told.startswith(beginning) else known


def _joined(known: tuple[str, ...], told: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*known, *told)))[: max(MANY, len(known))]


def _counts(known: Counts, told: Counts) -> Counts:
    return Counts(
        upvotes=known.upvotes if told.upvotes is None else told.upvotes,
        comments=known.comments if told.comments is None else told.comments,
        stars=known.stars if told.stars is None else told.stars,
    )
