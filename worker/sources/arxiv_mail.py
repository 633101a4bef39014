r"""arXiv's announcements as mailed or kept by arXiv: listings between ``\\``, rules between those.

Mails of one or several categories, quoted (``> ``) or pasted ones, listings of a day, of the past
week or of a month, and ``.abs`` files. The day is the one in the file's name, else that on which
arXiv announces what it says it received, else that of the mail.

What cannot be told: a mail that ends between two listings looks whole if it was pasted without its
head; with the head a note says that the line below the listings is missing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Final

from worker.core.editionday import edition_day
from worker.model import Edition, Incomplete, Kind, Rejected
from worker.sources.apart import apart
from worker.sources.arxiv_record import Record, listing, records
from worker.sources.bounded import bounded
from worker.sources.dates import day_in
from worker.sources.form import Form, Text

SOURCE: Final = "arxiv"
FORMAT: Final = "arxiv-mail"

_LOOKED_AT: Final = 200_000  # characters
_FRIDAY: Final = 4
_QUOTE = r"(?>(?:> ?)*)"
_FIRST = re.compile(rf"^{_QUOTE}\\\\[ \t]*\n{_QUOTE}(?:arXiv|Paper)\b[^\n:]{{0,30}}:", re.MULTILINE)
_QUOTED = re.compile(r"^> ?\\\\[ \t]*$", re.MULTILINE)
_QUOTES = re.compile(r"^(?>(?:> ?)+)", re.MULTILINE)
_RECEIVED = re.compile(
    r"^ ?received from +\w{3},? +[0-9]{1,2} \w{3} [^\n]{2,40}? to +"
    r"(?P<end>\w{3},? +[0-9]{1,2} \w{3} [0-9]{2,4} [0-9:]{5,8})",
    re.MULTILINE,
)
_PAST_DAY = re.compile(r"^/\*(?P<end>[^\n*]{6,60}+)\*/", re.MULTILINE)
_DATED = re.compile(r"\s*+Date: *(?P<end>[^\n]{6,60})")
_COUNTED = re.compile(
    r"^Subject: [^\n]{1,60}? (?P<new>[0-9]{1,6}) new(?: \+ +(?P<cross>[0-9]{1,6}) cross)?",
    re.MULTILINE,
)
_CLOSED: Final = "%%%---"
_BEGUN: Final = 2  # lines that are a listing's first, at most
_LAST: Final = date.max - timedelta(days=3)


def recognise(text: str) -> bool:
    """Whether a listing begins near the top, or the head of a mail of arXiv's stands there."""
    top = text[:_LOOKED_AT]
    if top.lstrip().startswith("<"):
        return False
    return bool(_FIRST.search(top) or ("arxiv.org" in top.lower() and _RECEIVED.search(_bare(top))))


def parse(text: Text) -> Edition:
    """The edition in the text.

    Raises Incomplete if it ends within a listing, and Unreadable if no listing can be read.
    """
    bare = _bare(text.text)
    lines = bare.split("\n")
    found = bounded(records(lines))
    received = [_announced(day) for day in _days(_RECEIVED, bare)]
    closed = any(line.startswith(_CLOSED) for line in lines[found[-1].end if found else 0 :])
    if not closed:
        _must_not_break_off(
            lines, found, mailed=bool(received), listed=bool(_PAST_DAY.search(bare))
        )
    listings, aside = apart(map(listing, found))
    day = edition_day(text.name, received or _dates(bare), text.modified)
    head = "\n".join(lines[: found[0].number] if found else lines)
    notes = (*_ending(found, closed=closed or not received), *_miscounted(head, found))
    return Edition(day, FORMAT, listings, aside, SOURCE, notes)


FORM: Final = Form(FORMAT, recognise, parse)


def _bare(text: str) -> str:
    """The text without the marks of a quotation."""
    return _QUOTES.sub("", text) if _QUOTED.search(text, 0, _LOOKED_AT) else text


# --- the day ----------------------------------------------------------------


def _dates(text: str) -> list[date]:
    """The days of a past week, else the date at the top."""
    top = _DATED.match(text)
    return _days(_PAST_DAY, text) or ([day] if top and (day := day_in(top["end"])) else [])


def _days(pattern: re.Pattern[str], text: str) -> list[date]:
    return [day for found in pattern.finditer(text) if (day := day_in(found["end"]))]


def _announced(received: date) -> date:
    """The next weekday: arXiv announces in the evening, and dates that as the day after."""
    return min(received, _LAST) + timedelta(days=3 if received.weekday() == _FRIDAY else 1)


# --- whether it is whole ----------------------------------------------------


def _must_not_break_off(
    lines: Sequence[str], found: Sequence[Record], *, mailed: bool, listed: bool
) -> None:
    """Raise Incomplete if the last listing is not whole, or behind it another has just begun.

    In a mail it ends with its address; in a listing of days (``listed``) it has no abstract.
    """
    last = found[-1] if found else None
    below = [at for at, line in enumerate(lines) if line.strip()][-_BEGUN:]
    begun = any(at >= (last.end if last else 0) and lines[at].startswith("\\") for at in below)
    if last is None or begun:
        raise _broken_off(len(lines))
    mailed = mailed or any(one.addressed for one in found[:-1])
    listed = listed or any(one.bare for one in found[:-1])
    half = last.broken or (mailed and not last.addressed) or (last.bare and not listed)
    if last.end >= len(lines) and half:
        raise _broken_off(last.number)


def _broken_off(number: int) -> Incomplete:
    return Incomplete(Rejected(f"line {number}", "the mail breaks off here; the rest is missing"))


def _ending(found: Sequence[Record], *, closed: bool) -> Iterator[str]:
    if not found:
        yield "The announcement has no papers."
    if found and not closed:
        yield (
            f"The line {_CLOSED} that ends an announcement is missing: there may be more listings"
            f" than those up to line {found[-1].end}."
        )


def _miscounted(head: str, found: Sequence[Record]) -> Iterator[str]:
    """Where the subject counts, whether it is right."""
    counted = _COUNTED.search(head)
    for kind in (Kind.NEW, Kind.CROSS):
        said = counted and counted[kind.value]
        there = sum(record.kind is kind for record in found)
        if said and int(said) != there:
            yield f"The subject announces {said} {kind} listings, but there are {there}."
