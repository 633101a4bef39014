"""What stands round every page: who is let in, what each answer carries, what is noted of it.

Plain ASGI. Errors are answered with pages that were made before anybody asked.
"""

from __future__ import annotations

import asyncio
import http
import logging
import re
import time
import traceback
from collections.abc import Sequence
from ipaddress import ip_network
from pathlib import Path
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from worker.core.doors import House, Knock, let_in
from worker.core.host import plain
from worker.model import Refused
from worker.web.headers import Dress, Headers
from worker.web.pages import Pages
from worker.web.turned import STATUSES, page

log = logging.getLogger(__name__)

_NOWHERE: Final = ("", 0)
_PARAMETER: Final = re.compile(r"\{[^}]*\}")


class Guard:
    """The application ``inside``, guarded, of that ``house``.

    ``proxies`` are the networks that others are let in through.
    """

    def __init__(
        self, inside: ASGIApp, pages: Pages, house: House, proxies: Sequence[str] = ()
    ) -> None:
        self._inside = inside
        self._proxies = [ip_network(each) for each in proxies]
        self._house = house
        self._dress = Dress(is_tls=self._house.origin.startswith("https:"))
        self._pages = {status: bytes(page(pages, status).body) for status in STATUSES}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        answer = _Answer(send, self._dress)
        asked = let_in(_knock(scope), self._house)
        if isinstance(asked, int):
            await self._turn_away(asked, answer)
            return
        answer.is_static = asked.startswith(f"{self._house.base}/static/")
        await self._let_in({**scope, "path": asked}, receive, answer)

    def is_proxy(self, address: str) -> bool:
        """Whether others are let in through that address."""
        found = plain(address)
        return found is not None and any(found in each for each in self._proxies)

    def bare(self, status: int) -> bytes:
        """The whole answer of that status, for where no request could be read."""
        plain = [*self._headers(status), (b"connection", b"close")]
        headers = self._dress(dict(plain).items(), is_static=False)
        lines = [f"HTTP/1.1 {status} {http.HTTPStatus(status).phrase}".encode()]
        lines += [name + b": " + value for name, value in headers]
        return b"\r\n".join([*lines, b"", self._pages[status]])

    async def _let_in(self, scope: Scope, receive: Receive, answer: _Answer) -> None:
        started = time.monotonic()
        try:
            await self._inside(scope, receive, answer.send)
        except asyncio.CancelledError:  # the site ends
            if not answer.status:
                await self._turn_away(503, answer)
            raise
        except Exception as error:  # the one place of the site: a page that fails fails alone
            log.error("page failed", extra=_fault(scope, error))  # noqa: TRY400  # its words may be anybody's
            if not answer.status:
                await self._turn_away(500, answer)
        if scope["method"] == "POST":
            took = round((time.monotonic() - started) * 1000)
            what = {"page": _page_of(scope), "status": answer.status, "ms": took}
            log.info("page answered", extra=what)

    async def _turn_away(self, status: int, answer: _Answer) -> None:
        body = self._pages[status]
        headers = self._headers(status)
        await answer.send({"type": "http.response.start", "status": status, "headers": headers})
        await answer.send({"type": "http.response.body", "body": body})

    def _headers(self, status: int) -> Headers:
        length = str(len(self._pages[status])).encode()
        headers = [(b"content-type", b"text/html"), (b"content-length", length)]
        match status:
            case 400:  # what follows on this connection could be anything
                headers.append((b"connection", b"close"))
            case 405:
                headers.append((b"allow", ", ".join(self._house.methods).encode()))
        return headers


class _Answer:
    """The way out: what leaves is dressed; ``status`` is 0 before anything has left."""

    def __init__(self, send: Send, dress: Dress) -> None:
        self.status = 0
        self.is_static = False
        self._send = send
        self._dress = dress

    async def send(self, message: Message) -> None:
        """Let it out."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            is_static = self.is_static and self.status == 200
            headers = self._dress(message.get("headers", ()), is_static=is_static)
            message = {**message, "headers": headers}
        await self._send(message)


def _knock(scope: Scope) -> Knock:
    headers = scope["headers"]
    length = len(scope["raw_path"]) + len(scope["query_string"])
    return Knock(
        method=scope["method"],
        target=scope["raw_path"],
        headers=headers,
        at=scope.get("server") or _NOWHERE,
        octets=length + sum(len(name) + len(value) for name, value in headers),
    )


def _page_of(scope: Scope) -> str:
    """Which page, with a star for what is of one reader: ``/u/*``."""
    return _PARAMETER.sub("*", getattr(scope.get("route"), "path", "") or "none")


def _fault(scope: Scope, error: Exception) -> dict[str, object]:
    """What went wrong and where, without a word of what was asked for."""
    frames = traceback.extract_tb(error.__traceback__)
    at = [f"{Path(each.filename).name}:{each.lineno}" for each in frames[-5:]]
    why = {"why": str(error)} if isinstance(error, Refused) else {}
    return {"page": _page_of(scope), "error": type(error).__name__, "at": " ".join(at), **why}
