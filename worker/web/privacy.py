"""What is kept about people, and for how long."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from worker.config.settings import EXAMPLE
from worker.web.site import site_of


async def show(request: Request) -> Response:
    """The page; it names who runs the site once that is somebody."""
    site = site_of(request)
    return site.pages("privacy.html.j2", runs=runs_it(site.settings.reply_to))


def runs_it(reply_to: str) -> str:
    """The address of who answers; empty while it is that of the example, which is nobody's."""
    domain = reply_to.rpartition("@")[2]
    return "" if f".{domain}".endswith(f".{EXAMPLE}") else reply_to


ROUTES: Final = (Route("/privacy", show),)
