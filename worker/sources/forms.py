"""Any daily file, whatever its form: recognised by its content, never by its name."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import partial
from typing import Final

from worker.model import DailyFile, Edition, Listing, Rejected, Unreadable
from worker.sources import (
    arxiv_mail,
    bibtex,
    csv_table,
    feed,
    hf_links,
    hf_text,
    html_page,
    json_feed,
    json_papers,
    markdown,
    ris,
    yaml_papers,
)
from worker.sources.bounded import bounded
from worker.sources.finish import finished
from worker.sources.form import Form
from worker.sources.unpack import text_of

FORMS: Final[tuple[Form, ...]] = (
    feed.FORM,
    html_page.FORM,
    json_feed.FORM,
    json_papers.FORM,
    bibtex.FORM,
    ris.FORM,
    arxiv_mail.FORM,
    yaml_papers.FORM,
    csv_table.FORM,
    hf_links.FORM,
    markdown.FORM,
    hf_text.FORM,
)
"""The first that recognises a file reads it: those that can be told surely come first."""


def _all_arxiv(listings: tuple[Listing, ...]) -> bool:
    """Whether each has an arXiv id: a list that does not say whose it is, is arXiv's then."""
    ids = ([id_.startswith("arxiv:") for id_ in listing.ids] for listing in listings)
    return bool(listings) and all(map(any, ids))


def read(file: DailyFile, newest: date | None) -> Edition:
    """The edition in the file, every listing finished. ``newest`` is the newest day known.

    Raises Unreadable, saying where and why, if the file cannot be taken in, and Incomplete if it
    breaks off.
    """
    text = text_of(file, newest)
    form = next((form for form in FORMS if form.recognise(text.text)), None)
    if form is None:
        why = "no form of daily file that is known: neither a page, feed, mail nor list of papers"
        raise Unreadable(Rejected("file", why))
    edition = form.parse(text)
    finish = partial(finished, markup=form.markup)
    listings = tuple(map(finish, bounded(edition.listings)))
    return replace(
        edition,
        listings=listings,
        source=edition.source or ("arxiv" if _all_arxiv(listings) else edition.format),
        notes=(*text.notes, *edition.notes),
    )
