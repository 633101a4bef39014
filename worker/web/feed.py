"""His own feed, under an address that nobody guesses and that ends with his links."""

from __future__ import annotations

import asyncio
import hashlib
from email.utils import format_datetime
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from worker.core.feeds import REACH, SHOWN, Feed, Home, as_json, feed
from worker.core.roll import REVIVABLE
from worker.core.tokens import FEED
from worker.model import Subscriber
from worker.web.links import NoSuchLink, owner
from worker.web.site import Site, site_of

KEPT: Final = "private, max-age=900"
"""Feed readers ask often: each of them may go by what it has for a quarter of an hour."""

ATOM: Final = "application/atom+xml; charset=utf-8"
JSON: Final = "application/feed+json"


async def show_atom(request: Request) -> Response:
    """The feed as Atom."""
    site, who = site_of(request), await _reader(request)
    shown, own = await _feed(site, who), f"{site.feed_of(who)}.atom"
    text = await asyncio.to_thread(site.pages.text, "feed.atom.j2", feed=shown, own=own)
    return _answered(request, text, ATOM, shown)


async def show_json(request: Request) -> Response:
    """The feed as JSON."""
    site, who = site_of(request), await _reader(request)
    shown = await _feed(site, who)
    return _answered(request, as_json(shown, f"{site.feed_of(who)}.json"), JSON, shown)


ROUTES: Final = (
    Route("/f/{token}.atom", show_atom),
    Route("/f/{token}.json", show_json),
)


async def _reader(request: Request) -> Subscriber:
    """Whose it is, as long as he has not left."""
    who = await owner(request, FEED)
    if who.state not in REVIVABLE:
        raise NoSuchLink
    return who


async def _feed(site: Site, who: Subscriber) -> Feed:
    since = site.clock.now() - REACH
    deliveries = await site.opened.ledger.deliveries(SHOWN, who.id, since)
    settings = site.settings
    home = Home(site.pages.about.name, settings.list_id, f"{settings.base_url}/")
    return await asyncio.to_thread(feed, who, deliveries, home)


def _answered(request: Request, text: str, kind: str, shown: Feed) -> Response:
    """The feed, or that it is still what the reader has (RFC 9110, 13.1.2)."""
    octets = text.encode()
    tag = f'"{hashlib.sha256(octets).hexdigest()[:32]}"'
    headers = {
        "ETag": tag,
        "Last-Modified": format_datetime(shown.at, usegmt=True),
        "Cache-Control": KEPT,
    }
    if _has(request.headers.get("if-none-match", ""), tag):
        return Response(status_code=304, headers=headers)
    return Response(octets, headers=headers | {"Content-Type": kind})


def _has(said: str, tag: str) -> bool:
    """Whether the reader names that tag, in whatever strength, or any."""
    named = {each.strip().removeprefix("W/") for each in said.split(",")}
    return bool(named & {tag, "*"})
