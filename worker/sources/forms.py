"""Any daily file, whatever its form: recognised by its content, never by its name."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import partial
from typing import Final

from worker.model import DailyFile, Edition, Rejected, Unreadable
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
    return replace(
        edition,
        listings=tuple(map(finish, bounded(edition.listings))),
        source=edition.source or edition.format,
        notes=(*text.notes, *edition.notes),
    )
