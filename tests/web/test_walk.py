"""The whole way of a subscriber, as people go it: a daemon, a mail server, a browser.

With a mouse, without JavaScript, with nothing but the keyboard, and on a narrow screen.
"""

from __future__ import annotations

import asyncio
import re
import sqlite3
import time
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from html.parser import HTMLParser
from urllib.parse import urljoin

import httpx
import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page

from tests.installation import Installation, daily, subscriber
from tests.smtpd import MailServer
from tests.web.browser import chromium, needs_chromium
from tests.web.hands import FITS, Hand, Keys, Pointer
from tests.web.test_daemon_site import free_port
from worker.web.formtoken import QUICKEST

WITNESS = "witness@example.org"
"""Reads everything: with his digest of a file, all who get one of it are known."""

BELIEVED = QUICKEST.total_seconds() + 0.1
"""Seconds after which a form is taken for filled in by a person."""

pytestmark = [needs_chromium, pytest.mark.asyncio(loop_scope="module")]


@dataclass
class World:
    """All that is there while somebody walks."""

    installation: Installation
    server: MailServer
    browser: Browser
    base: str

    async def mails(self, address: str, count: int) -> list[EmailMessage]:
        """What came to him, once it is so many."""
        async with asyncio.timeout(30):
            while len(found := self.so_far(address)) < count:
                self.server.dot.clear()
                await self.server.dot.wait()
        return found

    def so_far(self, address: str) -> list[EmailMessage]:
        mine = [each for each in self.server.messages if address in each.rcpt_tos]
        return [message_from_bytes(each.content, policy=policy.default) for each in mine]

    async def drop(self, day: str, *titles: str) -> None:
        """A daily file comes, and is digested for everybody."""
        known = len(self.so_far(WITNESS))
        self.installation.drop(f"{day}.txt", daily(f"Sep {int(day[-2:])}", *titles))
        await self.mails(WITNESS, known + 1)

    def ledger(self, query: str, *values: str) -> list[tuple[object, ...]]:
        file = f"file:{self.installation.data / 'ledger.db'}?mode=ro"
        with closing(sqlite3.connect(file, uri=True)) as ledger:
            return ledger.execute(query, values).fetchall()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    port = free_port()
    base = f"http://127.0.0.1:{port}"
    async with MailServer() as server, chromium() as browser:
        home = tmp_path_factory.mktemp("walk")
        installation = Installation(home, server.port, subscriber(WITNESS))
        config = home / "paperround.toml"
        config.write_text(config.read_text().replace("https://papers.example.org", base))
        installation.configure(f'\n[web]\nlisten = "127.0.0.1:{port}"\n')
        async with installation.daemon():
            await installation.logged("site opened")
            world = World(installation, server, browser, base)
            await world.drop("2025-09-01", "Gates in September", "Sheep in September")
            yield world


async def walk(world: World, hand: Hand, address: str, first: str, second: str) -> None:
    """Try, subscribe, confirm, change, read, leave; ``first`` and ``second`` are days to come."""
    page = hand.page
    await page.goto(f"{world.base}/")
    opened = time.monotonic()
    await hand.write("Your rules", "gate*")
    await hand.press("Try these rules")
    await seen(page, "What these rules would have caught")
    await page.get_by_role("heading", name="Gates in September").wait_for()
    await hand.write("Your e-mail address", address)
    await asyncio.sleep(max(0.0, opened + BELIEVED - time.monotonic()))
    await hand.press("Subscribe")
    await seen(page, "Check your mail")

    (confirmation,) = await world.mails(address, 1)
    await page.goto(links(confirmation)["Confirm"])
    await seen(page, "Confirm your subscription")
    await hand.press("Yes, subscribe me")
    await seen(page, "You are subscribed")

    await hand.follow("To your preferences")
    await seen(page, "Your preferences")
    await hand.write("Your rules", "sheep")
    await hand.choose("As soon as there are new papers")
    await hand.press("Show what would change")
    await seen(page, "Your preferences")
    await page.get_by_role("heading", name="What would change").wait_for()
    assert re.match(r"\+[1-9] / −[1-9] ", await page.locator(".tally").inner_text())
    await hand.press("Save")
    await seen(page, "Saved")

    await world.drop(first, f"Gates of {first}", f"Sheep of {first}")
    _, digest = await world.mails(address, 2)
    text = body(digest, "plain").replace("*", "")  # what matched is marked so
    assert f"Sheep of {first}" in text
    assert f"Gates of {first}" not in text, "it is not what he asks for any more"

    await page.goto(links(digest)["in the browser"])
    await page.get_by_role("heading", name=f"Sheep of {first}").wait_for()
    feed = await page.get_by_role("link", name="Atom feed").get_attribute("href")
    assert feed
    got = await page.request.get(urljoin(page.url, feed))
    assert got.ok
    assert f"<title>Sheep of {first}</title>" in await got.text()
    await page.goto(links(digest)["Change your rules, pause, or leave"])
    await seen(page, "Your preferences")
    assert await page.get_by_label("Your rules", exact=True).input_value() == "sheep"

    (one_click,) = re.findall("<(http[^>]*)>", digest["List-Unsubscribe"])
    assert digest["List-Unsubscribe-Post"] is None, "promised over https alone (RFC 8058)"
    async with httpx.AsyncClient() as provider:
        left = await provider.post(one_click, data={"List-Unsubscribe": "One-Click"})
    assert left.status_code == 200
    await world.drop(second, f"Sheep of {second}")
    assert len(world.so_far(address)) == 2
    assert world.ledger("select state from subscriber where address = ?", address) == [
        ("unsubscribed",)
    ]
    await page.reload()
    await seen(page, "You are unsubscribed")


async def seen(page: Page, heading: str) -> None:
    """That page is there, and all of it fits."""
    await page.locator("h1", has_text=re.compile(f"^{re.escape(heading)}$")).wait_for()
    assert await page.evaluate(FITS), f"{heading!r} scrolls sideways"


def body(mail: EmailMessage, kind: str) -> str:
    part = mail.get_body((kind,))
    assert part is not None
    return str(part.get_content())


def links(mail: EmailMessage) -> dict[str, str]:
    """The links of its HTML part, by what stands on them."""
    reader = _Links()
    reader.feed(body(mail, "html"))
    return reader.found


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, str] = {}
        self._at = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._at = (dict(attrs).get("href") or "") if tag == "a" else self._at

    def handle_endtag(self, tag: str) -> None:
        self._at = "" if tag == "a" else self._at

    def handle_data(self, data: str) -> None:
        if self._at:
            self.found[data.strip()] = self._at


async def test_with_a_mouse(world: World) -> None:
    page = await world.browser.new_page()
    await walk(world, Pointer(page), "mouse@x.org", "2025-09-02", "2025-09-03")


async def test_without_javascript(world: World) -> None:
    page = await world.browser.new_page(java_script_enabled=False)
    await walk(world, Pointer(page), "calm@x.org", "2025-09-04", "2025-09-05")


async def test_with_nothing_but_the_keyboard(world: World) -> None:
    page = await world.browser.new_page()
    await walk(world, Keys(page), "keys@x.org", "2025-09-06", "2025-09-07")


async def test_on_a_narrow_screen(world: World) -> None:
    page = await world.browser.new_page(viewport={"width": 320, "height": 640}, has_touch=True)
    await walk(world, Pointer(page), "narrow@x.org", "2025-09-08", "2025-09-09")
