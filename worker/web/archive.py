"""The papers that are kept, day by day, and searched in the language of rules."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from worker.core.caught import Wrong
from worker.core.entries import entries_of
from worker.core.named import LONGEST_RULE
from worker.core.paging import portion
from worker.core.search import Found, found
from worker.core.trim import WHOLE
from worker.core.view import Entry
from worker.core.window import Day, Window
from worker.web.paged import page_of
from worker.web.seats import seated
from worker.web.site import Site, site_of
from worker.web.turned import Turned

PER_PAGE: Final = 50
PER_DAY: Final = 100
"""Papers of a day on one page: an ordinary day fits."""

_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


@dataclass(frozen=True, slots=True)
class Leaf:
    """One page of a day: ``older`` and ``newer`` are the days beside it that are kept."""

    day: Day
    entries: tuple[Entry, ...]
    page: int
    pages: int
    older: date | None
    newer: date | None


async def days(request: Request) -> Response:
    """Every day that is kept, newest first."""
    site = site_of(request)
    window = await site.shelf.window()
    return site.pages("archive.html.j2", days=window.days, papers=len(window.papers))


async def day(request: Request) -> Response:
    """The papers first seen that day."""
    site = site_of(request)
    window = await site.shelf.window()
    which = _day(request.path_params["day"])
    on = window.on(which) if which else None
    if on is None:
        raise Turned(404)
    return await seated(site, partial(_day_page, site, window, on, page_of(request)))


async def search(request: Request) -> Response:
    """What is found, newest first; without a query, only where to write one."""
    site = site_of(request)
    query = request.query_params.get("q", "").strip()
    window = await site.shelf.window()
    return await seated(site, partial(_search_page, site, window, query, page_of(request)))


ROUTES: Final = (
    Route("/archive", days),
    Route("/archive/{day}", day),
    Route("/search", search),
)


def _day(text: str) -> date | None:
    """The day, if that is one way alone of writing it."""
    try:
        return date.fromisoformat(text) if _DAY.fullmatch(text) else None
    except ValueError:
        return None


def _day_page(site: Site, window: Window, on: Day, page: int) -> Response:
    return site.pages("archived.html.j2", leaf=leaf(window, on, page))


def leaf(window: Window, on: Day, page: int) -> Leaf:
    """That page of the day, or the nearest there is."""
    here = portion(len(on.papers), PER_DAY, page)
    at = window.days.index(on)
    return Leaf(
        day=on,
        entries=entries_of(on.papers[here.begin : here.end], (), here.begin + 1, WHOLE),
        page=here.page,
        pages=here.pages,
        older=window.days[at + 1].day if at + 1 < len(window.days) else None,
        newer=window.days[at - 1].day if at else None,
    )


def _search_page(site: Site, window: Window, query: str, page: int) -> Response:
    what = searched(query, window, page)
    status = 400 if what and what.wrong else 200
    return site.pages("search.html.j2", status, query=query, found=what, longest=LONGEST_RULE)


def searched(query: str, window: Window, page: int) -> Found | None:
    """What the query finds; None without one. It is no longer than a rule of a form may be."""
    if not query:
        return None
    if len(query) > LONGEST_RULE:
        return Found(query, wrong=Wrong(LONGEST_RULE, f"it has at most {LONGEST_RULE} characters"))
    return found(query, window, page, PER_PAGE, trim=WHOLE)
