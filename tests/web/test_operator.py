"""The operator's page: who sees it, what is on it, and that it is the same as ``stats`` prints."""

from __future__ import annotations

import contextlib
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Literal

import httpx
import pytest

from tests.made import MONDAY, intake, subscriber
from tests.month import fill
from tests.web.browser import chromium, invalid, needs_axe, needs_chromium, needs_vnu, violations
from tests.web.served import Served, served
from tests.web.test_guard import CSP
from tests.web.wire import asked, get
from worker.config.web import Listen
from worker.core.tokens import DIGEST, OPERATOR, UNSUBSCRIBE, token
from worker.web import operator
from worker.web.server import bound, serving

NOW = datetime(2025, 9, 10, 9, tzinfo=UTC)
READERS = 12
HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(2)>',
    "'onmouseover='alert(3)",
    "</title></svg><svg onload=alert(4)>",
    "{{ 7 * 7 }}",
    "javascript:alert(5)",
    "&lt;b&gt;",
)
ADDRESS = re.compile(r"[^\s@<>]+@[\w.-]+")


@dataclass
class Page:
    """The page where it is served. ``path`` is its own, with the token."""

    served: Served
    client: httpx.AsyncClient
    port: int
    path: str

    async def text(self) -> str:
        answer = await self.client.get(self.path)
        assert answer.status_code == 200
        return answer.text


@contextlib.asynccontextmanager
async def page_of(folder: Path, more: str = "") -> AsyncIterator[Page]:
    async with served(folder, more) as site:
        listener = bound(Listen("127.0.0.1", 0))
        port = listener.getsockname()[1]
        base = f"http://127.0.0.1:{port}"
        path = operator.path(site.opened.composer.keys)
        with contextlib.closing(listener):
            async with (
                serving(operator.app_of(site.site), listener),
                httpx.AsyncClient(base_url=base, timeout=30) as client,
            ):
                yield Page(site, client, port, path)


@pytest.fixture
async def page(tmp_path: Path) -> AsyncIterator[Page]:
    async with page_of(tmp_path) as given:
        yield given


@pytest.fixture
async def full(page: Page) -> Page:
    page.served.clock.at = NOW
    await fill(page.served.opened, NOW, READERS, HOSTILE)
    return page


class Reader(HTMLParser):
    """What a browser makes of a page: its elements, their attributes, its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.text: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]

    def handle_data(self, data: str) -> None:
        self.text.append(data)


# --- who sees it ------------------------------------------------------------------------------


async def test_whoever_has_the_token_sees_the_page(page: Page) -> None:
    assert re.fullmatch(r"/o/[\w-]{34}", page.path)
    answer = await page.client.get(page.path)
    assert answer.status_code == 200
    assert answer.headers["content-security-policy"] == CSP
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-robots-tag"] == "noindex"
    assert answer.headers["referrer-policy"] == "no-referrer"
    head = await page.client.head(page.path)
    assert (head.status_code, head.content) == (200, b"")
    assert (await page.client.get("/static/style.css")).status_code == 200


async def test_a_token_that_is_wrong_at_any_place_leads_nowhere(page: Page) -> None:
    secret = page.path.removeprefix("/o/")
    lost = (await page.client.get("/nothing")).content
    wrong = [
        secret[:at] + ("A" if secret[at] != "A" else "B") + secret[at + 1 :]
        for at in range(len(secret))
    ]
    for text in (*wrong, "", secret[:-1], f"{secret}A", secret.swapcase(), "ä" * 34):
        answer = await page.client.get(f"/o/{text}")
        assert (answer.status_code, answer.content) == (404, lost), text


async def test_a_token_for_something_else_leads_nowhere(page: Page) -> None:
    keys = page.served.opened.composer.keys
    for purpose, number in ((UNSUBSCRIBE, 0), (DIGEST, 0), (OPERATOR, 1)):
        text = token(keys.secret, keys.newest, purpose, number)
        assert (await page.client.get(f"/o/{text}")).status_code == 404
    other = token(bytes(32), keys.newest, OPERATOR, 0)
    assert (await page.client.get(f"/o/{other}")).status_code == 404


async def test_the_site_itself_does_not_have_the_page(page: Page) -> None:
    assert (await page.served.client.get(page.path)).status_code == 404


async def test_and_it_has_no_page_of_the_site(page: Page) -> None:
    for path in ("/", "/archive", "/link", "/o/", "/o", "/healthz"):
        answer = await page.client.get(path)
        assert answer.status_code == 404
        assert 'href="/"' not in answer.text  # nor does it lead to one


@pytest.mark.parametrize(
    "host", ["evil.example", "papers.example.org", "localhost.evil.example:80", "127.0.0.2"]
)
async def test_a_forged_host_is_turned_away(page: Page, host: str) -> None:
    assert (await asked(page.port, get(page.path, host))).status == 421


async def test_it_is_found_by_its_address_and_as_localhost(page: Page) -> None:
    for host in (f"127.0.0.1:{page.port}", f"localhost:{page.port}", "localhost:9999"):
        assert (await asked(page.port, get(page.path, host))).status == 200


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
async def test_it_is_only_read(page: Page, method: str) -> None:
    answer = await page.client.request(method, page.path)
    assert answer.status_code == 405
    assert answer.headers["allow"] == "GET, HEAD"


# --- what is on it ----------------------------------------------------------------------------


async def test_the_page_of_a_month_has_all_plots_and_one_heading(full: Page) -> None:
    text = await full.text()
    read = Reader(text)
    assert read.elements.count("h1") == 1
    labels = [value for name, value in read.attributes if name == "aria-label"]
    for what in ("Digests", "Papers listed", "Attempts that", "Addresses", "Requests", "The queue"):
        assert any(label.startswith(what) for label in labels), what
    assert read.elements.count("details") == 5
    assert "Mon 8 Sep: " in text
    assert ": nothing" in text


async def test_there_is_no_style_no_script_and_nothing_from_elsewhere(full: Page) -> None:
    read = Reader(await full.text())
    assert "script" not in read.elements
    assert "style" not in read.elements
    names = {name for name, _ in read.attributes}
    assert not [name for name in names if name == "style" or name.startswith("on")]
    links = [value for name, value in read.attributes if name in ("href", "src", "action")]
    assert {link for link in links if not link.startswith(("/static/", "#"))} == set()


async def test_no_address_and_no_token_is_on_it(full: Page) -> None:
    text = await full.text()
    assert "not asked again until" in text  # though what the server said named somebody
    assert "Greylisted" in text
    assert "&lt;address&gt;" in text
    assert ADDRESS.findall(text) == []
    assert full.path.removeprefix("/o/") not in text


async def test_rules_and_names_of_files_are_words_and_nothing_else(full: Page) -> None:
    """Whatever somebody has for a rule, or as the name of a file."""
    opened = full.served.opened
    end = await opened.papers.end()
    name = f"{HOSTILE[0]}{HOSTILE[1]}.txt"
    named = replace(intake(end.intake + 1, 0, int(end.paper), 1, MONDAY), name=name)
    await opened.binding.expect(named.number)
    await opened.papers.take_in(named, [], {})
    text = await full.text()
    read = Reader(text)
    shown = "".join(read.text)
    for hostile in HOSTILE:
        assert hostile in shown
        if "<" in hostile or '"' in hostile:
            assert hostile not in text
    assert name in shown
    assert "img" in read.elements  # the icon
    assert {value for at, value in read.attributes if at == "src"} == {"/static/icon.svg"}


async def test_an_address_in_a_rule_is_not_shown(page: Page) -> None:
    await page.served.opened.subscribers.add(subscriber("author:jane@private.example"))
    text = await page.text()
    assert "private.example" not in text


async def test_a_long_rule_is_cut(page: Page) -> None:
    long = " OR ".join(f"word{number}" for number in range(100))
    await page.served.opened.subscribers.add(subscriber(long))
    text = await page.text()
    assert long[:159] + "…" in text
    assert long not in text


async def test_an_installation_with_nothing_in_it_says_so(page: Page) -> None:
    text = await page.text()
    assert "Nothing is wrong, and nothing is to be done yet" in text
    for line in ("None was planned", "No daily file", "Nothing waits.", "Nobody has any rules yet"):
        assert line in text
    assert '<svg class="days"' not in text
    assert "100 of 100 requests are left" in text


async def test_the_page_is_made_anew_after_half_a_minute(page: Page) -> None:
    assert "<dd>0</dd>" in await page.text()
    await page.served.opened.subscribers.add(subscriber())
    before = await page.text()
    assert "<dd>1</dd>" not in before
    page.served.clock.at += timedelta(seconds=29)
    assert await page.text() == before
    page.served.clock.at += timedelta(seconds=1)
    assert "<dd>1</dd>" in await page.text()


async def test_a_clock_that_was_put_back_does_not_keep_an_old_page(page: Page) -> None:
    await page.text()
    await page.served.opened.subscribers.add(subscriber())
    page.served.clock.at -= timedelta(days=1)
    assert "<dd>1</dd>" in await page.text()


# --- how it is judged -------------------------------------------------------------------------


@needs_vnu
async def test_the_standards_have_nothing_against_it(full: Page, tmp_path: Path) -> None:
    pages = {"full": await full.text(), "lost": (await full.client.get("/nothing")).text}
    (tmp_path / "empty").mkdir()
    async with page_of(tmp_path / "empty") as empty:
        pages["empty"] = await empty.text()
    (tmp_path / "checked").mkdir()
    assert await invalid(pages, tmp_path / "checked") == []


@needs_chromium
@needs_axe
async def test_people_can_read_it_however_they_look(full: Page) -> None:
    url = f"http://127.0.0.1:{full.port}{full.path}"
    async with chromium() as browser:
        looks: tuple[tuple[Literal["light", "dark"], int], ...] = (("light", 1000), ("dark", 320))
        for scheme, width in looks:
            context = await browser.new_context(
                bypass_csp=True, color_scheme=scheme, viewport={"width": width, "height": 800}
            )
            tab = await context.new_page()
            await tab.goto(url)
            await tab.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
            assert await violations(tab) == [], scheme
            assert await tab.evaluate("document.documentElement.scrollWidth") == width
            await context.close()
