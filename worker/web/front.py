"""The front page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from worker.core.entries import entries_of
from worker.core.timetable import Fields
from worker.core.trim import Trim
from worker.core.view import Entry
from worker.core.window import Window
from worker.web.seats import seated_reading
from worker.web.signupform import NO_FAULTS, form
from worker.web.site import Site, site_of

SHOWN: Final = 10
TITLES: Final = Trim(abstract=1, line=160)


@dataclass(frozen=True, slots=True)
class Today:
    """The newest day that has papers: so many, and the first of them."""

    day: date
    papers: int
    entries: tuple[Entry, ...]


async def show(request: Request) -> Response:
    """What it is, the papers of today, and the form."""
    return await front(site_of(request))


async def front(
    site: Site,
    sent: Fields | None = None,
    faults: Mapping[str, str] = NO_FAULTS,
    status: int = 200,
) -> Response:
    """The front page, its form as it was sent, and what is wrong with that.

    What was sent is looked at as it was read, beside the loop.
    """
    today = newest(await site.shelf.window())
    make = partial(form, site, sent, faults)
    filled = make() if sent is None else await seated_reading(site, make)
    return site.pages("front.html.j2", status, today=today, **filled)


def newest(window: Window) -> Today | None:
    """None as long as no paper has come."""
    for day in window.days:
        if day.papers:
            return Today(day.day, len(day.papers), entries_of(day.papers[:SHOWN], trim=TITLES))
    return None


ROUTES: Final = (Route("/", show),)
