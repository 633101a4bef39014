"""A listing as a form gives it, finished: readable, cleaned, its ids and its link made whole."""

from __future__ import annotations

from dataclasses import replace

from worker.core.clean import clean_listing
from worker.core.identity import normalise_id
from worker.model import Listing


def finished(listing: Listing, *, markup: bool = False) -> Listing:
    """The listing for the paper log: nothing of it raises later, whatever the file held.

    Ids that are arXiv's or DOIs are keys; one that the link tells joins them; and a paper with an
    id has a link.
    """
    told = normalise_id(listing.url)
    ids = [normalise_id(id_) or id_ for id_ in (*listing.ids, *([told] if told else ()))]
    return clean_listing(replace(listing, ids=tuple(ids), url=listing.url or _page(ids)))


def _page(ids: list[str]) -> str:
    """Where the first of the ids that lead anywhere leads to."""
    pages = {"arxiv": "https://arxiv.org/abs/", "doi": "https://doi.org/"}
    for id_ in ids:
        scheme, _, name = id_.partition(":")
        if scheme in pages and name:
            return pages[scheme] + name
    return ""
