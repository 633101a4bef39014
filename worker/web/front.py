"""The front page."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from worker.web.site import site_of


async def show(request: Request) -> Response:
    """What it is, and the form."""
    return site_of(request).pages("front.html.j2")


ROUTES: Final = (Route("/", show),)
