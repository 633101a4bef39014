"""Daily files fetched over HTTP: politely, never more than the cap, whatever a server does.

TLS always, plaintext only from this very machine, also behind a redirect. An address is never
repeated in a message: what follows its host may be a secret.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final
from urllib.parse import urljoin, urlsplit

import httpx

from worker.core.fetching import Answer, Failed, Fetched, Request, Unchanged
from worker.core.host import is_loopback, may_be_inside

CAP: Final = 64 * 2**20  # bytes, unpacked: as for every daily file
PATIENCE: Final = 120.0  # seconds, for the whole of it
REDIRECTS: Final = 5
_ACCEPT: Final = "application/json, application/rss+xml, application/atom+xml, */*;q=0.5"
_SAID: Final = 200  # characters of what a server or a library says
_REDIRECTED: Final = frozenset({301, 302, 303, 307, 308})


class HttpFetcher:
    """A Fetcher over HTTP. ``agent`` says who asks; ``verify`` holds the authorities trusted."""

    def __init__(
        self,
        agent: str,
        *,
        verify: ssl.SSLContext | bool = True,
        cap: int = CAP,
        patience: float = PATIENCE,
    ) -> None:
        self._agent = agent
        self._verify = verify
        self._cap = cap
        self._patience = patience

    async def get(self, request: Request) -> Answer:
        """Ask once, behind at most five redirects."""
        try:
            async with asyncio.timeout(self._patience), self._client(request.url) as client:
                return await self._follow(client, request)
        except TimeoutError:
            return Failed(f"no whole answer within {self._patience:g} s")
        except (httpx.HTTPError, httpx.InvalidURL, ssl.SSLError, ValueError) as error:
            return Failed(_in_words(error))

    def _client(self, url: str) -> httpx.AsyncClient:
        """A client that asks through the proxy of the environment, but never for this machine."""
        return httpx.AsyncClient(
            verify=self._verify,
            timeout=httpx.Timeout(30.0, connect=15.0),
            headers={"User-Agent": self._agent, "Accept": _ACCEPT},
            trust_env=not is_loopback(_host(url)),
        )

    async def _follow(self, client: httpx.AsyncClient, request: Request) -> Answer:
        url, asked = request.url, _conditions(request)
        for _ in range(REDIRECTS + 1):
            async with client.stream("GET", url, headers=asked) as response:
                if response.status_code not in _REDIRECTED:
                    return await self._answer(response, bool(asked))
                target = urljoin(url, response.headers.get("location", ""))
            if not may_follow(url, target):
                return Failed(f"{response.status_code}: a redirect to where we do not go")
            url = target
        return Failed(f"more than {REDIRECTS} redirects")

    async def _answer(self, response: httpx.Response, conditional: bool) -> Answer:
        status = response.status_code
        if status == 304 and conditional:
            return Unchanged()
        if status != 200:
            said = f"{status} {response.reason_phrase[:_SAID]}".strip()
            return Failed(said, _wait(response.headers))
        content = bytearray()
        async for piece in response.aiter_bytes():
            content += piece
            if len(content) > self._cap:
                return Failed(f"larger than {self._cap:,} bytes")
        if not content:
            return Failed("200, but nothing in it")
        told = response.headers
        return Fetched(bytes(content), told.get("etag", ""), told.get("last-modified", ""))


def _conditions(request: Request) -> Mapping[str, str]:
    """RFC 9110, section 13.1: an ETag goes before a time."""
    if request.etag:
        return {"If-None-Match": request.etag}
    if request.last_modified:
        return {"If-Modified-Since": request.last_modified}
    return {}


def may_follow(url: str, target: str) -> bool:
    """Whether a redirect leads to a place as safe: over TLS, and from outside not to in here.

    What is written decides; where a name leads to in the end, only its server knows.
    """
    scheme, host = urlsplit(target).scheme, _host(target)
    if is_loopback(_host(url)) and is_loopback(host):
        return scheme in ("http", "https")
    return scheme == "https" and not may_be_inside(host)


def _host(url: str) -> str:
    return urlsplit(url).hostname or ""


def _wait(headers: Mapping[str, str]) -> timedelta:
    """Retry-After, in seconds or as a date (RFC 9110, section 10.2.3)."""
    told = headers.get("retry-after", "").strip()
    if told.isascii() and told.isdigit():
        return timedelta(seconds=min(int(told[:9]), 10**8))
    try:
        return parsedate_to_datetime(told) - datetime.now(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return timedelta()


def _in_words(error: Exception) -> str:
    told = "" if "location" in str(error) else str(error).partition("\n")[0][:_SAID]
    return f"{type(error).__name__}: {told}" if told else type(error).__name__
