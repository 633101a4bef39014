"""The operator's page: how it has been going, as plots and tables, behind a token that he knows.

It has a listener of its own, on this machine only, and is asked for nothing but itself.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, cast

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from worker import shipped
from worker.core.breaker import is_open
from worker.core.chart import Stack, Stretch, parts, shares, stacked
from worker.core.doors import PRIVATE
from worker.core.favourites import Used
from worker.core.keys import Keys
from worker.core.moments import moment, span
from worker.core.overview import Overview, Series
from worker.core.standing import wrong
from worker.core.tokens import OPERATOR, read_token, token
from worker.core.verdict import judgement
from worker.core.waiting import braked
from worker.gathering import gathered
from worker.inspection import Found, inspected
from worker.log import scrubbed
from worker.web import fixed
from worker.web.guard import Guard
from worker.web.pages import Pages
from worker.web.site import Site
from worker.web.turned import Turned, turned

DAYS: Final = 30
LASTS: Final = timedelta(seconds=30)
"""So long a page is as good as new."""

TALL: Final = 190
LOW: Final = 110
"""Pixels of the highest bar."""

LONGEST: Final = 160
"""Characters shown of a rule."""


def path(keys: Keys) -> str:
    """Of the page, from the root on. Whoever knows it sees the page."""
    return f"/o/{token(keys.secret, keys.newest, OPERATOR, 0)}"


@dataclass(frozen=True, slots=True)
class Plot:
    """Numbers by day: ``stack`` is how they are drawn, ``series`` what there is any of."""

    stack: Stack
    series: tuple[Series, ...]
    total: int


@dataclass(frozen=True, slots=True)
class Row:
    """A number of something, and its share of the greatest in percent."""

    name: str
    count: int
    share: float


@dataclass(frozen=True, slots=True)
class RuleRow:
    """A rule, with how many read by it and how many papers it matches, None if it is no rule."""

    query: str
    readers: int
    readers_share: float
    papers: int | None
    papers_share: float


class Board:
    """The page, made anew when it is asked for and not new any more; one at a time."""

    def __init__(self, site: Site, pages: Pages) -> None:
        self._site = site
        self._pages = pages
        self._turn = asyncio.Lock()
        self._made_at: datetime | None = None
        self._page = ""

    async def page(self) -> str:
        """As it was half a minute ago, or later."""
        async with self._turn:
            now = self._site.clock.now()
            if self._made_at is None or not timedelta(0) <= now - self._made_at < LASTS:
                self._page = await self._made(now)
                self._made_at = now
            return self._page

    async def _made(self, now: datetime) -> str:
        opened = self._site.opened
        found = await inspected(opened, now)
        figures = await gathered(opened, self._site.shelf, now, DAYS)
        return await asyncio.to_thread(self._drawn, found, figures, now)

    def _drawn(self, found: Found, figures: Overview, now: datetime) -> str:
        values = shown(figures, now) | said(found, now)
        return self._pages.text("operator.html.j2", **values)


def app_of(site: Site) -> Guard:
    """The operator's page of that site as an ASGI application of its own."""
    about = replace(site.pages.about, base="", is_alone=True)
    pages = Pages(shipped.web_templates(), about)
    app = Starlette(
        routes=[Route("/o/{token}", _answer), *fixed.routes()],
        exception_handlers=dict.fromkeys((Turned, HTTPException, Exception), turned),
    )
    app.router.redirect_slashes = False
    app.state.site = replace(site, pages=pages)
    app.state.board = Board(site, pages)
    return Guard(app, pages, PRIVATE)


async def _answer(request: Request) -> Response:
    site = cast(Site, request.app.state.site)
    keys = site.opened.composer.keys.by_id
    if read_token(keys, OPERATOR, str(request.path_params["token"])) != 0:
        raise Turned(404)
    return HTMLResponse(await cast(Board, request.app.state.board).page())


def said(found: Found, now: datetime) -> dict[str, object]:
    """How it stands, in sentences; without addresses, which servers like to name."""
    standing = found.standing
    troubles = wrong(standing)
    open_ = [each for each in standing.breakers if is_open(each, now)]
    is_idle = standing.newest is None or not standing.agenda.active
    return {
        "verdict": _unaddressed(judgement(standing, troubles)),
        "tone": "bad" if troubles else "note" if is_idle else "good",
        "breakers": [_unaddressed(braked(each, now)) for each in open_],
        "newest": found.newest.name if found.newest else "",
        "papers_known": found.counts["papers"],
    }


def _unaddressed(text: str) -> str:
    """Servers put addresses into brackets; what stands for one has its own."""
    return scrubbed(text).replace("<<address>>", "<address>")


def shown(figures: Overview, now: datetime) -> dict[str, object]:
    """The figures as the page draws them."""
    queue = figures.queue
    waiting = (
        ("planned", queue.waiting),
        ("sending", queue.sending),
        ("deferred", queue.deferred),
        ("uncertain", queue.uncertain),
    )
    return {
        "now": moment(now, now),
        "days": figures.days,
        "digests": _plot(figures, figures.digests, TALL),
        "others": {kind.value: count for kind, count in figures.others.items()},
        "papers": _plot(figures, figures.papers, LOW),
        "attempts": _plot(figures, figures.attempts, LOW),
        "suppressions": _plot(figures, figures.suppressions, LOW),
        "asks": _plot(figures, figures.asks, LOW),
        "requests": figures.requests,
        "taken": _taken(figures),
        "queue": waiting,
        "queue_line": parts(waiting),
        "in_queue": sum(count for _, count in waiting),
        "held": queue.held,
        "oldest": span(now - queue.since) if queue.since else "",
        "subscribers": _rows({each.value: n for each, n in figures.subscribers.items()}),
        "rules": _rules(figures.tried.rules),
        "tried": figures.tried,
    }


def _plot(figures: Overview, series: tuple[Series, ...], tall: int) -> Plot:
    there = tuple(each for each in series if each.total)
    return Plot(stacked(figures.days, series, tall), there, sum(each.total for each in there))


def _taken(figures: Overview) -> tuple[Stretch, ...]:
    requests = figures.requests
    return parts((("taken", requests.an_hour - requests.left), ("left", requests.left)))


def _rows(counts: dict[str, int]) -> list[Row]:
    along = zip(counts.items(), shares(tuple(counts.values())), strict=True)
    return [Row(name, count, share) for (name, count), share in along]


def _rules(rules: tuple[Used, ...]) -> list[RuleRow]:
    readers = shares([each.readers for each in rules])
    papers = shares([each.papers or 0 for each in rules])
    return [
        RuleRow(_cut(scrubbed(each.query)), each.readers, of_readers, each.papers, of_papers)
        for each, of_readers, of_papers in zip(rules, readers, papers, strict=True)
    ]


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
