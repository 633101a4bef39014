"""Pages that are one of several: ``?page=2``."""

from __future__ import annotations

import re
from typing import Final

from starlette.requests import Request

_PAGE: Final = re.compile(r"[1-9][0-9]{0,5}")


def page_of(request: Request, name: str = "page") -> int:
    """Which page is asked for; the first, if that is no number."""
    text = request.query_params.get(name, "")
    return int(text) if _PAGE.fullmatch(text) else 1
