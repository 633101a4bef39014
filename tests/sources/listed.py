"""Files that list papers and say no more, for the tests of their forms."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.sources.daily import MODIFIED, daily_file
from worker.model import Edition, Unreadable
from worker.sources.finish import finished
from worker.sources.form import Form, Text
from worker.sources.unpack import text_of


def read(form: Form, content: str | bytes, name: str = "papers") -> Edition:
    """The edition in a file that is of this form."""
    text = text_of(daily_file(content, name), None)
    assert form.recognise(text.text)
    return form.parse(text)


def refused(form: Form, content: str | bytes) -> Unreadable:
    with pytest.raises(Unreadable) as caught:
        read(form, content)
    return caught.value


def outcome(form: Form, content: str | bytes) -> Edition | Unreadable | None:
    """The edition, why there is none, or None if it is not of this form.

    Every listing can be finished. Anything else that is raised fails the test.
    """
    try:
        text = text_of(daily_file(content), None)
        if not form.recognise(text.text):
            return None
        edition = form.parse(text)
    except Unreadable as unreadable:
        return unreadable
    assert all(finished(listing).title for listing in edition.listings)
    return edition


def parse_anything(form: Form, text: str) -> None:
    """Nothing but Unreadable leaves a form, also where it was given what it does not recognise."""
    try:
        form.parse(Text(text, "papers", MODIFIED, None))
    except Unreadable:
        pass


def taken_in_when_cut(form: Form, content: bytes) -> Iterator[tuple[bytes, Edition]]:
    """Each beginning of the file that is taken in without a word of what is missing."""
    for length in range(len(content)):
        edition = outcome(form, content[:length])
        if isinstance(edition, Edition) and not edition.rejected and not edition.notes:
            yield content[:length], edition


def titles(edition: Edition) -> list[str]:
    return [listing.title for listing in edition.listings]


def places(edition: Edition) -> list[str]:
    return [rejected.where for rejected in edition.rejected]
