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
    reply_to = site.settings.reply_to
    real = not reply_to.endswith(EXAMPLE)
    return site.pages("privacy.html.j2", runs=reply_to if real else "")


ROUTES: Final = (Route("/privacy", show),)
