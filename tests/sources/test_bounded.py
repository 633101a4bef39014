"""No file lists more papers than any day has: time and memory end there (B46)."""

from __future__ import annotations

from itertools import repeat

import pytest

from tests.sources.daily import daily_file
from worker.model import Listing, Unreadable
from worker.sources import forms
from worker.sources.bounded import LISTINGS_LIMIT, bounded
from worker.sources.gathered import Found, gathered
from worker.sources.unpack import text_of

MANY = LISTINGS_LIMIT + 1
RECORD = "\\\\\narXiv:2509.00001\nTitle: A\n\\\\\n"


def test_as_many_as_may_be_are_all_there() -> None:
    assert bounded(range(LISTINGS_LIMIT)) == tuple(range(LISTINGS_LIMIT))


def test_what_never_ends_is_refused_too() -> None:
    with pytest.raises(Unreadable, match="more than 100,000 entries: no day has so many papers"):
        bounded(iter(int, 1))


@pytest.mark.parametrize(
    "content",
    [
        "<rss><channel>" + "<item/>" * MANY + "</channel></rss>",
        '<feed xmlns="http://www.w3.org/2005/Atom">' + "<entry/>" * MANY + "</feed>",
        "[" + '{"title":"A"},' * LISTINGS_LIMIT + '{"title":"A"}]',
        '{"title":"A"}\n' * MANY,
        '{"version":"https://jsonfeed.org/version/1.1","items":[' + "{}," * MANY + "{}]}",
        RECORD * MANY,
        "Daily Papers\n\nSep 8\n\n" + "A title\n\nB title\n\nC title\n\n" * 33_334,
    ],
    ids=["rss", "atom", "json", "lines", "json-feed", "mail", "titles"],
)
def test_a_file_of_more_than_any_day_has_is_refused(content: str) -> None:
    with pytest.raises(Unreadable, match="more than 100,000 entries"):
        forms.read(daily_file(content), None)


def test_a_list_of_more_than_any_day_has_is_refused() -> None:
    """Tables, references and records; without end, so that no more than are needed are read."""
    text = text_of(daily_file("A list"), None)
    with pytest.raises(Unreadable, match="more than 100,000 entries"):
        gathered(text, "list", repeat(Found(Listing("A", ""))))
