"""A file that was cut is never taken for a smaller day without a word (B24)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.sources.daily import LONG, SEEDS, daily_file, outcome, page, parsed
from tests.texts import unhurried
from worker.model import Edition, Listing, Unreadable

BROKEN_OFF = "the last abstract breaks off; the rest of the file may be missing"


@unhurried
@given(st.sampled_from(SEEDS), st.data())
def test_a_cut_file_is_never_taken_for_a_smaller_day_without_a_word(
    seed: Path, data: st.DataObject
) -> None:
    content = seed.read_bytes()
    cut = content[: data.draw(st.integers(0, len(content) - 1))]
    edition = outcome(daily_file(cut, seed.name))
    if isinstance(edition, Unreadable):
        return
    complete = outcome(daily_file(content, seed.name))
    assert isinstance(complete, Edition)
    whole = complete.listings
    assert edition.listings[:-1] == whole[: len(edition.listings) - 1]
    assert edition.rejected or _looks_whole(edition.listings[-1], whole[len(edition.listings) - 1])


def _looks_whole(last: Listing, whole: Listing) -> bool:
    """What cannot be told: a cut behind a full stop (or in an address) of the last abstract."""
    word = last.abstract.split()[-1].rstrip(")]}\"'$")
    stop = word.endswith((".", "!", "?", "…")) or "://" in word
    return last.title == whole.title and whole.abstract.startswith(last.abstract) and stop


@pytest.mark.parametrize(
    ("ending", "kept", "rejected"),
    [
        (("Gamma",), 2, ["without abstract: “Gamma”"]),
        (("Gamma", "We"), 2, ["without abstract: “Gamma”", "without abstract: “We”"]),
        (("Gamma", "We show that this"), 3, [BROKEN_OFF]),
        (("Gamma", LONG + "And so we"), 3, [BROKEN_OFF]),
        (("Gamma", LONG + "(And so we are.)"), 3, []),
        (("Gamma", LONG + "Code: https://example.org/gamma"), 3, []),
    ],
)
def test_the_last_listing_of_a_cut_file_is_reported(
    ending: Sequence[str], kept: int, rejected: list[str]
) -> None:
    edition = parsed(page("Alpha", LONG, "Beta", LONG, *ending))
    assert len(edition.listings) == kept
    assert [one.why for one in edition.rejected] == rejected
