"""Who asks, for the pages."""

from __future__ import annotations

from starlette.requests import Request

from worker.core.peer import peer
from worker.web.site import site_of


def peer_of(request: Request) -> str:
    """The address of who asks, or of the last one on the way to him that can be believed."""
    near = request.client.host if request.client else ""
    forwarded = request.headers.getlist("x-forwarded-for")
    return peer(near, forwarded, site_of(request).settings.web.proxies)
