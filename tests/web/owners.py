"""Somebody's pages below /p/, asked for in one line each."""

from __future__ import annotations

from datetime import datetime

import httpx

from tests.web.filled import Form, form_of
from tests.web.reading import links
from tests.web.served import Served
from worker.core.tokens import PREFERENCES, Pass, made_pass
from worker.model import Subscriber


def page_of(site: Served, who: Subscriber) -> str:
    """The path of his preferences, as a mail of now has it."""
    return links(site).preferences(who.uid, who.epoch, site.clock.now())


def made(
    site: Served, uid: int, until: datetime, epoch: int = 0, purpose: str = PREFERENCES
) -> str:
    """The path of a page below /p/ with a token made of all this."""
    keys = site.opened.composer.keys
    return f"/p/{made_pass(keys.secret, keys.newest, purpose, Pass(uid, until, epoch))}"


async def form(site: Served, who: Subscriber, action: str = "") -> Form:
    """One of the forms on his page; the main one without ``action``."""
    page = page_of(site, who)
    shown = await site.client.get(page)
    assert shown.status_code == 200
    return form_of(shown.text, page.rpartition("/")[2] + action)


async def save(site: Served, who: Subscriber, **changes: str) -> httpx.Response:
    """Open his page, change these fields, press Save."""
    return await _sent(site, who, "save", changes)


async def preview(site: Served, who: Subscriber, **changes: str) -> httpx.Response:
    """Open his page, change these fields, press Show what would change."""
    return await _sent(site, who, "preview", changes)


async def press(site: Served, who: Subscriber, action: str, **sent: str) -> httpx.Response:
    """Send one of the small forms."""
    return await site.client.post(f"{page_of(site, who)}/{action}", data=sent)


async def _sent(
    site: Served, who: Subscriber, action: str, changes: dict[str, str]
) -> httpx.Response:
    filled = await form(site, who)
    return await site.client.post(
        filled.action, data={**filled.fields, **changes, "action": action}
    )
