"""Any daily file, whatever its form: recognised by its content, never by its name."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Final

from worker.model import DailyFile, Edition, Rejected, Unreadable
from worker.sources import hf_text
from worker.sources.finish import finished
from worker.sources.form import Form, Text
from worker.sources.unpack import text_of

FORMS: Final[tuple[Form, ...]] = (hf_text.FORM,)
"""The first that recognises a file reads it: those that can be told surely come first."""


def read(file: DailyFile, newest: date | None) -> Edition:
    """The edition in the file, every listing finished. ``newest`` is the newest day known.

    Raises Unreadable, saying where and why, if the file cannot be taken in.
    """
    text = text_of(file, newest)
    form = next((form for form in FORMS if form.recognise(text.text)), None)
    if form is None or _is_html(text.text):
        raise _unknown(text)
    edition = form.parse(text)
    return replace(edition, listings=tuple(map(finished, edition.listings)))


def _unknown(text: Text) -> Unreadable:
    if _is_html(text.text):
        return _refused("this is a web page (HTML): save its text instead")
    if text.text.lstrip().startswith(("{", "[")):
        return _refused("JSON is not read yet")
    return _refused("no form that is known: none of the first lines says 'Daily Papers'")


def _is_html(text: str) -> bool:
    return text.lstrip()[:15].lower().startswith(("<!doctype html", "<html"))


def _refused(why: str) -> Unreadable:
    return Unreadable(Rejected("file", why))
