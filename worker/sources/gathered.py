"""The edition of a file that is a list of papers and says no more: tables, references, records."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from worker.core.editionday import edition_day
from worker.model import Edition, Listing, Rejected
from worker.sources.apart import apart
from worker.sources.bounded import bounded
from worker.sources.form import Text

_HF_PAGE = re.compile(r"https?://huggingface\.co/papers/")
_A_WEEK: Final = timedelta(days=7)  # a longer list is of many days, and the readers take it as one


@dataclass(frozen=True, slots=True)
class Found:
    """What was found at one place: a listing, or why there is none, and the days it says."""

    outcome: Listing | Rejected
    days: tuple[date, ...] = ()


def gathered(text: Text, format_: str, found: Iterable[Found], *, lines: bool = False) -> Edition:
    """The edition of what was found, in its order. A file without papers is an empty day.

    ``lines``: each line of this form has an end, so that a last one without may be a cut one.
    Raises Unreadable if there are too many, or if not one of them can be read.
    """
    all_found = bounded(found)
    listings, rejected = apart(one.outcome for one in all_found)
    said = [day for one in all_found for day in one.days]
    day = edition_day(text.name, said, text.modified)
    notes = () if listings else ("There are no papers in this file.",)
    if said and max(said) - min(said) > _A_WEEK:
        notes = (
            f"The file lists papers of {min(said)} to {max(said)}; they are taken as of {day}.",
        )
    if lines and not text.text.endswith("\n"):
        notes = (*notes, "The last line has no end: the rest of the file may be missing.")
    return Edition(day, format_, listings, rejected, _source(listings), notes)


def _source(listings: tuple[Listing, ...]) -> str:
    """Hugging Face, if every link leads there; one to arXiv says nothing of who lists."""
    links = [listing.url for listing in listings]
    return "huggingface" if links and all(map(_HF_PAGE.match, links)) else ""
