"""The Hugging Face *Daily Papers* page saved as text: some header lines, then titles and abstracts.

Paragraphs are separated by blank lines; titles and abstracts take turns. Nothing marks which is
which, so paragraphs are paired by the reading that takes the fewest liberties (``_oddness``), and
one that fits nowhere is set aside while the others go on. What the page counts (``hf_card``) stands
between them in lines of its own. A page of which no paragraph is an abstract is a list of titles.

What cannot be told: a file that ends exactly behind an abstract, or behind a full stop or in an
address inside its last one, looks whole; so does a list of titles, wherever it ends, and a note
says so. Every other cut is reported. The second paragraph of an abstract is set aside, since it
may as well be the abstract of a title that went missing; one that is short, without a full stop
and before a long one looks like a title.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from itertools import islice, takewhile
from math import inf
from typing import Final

from worker.model import Edition, Listing, Rejected, Unreadable
from worker.sources.apart import REASONS
from worker.sources.form import Form, Text
from worker.sources.hf_body import Body, body_of, may_be_name
from worker.sources.hf_card import Mark, is_strong, marks_in, told
from worker.sources.hf_page import (
    EMPTY_DAY,
    LONGEST_TITLE,
    SOURCE,
    Lines,
    date_in,
    day_of_page,
    is_page_name,
    lines_of,
    says_no_papers,
    stands_above,
)
from worker.sources.sentence import BROKEN_OFF, ends_like_sentence

FORMAT: Final = "hf-text"

_HEAD_LINES: Final = 40  # that may hold the header, blank ones not counted
_ASIDE: Final = 2.0  # how odd it is to set a paragraph aside
_ASIDE_NAME: Final = 0.5  # and one that stands where the page names an organisation
_LONGEST_ALONE: Final = 200  # characters of a title that nothing else tells from an abstract
_TITLES: Final = 3  # so many different ones make a list of them
_TITLES_ONLY: Final = (
    "These are titles without abstracts: whether any is missing at the end cannot be told."
)


def recognise(text: str) -> bool:
    """Whether one of the first lines is the name of the page."""
    return any(is_page_name(line.text) for line in _head(lines_of(text)))


def parse(text: Text) -> Edition:
    """The edition in the text.

    Raises Unreadable if its day cannot be told, if there is no listing, or if more paragraphs fit
    nowhere than there are listings: then the others cannot be trusted either.
    """
    lines = list(lines_of(text.text))
    head = _head(lines)
    day, notes = day_of_page(head, text)
    body = body_of(_behind(head, lines), day)
    if _is_list_of_titles(body):
        titles = [n for n in range(len(body.paragraphs)) if not may_be_name(body, n)]
        listings = _told([(n, n) for n in titles], body, day)
        return Edition(day, FORMAT, listings, (), SOURCE, (*notes, _TITLES_ONLY))
    places, odd = _pairs(body)
    if not places and any(says_no_papers(one.text) for one in body.paragraphs):
        return Edition(day, FORMAT, (), (), SOURCE, (*notes, EMPTY_DAY))
    if not places or len(odd) > len(places):
        found = f"{len(places)} listings behind the header, {len(odd)} paragraphs that fit nowhere"
        raise Unreadable(Rejected("file", found), *odd[:REASONS])
    aside = (*odd, *_loose_end(places, body))
    return Edition(day, FORMAT, _told(places, body, day), aside, SOURCE, notes)


FORM: Final = Form(FORMAT, recognise, parse)


# --- the header -------------------------------------------------------------


def _head(lines: Iterable[Lines]) -> list[Lines]:
    """The lines before the first that is said of a paper or reads like an abstract."""
    above = takewhile(lambda line: not _is_of_a_paper(line.text), lines)
    return list(islice(above, _HEAD_LINES))


def _is_of_a_paper(line: str) -> bool:
    return _reads_like_abstract(line) or line.startswith("·") or is_strong(marks_in(line))


def _reads_like_abstract(text: str) -> bool:
    return len(text) > LONGEST_TITLE or text.endswith(".")


def _behind(head: Sequence[Lines], lines: Sequence[Lines]) -> Sequence[Lines]:
    """The lines after the last that stands above the papers, whatever else stood among those."""
    above = (n for n, line in enumerate(head, 1) if stands_above(line.text))
    return lines[max(above, default=0) :]


# --- titles alone -----------------------------------------------------------


def _is_list_of_titles(body: Body) -> bool:
    """Whether no paragraph can be an abstract: none is long, none ends in a full stop.

    Each stands beside a mark, all on the same side; or there are no marks at all, but several
    titles.
    """
    titles = [n for n in range(len(body.paragraphs)) if not may_be_name(body, n)]
    texts = {body.paragraphs[n].text for n in titles}
    if any(_reads_like_abstract(text) or date_in(text) for text in texts):
        return False
    if any(body.marks):
        return bool(titles) and any(all(body.marks[n + side] for n in titles) for side in (0, 1))
    return len(texts) >= _TITLES and all(len(text) <= _LONGEST_ALONE for text in texts)


# --- titles and abstracts ---------------------------------------------------


def _pairs(body: Body) -> tuple[list[tuple[int, int]], list[Rejected]]:
    """Where titles and their abstracts are, and what fits nowhere, by the least odd reading of all.

    Of two equally odd ones it is the one that sets a paragraph aside first: a stray line is more
    often before a title than an abstract without its title is behind one.
    """
    aside, paired = _costs(body)
    pairs: list[tuple[int, int]] = []
    odd: list[Rejected] = []
    at = 0
    while at < len(aside):
        if paired[at] < aside[at]:
            pairs.append((at, at + 1))
            at += 2
            continue
        if not may_be_name(body, at):
            odd.append(_set_aside(body.paragraphs[at]))
        at += 1
    return pairs, odd


def _costs(body: Body) -> tuple[list[float], list[float]]:
    """For each paragraph the oddness of all from there on, if it is set aside, if it is a title."""
    texts = [paragraph.text for paragraph in body.paragraphs]
    aside, paired = [inf] * len(texts), [inf] * len(texts)
    best = [0.0] * (len(texts) + 1)
    for at in reversed(range(len(texts))):
        aside[at] = (_ASIDE_NAME if may_be_name(body, at) else _ASIDE) + best[at + 1]
        if at + 1 < len(texts):
            paired[at] = _oddness(texts[at], texts[at + 1]) + best[at + 2]
        best[at] = min(aside[at], paired[at])
    return aside, paired


def _oddness(title: str, abstract: str) -> float:
    """How little the two look like a title and its abstract; setting one aside counts 2.

    A title is no date, at most 300 characters long and shorter than its abstract, unless that at
    least ends like a sentence. A final full stop counts 1 against a title.
    """
    too_short = len(abstract) <= len(title) and not ends_like_sentence(abstract)
    if len(title) > LONGEST_TITLE or date_in(title) or too_short:
        return inf
    return float(title.endswith("."))


def _set_aside(paragraph: Lines) -> Rejected:
    if date_in(paragraph.text):
        return Rejected(paragraph.where, f"a second date, {paragraph.shown}")
    missing = "title" if _reads_like_abstract(paragraph.text) else "abstract"
    return Rejected(paragraph.where, f"without {missing}: {paragraph.shown}")


def _loose_end(places: Sequence[tuple[int, int]], body: Body) -> tuple[Rejected, ...]:
    """What may be missing behind the last abstract: the listing stands, the cut is reported."""
    last = body.paragraphs[-1]
    if last is not body.paragraphs[places[-1][1]] or ends_like_sentence(last.text):
        return ()
    return (Rejected(last.where, BROKEN_OFF),)


def _told(places: Sequence[tuple[int, int]], body: Body, day: date) -> tuple[Listing, ...]:
    """The listings at the places of a title and its abstract, with what the marks say of them."""
    listings = [_listing(body.paragraphs[title], body.paragraphs[end]) for title, end in places]
    ends = [*(title for title, _ in places), len(body.marks) - 1]
    starts = [0, *(title + 1 for title, _ in places)]
    runs = [_joined(body.marks[start : end + 1]) for start, end in zip(starts, ends, strict=True)]
    return tuple(told(listings, runs, day))


def _joined(runs: Iterable[Sequence[Mark]]) -> list[Mark]:
    return [mark for run in runs for mark in run]


def _listing(title: Lines, abstract: Lines) -> Listing:
    """A title that is its own abstract has none."""
    told_more = abstract is not title
    return Listing(title=title.text.replace("\n", " "), abstract=abstract.text if told_more else "")
