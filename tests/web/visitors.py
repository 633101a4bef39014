"""What a stranger does on the site, in one line each: opens a page, fills its form in, sends it."""

from __future__ import annotations

from datetime import timedelta

import httpx

from tests.web.filled import Form, form_of
from tests.web.reading import deliveries, links
from tests.web.served import Served
from worker.asks import Ask
from worker.deliveries import DeliveryKind
from worker.model import Subscriber

ADA = {"address": "ada@x.org", "rules": "diffusion -survey"}
READ_IN = timedelta(seconds=20)
"""Nobody fills a form in sooner."""


async def opened_form(site: Served, page: str = "/", action: str = "/subscribe") -> Form:
    """The form as it is shown to somebody who has just come."""
    shown = await site.client.get(page)
    assert shown.status_code == 200
    return form_of(shown.text, action)


async def subscribe(
    site: Served, to: str = "/subscribe", peer: str = "", **filled: str
) -> httpx.Response:
    """Open the front page, read it, fill the form in, press the button."""
    form = await opened_form(site)
    site.clock.at += READ_IN
    headers = {"X-Forwarded-For": peer} if peer else {}
    return await site.client.post(to, data={**form.fields, **filled}, headers=headers)


async def asks(site: Served) -> list[Ask]:
    """What nobody acted on yet."""
    return list(await site.opened.signups.waiting(1000))


async def mailed(site: Served, **filled: str) -> str:
    """Ask, and have it acted on: the path of the confirmation that is mailed."""
    assert (await subscribe(site, **{**ADA, **filled})).status_code == 200
    return await confirmation(site)


async def confirmation(site: Served) -> str:
    """Have acted on what was asked for: the path of the confirmation that is mailed last."""
    await site.site.signup.admit()
    number = [each.ask for each in await deliveries(site) if each.kind is DeliveryKind.CONFIRM][-1]
    assert number is not None
    ask = await site.opened.signups.find(number)
    assert ask is not None
    return links(site).confirm(number, ask.expires)


async def joined(site: Served, **filled: str) -> Subscriber:
    """Ask and confirm: who is subscribed by it."""
    path = await mailed(site, **filled)
    assert (await site.client.post(path)).status_code == 200
    who = await site.opened.subscribers.find(filled.get("address", ADA["address"]))
    assert who is not None
    return who
