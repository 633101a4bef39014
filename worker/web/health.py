"""What machines ask: whether we are well, and what robots may read (nothing)."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from worker.model import Refused
from worker.web.site import Site, site_of

log = logging.getLogger(__name__)

BY_NOW: Final = timedelta(minutes=3)
"""A daemon that ticks each minute has ticked within this."""

_ROBOTS: Final = "User-agent: *\nDisallow: /\n"

LastTick = Callable[[], datetime | None]


def no_daemon() -> datetime | None:
    """The last tick where there is none."""
    return None


def routes(last_tick: LastTick) -> list[BaseRoute]:
    """The routes; ``last_tick`` is that of the daemon that the site is in."""

    async def ready(request: Request) -> Response:
        is_ready = await _is_ready(site_of(request), last_tick())
        return PlainTextResponse("ok" if is_ready else "not ready", 200 if is_ready else 503)

    return [Route("/healthz", _alive), Route("/readyz", ready), Route("/robots.txt", _robots)]


async def _alive(request: Request) -> Response:
    """That this is answered is the answer: the process is there, and its loop turns."""
    return PlainTextResponse("ok")


async def _robots(request: Request) -> Response:
    return PlainTextResponse(_ROBOTS)


async def _is_ready(site: Site, last_tick: datetime | None) -> bool:
    """Whether the stores can be read, and the daemon ticks. Why not is for the log alone."""
    try:
        await site.opened.subscribers.extent()
        await site.opened.papers.end()
        site.opened.refuse_replaced()
    except (Refused, OSError) as trouble:
        log.warning("site not ready", extra={"why": str(trouble)})
        return False
    return last_tick is None or site.clock.now() - last_tick < BY_NOW
