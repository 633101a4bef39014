"""The link to unsubscribe: one button, one click, and nothing by looking (B67-B70, F67, F68)."""

from __future__ import annotations

import asyncio
import base64
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from tests.made import MONDAY, NOON, paper
from tests.test_meanwhile import Barrier, HeldMailer
from tests.web.browser import chromium, invalid, needs_axe, needs_chromium, needs_vnu, violations
from tests.web.reading import as_he_is, deliveries, join, links, take
from tests.web.scanner import scan
from tests.web.served import HOST, Served, served
from tests.web.unchanged import unchanged
from tests.web.wire import asked
from worker.core.tokens import BOUNCE, UNSUBSCRIBE, token
from worker.deliveries import DeliveryState, Reason
from worker.model import Subscriber, SubscriberState

ONE_CLICK = {"List-Unsubscribe": "One-Click"}
STATES = tuple(SubscriberState)


async def put(site: Served, state: SubscriberState, *, number: int = 1) -> Subscriber:
    """Somebody in that state."""
    who = await join(site, "flow", address=f"r{number}@example.org", number=number)
    changed = await site.opened.subscribers.change(replace(who, state=state))
    assert changed
    return changed


def link(site: Served, who: Subscriber) -> str:
    return links(site).unsubscribe(who.uid)


async def click(site: Served, who: Subscriber) -> httpx.Response:
    return await site.client.post(link(site, who), data=ONE_CLICK)


# --- the page ---------------------------------------------------------------


async def test_the_page_says_what_will_happen_and_has_one_button(tmp_path: Path) -> None:
    async with served(tmp_path) as site:
        who = await put(site, SubscriberState.ACTIVE)
        page = await site.client.get(link(site, who))
        assert page.status_code == 200
        assert "<h1>Unsubscribe</h1>" in page.text
        assert "no more digests are mailed to r…@example.org." in page.text
        assert page.text.count("<button") == 1
        assert re.findall(r'<input type="(\w+)"', page.text) == ["hidden"]
        assert who.address not in page.text
        assert link(site, who) not in page.text


async def test_who_only_asked_can_have_the_address_never_mailed(tmp_path: Path) -> None:
    async with served(tmp_path) as site:
        who = await put(site, SubscriberState.PENDING)
        page = await site.client.get(link(site, who))
        assert "<button>Never mail this address</button>" in page.text
        done = await click(site, who)
        assert "<h1>This address is never mailed again</h1>" in done.text
        listed = await site.opened.suppressions.find(who.address)
        assert listed
        assert listed.reason is Reason.COMPLAINT
        assert (await as_he_is(site, who)).state is SubscriberState.SUPPRESSED


@pytest.mark.parametrize("state", [SubscriberState.UNSUBSCRIBED, SubscriberState.REMOVED])
async def test_who_has_left_is_told_so(tmp_path: Path, state: SubscriberState) -> None:
    async with served(tmp_path) as site:
        who = await put(site, state)
        page = await site.client.get(link(site, who))
        assert page.status_code == 200
        assert "<h1>You are unsubscribed</h1>" in page.text
        assert "<button" not in page.text


async def test_whose_address_is_never_mailed_is_told_so(tmp_path: Path) -> None:
    async with served(tmp_path) as site:
        who = await put(site, SubscriberState.ACTIVE)
        await site.opened.suppressions.suppress(who.address, Reason.BOUNCES, NOON)
        page = await site.client.get(link(site, who))
        assert "<h1>This address is never mailed again</h1>" in page.text


async def test_the_link_works_though_the_address_has_moved_and_its_links_were_made_new(
    tmp_path: Path,
) -> None:
    async with served(tmp_path) as site:
        who = await put(site, SubscriberState.ACTIVE)
        moved = replace(who, address="elsewhere@example.org", epoch=who.epoch + 1)
        assert await site.opened.subscribers.change(moved)
        site.clock.at = NOON.replace(year=2045)
        assert (await click(site, who)).status_code == 200
        assert (await as_he_is(site, who)).state is SubscriberState.UNSUBSCRIBED


# --- what unsubscribes ------------------------------------------------------


@pytest.mark.parametrize("state", [SubscriberState.ACTIVE, SubscriberState.UNLISTED])
async def test_one_click_leaves_at_once_and_cancels_what_waits(
    tmp_path: Path, state: SubscriberState
) -> None:
    async with served(tmp_path) as site:
        who = await put(site, SubscriberState.ACTIVE)
        await take(site, paper(1, "On flow"))
        await site.opened.plan(site.clock)
        now = await as_he_is(site, who)
        if state is not now.state:
            await site.opened.subscribers.change(replace(now, state=state))
        done = await click(site, who)
        assert done.status_code == 200
        assert not done.history
        assert "<h1>You are unsubscribed</h1>" in done.text
        assert (await as_he_is(site, who)).state is SubscriberState.UNSUBSCRIBED
        assert [each.state for each in await deliveries(site)] == [DeliveryState.CANCELLED]
        gone = (site.site.settings.data / "gone.log").read_text()
        assert gone.count("gone unsubscribed") == 1


async def test_the_button_sends_what_unsubscribes(tmp_path: Path) -> None:
    async with served(tmp_path) as site:
        who = await put(site, SubscriberState.ACTIVE)
        page = (await site.client.get(link(site, who))).text
        form = re.search(r'<form method="post">(.*?)</form>', page, re.DOTALL)
        assert form
        sent = dict(re.findall(r'name="([^"]+)" value="([^"]+)"', form[1]))
        done = await site.client.post(link(site, who), data=sent)
        assert "<h1>You are unsubscribed</h1>" in done.text


async def test_a_thousand_clicks_are_one(tmp_path: Path) -> None:
    async with served(tmp_path) as site:
        who = await put(site, SubscriberState.ACTIVE)
        first = await click(site, who)
        version = (await as_he_is(site, who)).version

        async def some() -> None:
            for _ in range(100):
                again = await click(site, who)
                assert (again.status_code, again.content) == (200, first.content)

        await asyncio.gather(*(some() for _ in range(10)))
        assert (await as_he_is(site, who)).version == version


async def test_clicks_at_the_same_time_as_the_planning_get_through(tmp_path: Path) -> None:
    async with served(tmp_path) as site:
        who = await put(site, SubscriberState.ACTIVE)
        await take(site, paper(1, "On flow"))
        planning = asyncio.create_task(site.opened.plan(site.clock))
        done = await asyncio.gather(*(click(site, who) for _ in range(5)))
        await planning
        assert {each.status_code for each in done} == {200}
        assert (await as_he_is(site, who)).state is SubscriberState.UNSUBSCRIBED
        states = {each.state for each in await deliveries(site)}
        assert states <= {DeliveryState.CANCELLED}


def _multipart(*fields: tuple[str, str]) -> tuple[bytes, bytes]:
    parts = "".join(
        f'--x\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in fields
    )
    return b"multipart/form-data; boundary=x", f"{parts}--x--\r\n".encode()


URLENCODED = b"application/x-www-form-urlencoded"
RIGHT = {
    "urlencoded": (URLENCODED, b"List-Unsubscribe=One-Click"),
    "with a charset": (URLENCODED + b"; charset=utf-8", b"List-Unsubscribe=One-Click"),
    "multipart": _multipart(("List-Unsubscribe", "One-Click")),
    "more fields": (URLENCODED, b"a=1&List-Unsubscribe=One-Click&email=b%40example.org"),
    "multipart with more fields": _multipart(("id", "2"), ("List-Unsubscribe", "One-Click")),
}
WRONG = {
    "empty": (URLENCODED, b""),
    "another value": (URLENCODED, b"List-Unsubscribe=no"),
    "another case": (URLENCODED, b"list-unsubscribe=one-click"),
    "another field": (URLENCODED, b"unsubscribe=1"),
    "the name alone": (URLENCODED, b"List-Unsubscribe"),
    "empty multipart": _multipart(),
    "another multipart": _multipart(("List-Unsubscribe", "Two-Clicks")),
    "json": (b"application/json", b'{"List-Unsubscribe": "One-Click"}'),
    "nothing at all": (b"", b""),
    "text": (b"text/plain", b"List-Unsubscribe=One-Click"),
    "both": (URLENCODED, b"List-Unsubscribe=One-Click&List-Unsubscribe=no"),
}


def _request(path: str, kind: bytes, body: bytes, version: str = "1.1") -> bytes:
    """As a mail program sends it: no Origin, no User-Agent."""
    head = [f"POST {path} HTTP/{version}".encode(), f"Host: {HOST}".encode()]
    head += [b"Content-Type: " + kind] if kind else []
    head += [f"Content-Length: {len(body)}".encode(), b"Connection: close"]
    return b"\r\n".join(head) + b"\r\n\r\n" + body


@pytest.mark.parametrize("version", ["1.0", "1.1"])
@pytest.mark.parametrize(("kind", "body"), RIGHT.values(), ids=RIGHT)
async def test_mail_programs_unsubscribe_in_whatever_way_the_standard_lets_them(
    tmp_path: Path, kind: bytes, body: bytes, version: str
) -> None:
    async with served(tmp_path) as site:
        who = await put(site, SubscriberState.ACTIVE)
        got = await asked(site.port, _request(link(site, who), kind, body, version))
        assert got.status == 200
        assert b"<h1>You are unsubscribed</h1>" in got.body
        assert (await as_he_is(site, who)).state is SubscriberState.UNSUBSCRIBED


@pytest.mark.parametrize(("kind", "body"), WRONG.values(), ids=WRONG)
async def test_whoever_sends_something_else_changes_nothing(
    tmp_path: Path, kind: bytes, body: bytes
) -> None:
    async with served(tmp_path) as site:
        who = await put(site, SubscriberState.ACTIVE)
        async with unchanged(site.site.settings):
            got = await asked(site.port, _request(link(site, who), kind, body))
        assert got.status in (400, 415)
        assert b"You are unsubscribed" not in got.body


async def test_a_wrong_form_is_answered_with_the_button(tmp_path: Path) -> None:
    async with served(tmp_path) as site:
        who = await put(site, SubscriberState.ACTIVE)
        answer = await site.client.post(link(site, who), data={"reason": "<b>none</b>"})
        assert answer.status_code == 400
        assert "<button>Unsubscribe</button>" in answer.text
        assert "none" not in answer.text


async def test_the_link_of_one_never_acts_on_another(tmp_path: Path) -> None:
    async with served(tmp_path) as site:
        one = await put(site, SubscriberState.ACTIVE)
        other = await put(site, SubscriberState.ACTIVE, number=2)
        more = {"id": str(other.id), "uid": str(other.uid), "email": other.address}
        token_ = link(site, other).removeprefix("/u/")
        path = f"{link(site, one)}?token={token_}&id={other.id}"
        done = await site.client.post(path, data={**ONE_CLICK, **more, "token": token_})
        assert done.status_code == 200
        assert (await as_he_is(site, one)).state is SubscriberState.UNSUBSCRIBED
        assert (await as_he_is(site, other)).state is SubscriberState.ACTIVE


# --- links that are none ----------------------------------------------------


def broken(text: str) -> Iterator[str]:
    """The token with one bit other, at each place; shorter and longer; and no token at all."""
    octets = base64.urlsafe_b64decode(text + "==")
    for place in range(len(octets) * 8):
        flipped = bytearray(octets)
        flipped[place // 8] ^= 1 << place % 8
        yield base64.urlsafe_b64encode(flipped).decode().rstrip("=")
    for length in range(1, len(text)):
        yield text[:length]
    yield from (text + more for more in ("A", "=", "==", "%00", "%0d%0aSet-Cookie:a=b", "/", "."))
    yield from (
        "",
        "%00",
        "..",
        "%2e%2e",
        "../..",
        "A" * 1_900,
        "%ff%fe",
        "%c3%bc",
        "{{7*7}}",
        "0",
    )


async def test_a_link_that_is_none_leads_to_one_page_whatever_is_wrong_with_it(
    tmp_path: Path,
) -> None:
    async with served(tmp_path) as site:
        who = await put(site, SubscriberState.ACTIVE)
        keys = site.opened.composer.keys
        genuine = link(site, who).removeprefix("/u/")
        others = [
            token(keys.secret, keys.newest, BOUNCE, who.uid),
            token(keys.secret, keys.newest + 1, UNSUBSCRIBE, who.uid),
            token(bytes(32), keys.newest, UNSUBSCRIBE, who.uid),
            token(keys.secret, keys.newest, UNSUBSCRIBE, 4711),
            links(site).preferences(who.uid, who.epoch, NOON).removeprefix("/p/"),
        ]
        async with unchanged(site.site.settings):
            seen = set()
            for text in (*broken(genuine), *others):
                request = f"GET /u/{text} HTTP/1.1\r\nHost: {HOST}\r\nConnection: close\r\n\r\n"
                got = await asked(site.port, request)
                seen.add((got.status, got.body))
            posts = [await site.client.post(f"/u/{text}", data=ONE_CLICK) for text in others]
        assert len(seen) == 1
        ((status, page),) = seen
        assert status == 404
        assert {(each.status_code, each.content) for each in posts} == {(404, page)}


# --- looking changes nothing ------------------------------------------------


@pytest.mark.parametrize("state", STATES)
async def test_looking_changes_nothing(tmp_path: Path, state: SubscriberState) -> None:
    async with served(tmp_path) as site:
        who = await put(site, state)
        await join(site, "flow", address="r2@example.org", number=2)
        await take(site, paper(1, "On flow"))
        await site.opened.plan(site.clock)
        async with unchanged(site.site.settings):
            for method in ("GET", "HEAD", "OPTIONS", "PUT", "DELETE", "PATCH") * 3:
                answer = await site.client.request(method, link(site, who), params=ONE_CLICK)
                assert answer.status_code == (200 if method in ("GET", "HEAD") else 405)
        assert (await click(site, who)).status_code == 200


@needs_chromium
async def test_a_scanner_with_a_whole_browser_changes_nothing(tmp_path: Path) -> None:
    async with served(tmp_path, local=True) as site:
        who = await put(site, SubscriberState.ACTIVE)
        pending = await put(site, SubscriberState.PENDING, number=2)
        async with unchanged(site.site.settings):
            paths = [link(site, who), link(site, pending)]
            assert set(await scan(site.port, paths)) == {200}
        assert (await as_he_is(site, who)).state is SubscriberState.ACTIVE
        await click(site, who)
        assert (await as_he_is(site, who)).state is SubscriberState.UNSUBSCRIBED


@needs_chromium
@needs_axe
@needs_vnu
async def test_the_pages_are_in_order(tmp_path: Path) -> None:
    html = {}
    async with served(tmp_path, local=True) as site, chromium() as browser:
        page = await browser.new_page(bypass_csp=True)
        for number, state in enumerate(STATES, 1):
            path = link(site, await put(site, state, number=number))
            await page.goto(f"http://127.0.0.1:{site.port}{path}")
            assert await violations(page) == []
            html[state.value] = (await site.client.get(path)).text
    (tmp_path / "pages").mkdir()
    assert await invalid(html, tmp_path / "pages") == []


# --- on its way -------------------------------------------------------------


async def test_who_clicks_between_planning_and_claim_is_not_mailed(tmp_path: Path) -> None:
    """F67: another's mail is held in flight while he leaves."""
    barrier = Barrier()
    mailer = HeldMailer(barrier)
    async with served(tmp_path) as site:
        one = await put(site, SubscriberState.ACTIVE)
        other = await put(site, SubscriberState.ACTIVE, number=2)
        await take(site, paper(1, "On flow"))
        await site.opened.plan(site.clock)
        sending = asyncio.create_task(site.opened.round(mailer, site.clock).deliver(1))
        await barrier.reached.wait()
        await click(site, other)
        barrier.open()
        await sending
        assert [each.rcpt_to for each in mailer.envelopes] == [one.address]


async def test_who_clicks_while_his_mail_is_in_flight_gets_no_other(tmp_path: Path) -> None:
    """F68: the click is noted at once; the next one stops."""
    barrier = Barrier()
    mailer = HeldMailer(barrier)
    async with served(tmp_path) as site:
        who = await put(site, SubscriberState.ACTIVE)
        await take(site, paper(1, "On flow"))
        await site.opened.plan(site.clock)
        sending = asyncio.create_task(site.opened.round(mailer, site.clock).deliver(1))
        await barrier.reached.wait()
        assert (await click(site, who)).status_code == 200
        assert (await as_he_is(site, who)).state is SubscriberState.UNSUBSCRIBED
        barrier.open()
        await sending
        await take(site, paper(2, "More flow", day=MONDAY))
        assert not (await site.opened.plan(site.clock))["planned"]
        await site.opened.round(mailer, site.clock).deliver(1)
        assert len(mailer.envelopes) == 1
