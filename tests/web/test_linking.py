"""The link to one's preferences, asked for by whoever has lost it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import httpx

from tests.web.reading import deliveries
from tests.web.served import Served, served
from tests.web.visitors import ADA, READ_IN, asks, joined, opened_form
from worker.asks import AskKind
from worker.deliveries import DeliveryKind


async def ask(site: Served, address: str, **more: str) -> httpx.Response:
    """Open the page, fill it in, send it."""
    form = await opened_form(site, "/link", "/link")
    site.clock.at += READ_IN
    return await site.client.post("/link", data={**form.fields, "address": address, **more})


async def test_whoever_is_subscribed_is_mailed_the_link(tmp_path: Path) -> None:
    async with served(tmp_path) as site:
        who = await joined(site)
        site.clock.at += timedelta(hours=1)
        answer = await ask(site, ADA["address"])
        assert answer.status_code == 200
        (noted,) = await asks(site)
        assert noted.kind is AskKind.LINK
        assert site.woken[-1] == site.clock.now()
        await site.site.signup.admit()
        last = (await deliveries(site))[-1]
        assert (last.kind, last.uid) == (DeliveryKind.NOTICE, who.uid)


async def test_nobody_learns_who_is_subscribed(tmp_path: Path) -> None:
    async with served(tmp_path) as site:
        await joined(site)
        site.clock.at += timedelta(hours=1)
        answers = [
            await ask(site, ADA["address"]),
            await ask(site, ADA["address"]),
            await ask(site, "eve@y.org"),
            await ask(site, "abuse@y.org"),
            await ask(site, "bot@y.org", website="x"),
            await ask(site, "bot@y.org", form="x"),
        ]
        assert len({(answer.status_code, answer.content) for answer in answers}) == 1
        assert b".org" not in answers[0].content
        assert len(await asks(site)) == 2


async def test_what_is_no_address_is_told_so(tmp_path: Path) -> None:
    async with served(tmp_path) as site:
        answer = await ask(site, "ada@")
        assert answer.status_code == 422
        assert 'value="ada@"' in answer.text
        assert 'id="address-wrong">This is not an e-mail address that can be mailed' in answer.text
        assert (await site.client.post("/link")).status_code == 422
        assert await asks(site) == []


async def test_a_form_of_the_front_page_is_none_of_this(tmp_path: Path) -> None:
    async with served(tmp_path) as site:
        form = await opened_form(site)
        site.clock.at += READ_IN
        await site.client.post("/link", data={**form.fields, "address": ADA["address"]})
        assert await asks(site) == []


async def test_with_no_room_for_anybody_it_says_so(tmp_path: Path) -> None:
    async with served(tmp_path, "confirmations_per_hour = 1\n") as site:
        assert (await ask(site, "one@x.org")).status_code == 200
        assert (await ask(site, "two@y.org")).status_code == 503
