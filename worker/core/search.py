"""The kept papers, searched in the language of rules."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice

from worker.core.caught import MOST_WORK, Wrong
from worker.core.entries import SHORT, entries_of
from worker.core.exemplars import likes_of
from worker.core.paging import portion
from worker.core.parts import terms_of
from worker.core.query import QueryError, parse
from worker.core.trim import Trim
from worker.core.view import Entry
from worker.core.window import Window
from worker.model import Rule


@dataclass(frozen=True, slots=True)
class Found:
    """One page of what was found, newest first; ``total`` papers are on ``pages`` pages.

    Entries are numbered through all pages. ``wrong`` says why the query cannot be taken.
    """

    query: str
    total: int = 0
    page: int = 1
    pages: int = 1
    entries: tuple[Entry, ...] = ()
    wrong: Wrong | None = None


TOO_MUCH = Wrong(0, "this would take too long; simpler regexes, or fewer of them, will do")


def found(
    query: str,
    window: Window,
    page: int = 1,
    per_page: int = 25,
    *,
    work: int = MOST_WORK,
    trim: Trim = SHORT,
) -> Found:
    """That page of the papers which the query matches; the nearest there is, counted from 1."""
    try:
        asked = parse(query)
    except QueryError as error:
        return Found(query, wrong=Wrong(error.position, error.reason))
    if sum(map(window.catalogue.work, set(terms_of(asked)))) > work:
        return Found(query, wrong=TOO_MUCH)
    bits = window.index(likes_of(asked)).match(asked)
    total = bits.bit_count()
    here = portion(total, per_page, page)
    papers = islice(window.newest(bits), here.begin, here.end)
    entries = entries_of(papers, (Rule(query, query),), here.begin + 1, trim)
    return Found(query, total, here.page, here.pages, entries)
