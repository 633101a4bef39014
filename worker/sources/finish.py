"""A listing as a form gives it, finished: readable, cleaned, its ids and its link made whole."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Final

from worker.core.clean import ABSTRACT_LIMIT, NAME_LIMIT, clean_listing
from worker.core.identity import normalise_id
from worker.core.readable import readable
from worker.model import Listing

_LONGEST: Final = 4 * ABSTRACT_LIMIT
"""Characters of a text that are looked at: markup takes room, and what is longer is cut anyway."""


def finished(listing: Listing, *, markup: bool = False) -> Listing:
    """The listing for the paper log: nothing of it raises later, whatever the file held.

    Its texts are cut, then made readable, then cleaned. Ids that are arXiv's or DOIs are keys; one
    that the link tells joins them; and a paper with an id has a link. ``markup`` says that the
    entities in it are decoded already.
    """
    told = normalise_id(listing.url)
    ids = [normalise_id(id_) or id_ for id_ in (*listing.ids, *([told] if told else ()))]
    plain = partial(readable, markup=markup)
    title = plain(listing.title[:_LONGEST])
    return clean_listing(
        replace(
            listing,
            title=title,
            as_listed=listing.title[:_LONGEST] if title != listing.title else "",
            abstract=plain(listing.abstract[:_LONGEST]),
            authors=tuple(plain(name[: 4 * NAME_LIMIT]) for name in listing.authors),
            ids=tuple(ids),
            url=listing.url or _page(ids),
        )
    )


def _page(ids: list[str]) -> str:
    """Where the first of the ids that lead anywhere leads to."""
    pages = {"arxiv": "https://arxiv.org/abs/", "doi": "https://doi.org/"}
    for id_ in ids:
        scheme, _, name = id_.partition(":")
        if scheme in pages and name:
            return pages[scheme] + name
    return ""
