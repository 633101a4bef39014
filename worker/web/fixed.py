"""The few files that are served as they are: from a fixed list, read once."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from worker import shipped

_FILES: Final = {"style.css": "text/css", "icon.svg": "image/svg+xml"}


def routes() -> list[BaseRoute]:
    """A route for each. Raises OSError if one is missing."""
    return [_route(name, kind) for name, kind in _FILES.items()]


def _route(name: str, kind: str) -> Route:
    content = (shipped.path("templates") / "web" / name).read_bytes()

    async def show(request: Request) -> Response:
        return Response(content, media_type=kind)

    return Route(f"/static/{name}", show)
