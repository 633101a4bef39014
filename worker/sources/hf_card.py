"""What the Daily Papers page says of a paper beside its title and its abstract.

Upvotes stand before the title, as a number or ``-``; behind it the authors or their organisation,
a date, the number of comments, and on some pages labelled numbers (``Upvote``, ``GitHub 1.2k``).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from enum import Enum, auto
from typing import Final

from worker.core.editionday import day_of, parse_day
from worker.model import Counts, Listing, Unreadable

_LONGEST_NAME: Final = 60  # characters of an organisation or a person
_THOUSAND: Final = 1000  # so many comments nobody has written, but so many stars a program has

_COUNT = r"(?P<count>[0-9]{1,3}(?:,[0-9]{3})+|[0-9]{1,3}(?:\.[0-9]{1,2})?k|[0-9]{1,6})"
_ALONE = re.compile(rf"(?:\[[-x ]?\] ?)?(?:{_COUNT}|-)", re.IGNORECASE)
_LABELLED = re.compile(
    rf"(?P<before>upvotes?|github|stars?|comments?):?(?: {_COUNT})?", re.IGNORECASE
)
_COUNTED = re.compile(rf"{_COUNT} (?P<behind>upvotes?|stars?|comments?)", re.IGNORECASE)
_AUTHORS = re.compile(r"(?:- )?[0-9]{1,5} authors?", re.IGNORECASE)
_SUBMITTED = re.compile(r"submitted by(?: .{1,60})?", re.IGNORECASE)
_PUBLISHED = re.compile(r"published on (.+)", re.IGNORECASE)
_IMAGE = re.compile(r"\[(?:[ x-]?|[^\s\[\]]{1,200}\.(?:png|jpe?g|svg|webp|gif|avif))\]")
_BULLETS: Final = "*+• "


class Sign(Enum):
    """What a mark says; UPVOTES, COMMENTS and STARS are labelled, a COUNT is not."""

    COUNT = auto()
    UPVOTES = auto()
    COMMENTS = auto()
    STARS = auto()
    AUTHORS = auto()
    SUBMITTED = auto()
    PUBLISHED = auto()
    DOT = auto()
    NOTHING = auto()


@dataclass(frozen=True, slots=True)
class Mark:
    """One thing that is said of a paper; ``day`` is month, day and year if it is known."""

    sign: Sign
    count: int | None = None
    day: tuple[int, int, int | None] | None = None


_LABELS: Final = {
    "upvote": Sign.UPVOTES,
    "github": Sign.STARS,
    "star": Sign.STARS,
    "comment": Sign.COMMENTS,
}


def marks_in(line: str) -> tuple[Mark, ...]:
    """The marks that the line is made of; none if there is anything else in it.

    ``·`` stands between marks, and between an organisation and the mark behind it.
    """
    first, *others = (part.strip(_BULLETS) for part in line.split("·"))
    if not others:
        mark = _mark(first)
        return (mark,) if mark else ()
    if len(first) > _LONGEST_NAME:
        return ()
    marks = [_mark(part) or _dated(part) for part in others if part]
    known = (_mark(first), *marks) if first else marks
    if first and not all(marks):
        return ()
    return (Mark(Sign.DOT), *(mark for mark in known if mark))


def is_before_a_date(mark: Mark) -> bool:
    """Whether a bare date behind the mark is the paper's, not the page's."""
    return mark.sign in (Sign.AUTHORS, Sign.DOT)


def is_strong(marks: Sequence[Mark]) -> bool:
    """Whether such a line is none of an abstract's, not even of one that is wrapped."""
    return any(mark.sign in (Sign.AUTHORS, Sign.SUBMITTED) for mark in marks)


def dated(line: str) -> tuple[Mark, ...]:
    """The line as the date of a paper, with the number of comments behind it or without."""
    if day := _dated(line):
        return (day,)
    before, _, last = line.rpartition(" ")
    day, count = _dated(before), _mark(last)
    return (day, count) if day and count and count.sign is Sign.COUNT else ()


def told(listings: Sequence[Listing], runs: Sequence[Sequence[Mark]], day: date) -> list[Listing]:
    """The listings with what their marks say: ``runs[0]`` stands before the first title,
    ``runs[n]`` between the n-th and the next. ``day`` is the page's.
    """
    labelled = [_labelled(run) for run in runs]
    leads_first = any(mark.sign is Sign.COUNT for mark in labelled[0])
    lead: Sequence[Mark] = labelled[0]
    complete = []
    for number, listing in enumerate(listings, 1):
        own, following = _parted(labelled[number], leads_first and number < len(listings))
        published = next((mark.day for mark in own if mark.day), None)
        counts = _counts(lead, own)
        complete.append(replace(listing, counts=counts, published=_day(published, day)))
        lead = following
    return complete


def _mark(text: str) -> Mark | None:
    if text.casefold() == "arxiv page" or _IMAGE.fullmatch(text):
        return Mark(Sign.NOTHING)
    if alone := _ALONE.fullmatch(text):
        return Mark(Sign.COUNT, _number(alone["count"] or "0"))
    if labelled := _LABELLED.fullmatch(text):
        return _label(labelled["before"], labelled["count"])
    if counted := _COUNTED.fullmatch(text):
        return _label(counted["behind"], counted["count"])
    if _AUTHORS.fullmatch(text):
        return Mark(Sign.AUTHORS)
    if _SUBMITTED.fullmatch(text):
        return Mark(Sign.SUBMITTED)
    published = _PUBLISHED.fullmatch(text)
    return _dated(published[1]) if published else None


def _label(label: str, count: str | None) -> Mark | None:
    sign = _LABELS[label.casefold().rstrip("s")]
    alone = label.casefold() in ("upvote", "github")
    return Mark(sign, _number(count) if count else None) if count or alone else None


def _dated(text: str) -> Mark | None:
    found = parse_day(text.strip())
    return Mark(Sign.PUBLISHED, day=found) if found else None


def _number(text: str) -> int:
    if text[-1] in "kK":
        return round(float(text[:-1]) * 1000)
    return int(text.replace(",", ""))


def _labelled(run: Iterable[Mark]) -> list[Mark]:
    """The run with each number behind a label that has none yet made one with it."""
    marks: list[Mark] = []
    for mark in run:
        if mark.sign is Sign.COUNT and marks and _wants_count(marks[-1]):
            marks[-1] = replace(marks[-1], count=mark.count)
        else:
            marks.append(mark)
    return marks


def _wants_count(mark: Mark) -> bool:
    return mark.count is None and mark.sign in (Sign.UPVOTES, Sign.COMMENTS, Sign.STARS)


def _parted(run: Sequence[Mark], leads: bool) -> tuple[Sequence[Mark], Sequence[Mark]]:
    """What belongs to the paper before the run, and to the one behind it.

    Who submitted a paper is said before its title; and where numbers stand before the first title,
    ``leads``, the last number does before each.
    """
    at = max((n for n, mark in enumerate(run) if mark.sign is Sign.SUBMITTED), default=None)
    if at is None and leads and run and run[-1].sign is Sign.COUNT:
        at = len(run) - 1
    return (run, ()) if at is None else (run[:at], run[at:])


def _counts(lead: Sequence[Mark], own: Sequence[Mark]) -> Counts:
    said = {mark.sign: mark.count for mark in own}
    leading = [mark.count for mark in lead if mark.sign is Sign.COUNT]
    upvotes = leading[-1] if leading else said.get(Sign.UPVOTES)
    numbers = [mark.count for mark in own if mark.sign is Sign.COUNT]
    if upvotes is None and numbers:
        upvotes = numbers.pop(0 if _leads(own) else -1)
    comments, stars = (numbers or [None])[-1], (numbers or [None])[0]
    if len(numbers) == 1:
        many = (numbers[0] or 0) >= _THOUSAND
        comments, stars = (None, stars) if many else (comments, None)
    return Counts(upvotes, said.get(Sign.COMMENTS, comments), said.get(Sign.STARS, stars))


def _leads(own: Sequence[Mark]) -> bool:
    """Whether the first mark of all is a number, and not behind the authors."""
    return own[0].sign is Sign.COUNT and len(own) > 1


def _day(said: tuple[int, int, int | None] | None, day: date) -> date | None:
    """The last such day before that of the page."""
    if said is None:
        return None
    page = datetime(day.year, day.month, day.day, tzinfo=UTC)
    try:
        return day_of(said[0], said[1], "", None, page, year=said[2])
    except Unreadable:
        return None
