"""What is answered to whom the site turns away: fixed pages, which say nothing of the request."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from worker.model import Refused
from worker.web.pages import Pages
from worker.web.site import site_of

STATUSES: Final = (400, 403, 404, 405, 408, 413, 415, 421, 431, 500, 503)
"""Those that there are pages for."""


class Turned(Exception):
    """This request is not answered as asked, but with the page of that status."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


def page(pages: Pages, status: int, headers: Mapping[str, str] | None = None) -> Response:
    """The page of that status; of 400 or 500 for one that there are no words for."""
    known = status if status in STATUSES else 400 if status < 500 else 500
    # No address is told from a link that held once.
    made = pages.fixed("nolink.html.j2" if known == 404 else "turned.html.j2", known)
    made.headers.update(headers or {})
    return made


async def turned(request: Request, error: Exception) -> Response:
    """The page of what was raised; that of 500 for whatever is no way to turn somebody away."""
    pages = site_of(request).pages
    match error:
        case Turned(status=status):
            return page(pages, status)
        case HTTPException(status_code=status, headers=headers):
            return page(pages, status, headers)
        case Refused(exit_code=os.EX_TEMPFAIL):
            return page(pages, 503)
    return page(pages, 500)
