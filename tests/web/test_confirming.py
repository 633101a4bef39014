"""The link of a confirmation: looked at, confirmed, confirmed again, too late, never."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest

from tests.web.filled import forms_of
from tests.web.reading import as_he_is
from tests.web.served import Served, served
from tests.web.unchanged import unchanged
from tests.web.visitors import ADA, asks, confirmation, joined, mailed
from worker.asks import CONFIRM_WITHIN, AskKind
from worker.core.roll import left
from worker.core.tokens import CONFIRM, PREFERENCES, Pass, made_pass, read_pass
from worker.deliveries import Reason
from worker.model import Rule, SubscriberState
from worker.signup import Wish

WANTED = {
    "rules": "diffusion -survey\nVision = cat:cs.CV",
    "frequency": "weekly",
    "weekday": "fri",
    "at": "16:00",
    "timezone": "Europe/Vienna",
    "when_empty": "say so",
    "max_papers": "7",
    "language": "de",
    "plain": "on",
    "abstracts": "none",
    "order": "upvotes",
    "again": "on",
}


async def nowhere(site: Served) -> tuple[int, bytes]:
    """What every link that leads nowhere is answered."""
    answer = await site.client.get("/c/" + "A" * 40)
    assert answer.status_code == 404
    assert b"This link does not work" in answer.content
    assert b'<a href="/">subscribe</a>' in answer.content
    return answer.status_code, answer.content


async def state(site: Served, address: str = ADA["address"]) -> SubscriberState:
    who = await site.opened.subscribers.find(address)
    assert who is not None
    return who.state


async def test_the_page_says_what_will_be_mailed(tmp_path: Path) -> None:
    async with served(tmp_path) as site:
        path = await mailed(site, **WANTED)
        page = (await site.client.get(path)).text
        assert "<h1>Confirm your subscription</h1>" in page
        assert "<code>diffusion -survey</code>" in page
        assert "<code>Vision = cat:cs.CV</code>" in page
        assert "A digest comes every Friday at 16:00 (Europe/Vienna)." in page
        assert "When nothing matches, a short mail says so." in page
        assert "A digest has at most 7 papers." in page
        assert "Days are written in Deutsch." in page
        assert "Mails are plain text only." in page
        assert "Abstracts: titles only." in page
        assert "Order: by upvotes." in page
        assert "Told of papers that you had: listed again." in page
        assert ADA["address"] not in page


async def test_what_is_usual_is_not_told(tmp_path: Path) -> None:
    async with served(tmp_path) as site:
        page = (await site.client.get(await mailed(site))).text
        assert '<p class="soft">A digest comes every day at 08:00 (UTC).</p>' in page


async def test_without_a_time_of_day_no_zone_is_told(tmp_path: Path) -> None:
    async with served(tmp_path) as site:
        page = (await site.client.get(await mailed(site, frequency="immediately"))).text
        assert '<p class="soft">A digest comes as soon as there are new papers.</p>' in page


async def test_what_a_stranger_wrote_is_only_ever_text(tmp_path: Path) -> None:
    async with served(tmp_path) as site:
        page = (await site.client.get(await mailed(site, rules='"<script>alert(1)</script>"'))).text
        assert "<script" not in page
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


async def test_looking_changes_nothing_and_the_button_confirms(tmp_path: Path) -> None:
    async with served(tmp_path) as site:
        path = await mailed(site, **{**WANTED, "language": "en"})
        async with unchanged(site.opened.settings):
            for _ in range(3):
                assert (await site.client.get(path)).status_code == 200
                assert (await site.client.head(path)).status_code == 200
        assert await state(site) is SubscriberState.PENDING
        answer = await site.client.post(path)
        assert answer.status_code == 200
        assert "<h1>You are subscribed</h1>" in answer.text
        assert "The next one: Friday, 12 September 2025, 16:00." in answer.text
        who = await site.opened.subscribers.find(ADA["address"])
        assert who
        assert who.state is SubscriberState.ACTIVE
        assert who.rules == (
            Rule("diffusion -survey", "diffusion -survey"), Rule("Vision", "cat:cs.CV"),
        )  # fmt: skip
        found = re.search(r'href="/p/([\w-]{40})"', answer.text)
        assert found
        keys = site.opened.composer.keys.by_id
        preferences = read_pass(keys, PREFERENCES, found[1], site.clock.now())
        assert preferences
        assert preferences.number == who.uid


async def test_confirming_twice_is_confirming_once(tmp_path: Path) -> None:
    async with served(tmp_path) as site:
        path = await mailed(site)
        first = await site.client.post(path)
        who = await site.opened.subscribers.find(ADA["address"])
        site.clock.at += timedelta(hours=20)
        page = (await site.client.get(path)).text
        assert "<h1>Confirmed already</h1>" in page
        assert "Never mail" not in page
        again = await site.client.post(path)
        assert (first.status_code, again.status_code) == (200, 200)
        assert "<h1>You are subscribed</h1>" in again.text
        assert await site.opened.subscribers.find(ADA["address"]) == who


async def test_too_late_is_nowhere(tmp_path: Path) -> None:
    async with served(tmp_path) as site:
        path = await mailed(site)
        site.clock.at += CONFIRM_WITHIN + timedelta(seconds=1)
        for answer in (await site.client.get(path), await site.client.post(path)):
            assert (answer.status_code, answer.content) == await nowhere(site)
        assert await state(site) is SubscriberState.PENDING


async def test_a_link_that_is_not_ours_is_nowhere(tmp_path: Path) -> None:
    async with served(tmp_path) as site:
        path = await mailed(site)
        keys = site.opened.composer.keys
        unknown = Pass(4711, site.clock.now() + timedelta(hours=1))
        wrong = [f"{path[:-1]}{'A' if path[-1] != 'A' else 'B'}", path + "A", path[:-1], "/c/x"]
        wrong += [
            f"/c/{made_pass(keys.secret, keys.newest, purpose, unknown)}"
            for purpose in (CONFIRM, PREFERENCES)
        ]
        for each in wrong:
            for answer in (await site.client.get(each), await site.client.post(each)):
                assert (answer.status_code, answer.content) == await nowhere(site)
        assert await state(site) is SubscriberState.PENDING


@pytest.mark.parametrize("confirmed", [True, False])
async def test_who_left_or_is_never_mailed_does_not_come_back_by_an_old_link(
    tmp_path: Path, *, confirmed: bool
) -> None:
    async with served(tmp_path) as site:
        path = await mailed(site)
        if confirmed:
            await site.client.post(path)
            who = await site.opened.subscribers.find(ADA["address"])
            assert who
            await site.opened.subscribers.change(left(who))
        else:
            now = site.clock.now()
            await site.opened.suppressions.suppress(ADA["address"], Reason.COMPLAINT, now, "")
        before = await state(site)
        answer = await site.client.post(path)
        assert (answer.status_code, answer.content) == await nowhere(site)
        assert await state(site) is before


async def test_who_did_not_ask_is_never_mailed_again_if_he_says_so(tmp_path: Path) -> None:
    async with served(tmp_path) as site:
        path = await mailed(site)
        confirm, never = forms_of((await site.client.get(path)).text)
        assert confirm.action == ""
        answer = await site.client.post(never.action, data=never.fields)
        assert answer.status_code == 200
        assert await state(site) is SubscriberState.SUPPRESSED
        answer = await site.client.post(path)
        assert (answer.status_code, answer.content) == await nowhere(site)


async def test_who_left_long_ago_can_say_never_too(tmp_path: Path) -> None:
    async with served(tmp_path) as site:
        await site.opened.subscribers.change(left(await joined(site)))
        site.clock.at += timedelta(days=3)
        path = await mailed(site)
        _, never = forms_of((await site.client.get(path)).text)
        await site.client.post(never.action, data=never.fields)
        assert await site.opened.suppressions.find(ADA["address"])


async def test_moving_shows_no_address_and_goes_on_at_the_new_one(tmp_path: Path) -> None:
    async with served(tmp_path) as site:
        who = await joined(site)
        wish = Wish(AskKind.MOVE, "new@y.org", None, "", 7, who.uid)
        assert await site.site.signup.ask(wish) is None
        path = await confirmation(site)
        page = (await site.client.get(path)).text
        assert "<h1>Confirm your new address</h1>" in page
        assert "x.org" not in page
        assert "y.org" not in page
        assert "diffusion" not in page
        answer = await site.client.post(path)
        assert "<title>Your digests come here now · " in answer.text
        assert "<h1>Your digests come here now</h1>" in answer.text
        moved = await as_he_is(site, who)
        assert (moved.address, moved.epoch) == ("new@y.org", who.epoch + 1)
        assert await asks(site) == []
        assert (await site.client.get(path)).status_code == 200
