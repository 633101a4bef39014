"""Every page in every state, and every mail: judged by vnu, by axe, and by the browser itself.

With ``PAPERROUND_SHOTS=folder`` pictures of all of them are left there, to be looked at.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Page

from tests.conftest import SHOTS
from tests.web.browser import OF_THE_LOOK, invalid, needs_axe, needs_chromium, needs_vnu, violations
from tests.web.catalogue import PROXIED, catalogue
from tests.web.catalogue_sets import SETS, with_sets
from tests.web.hostile import CANARIES
from tests.web.hostiles import hostile_catalogue
from tests.web.looking import View, looking_at
from tests.web.served import served
from tests.web.shown import Catalogue, Shown

MORE = () if SHOTS else (pytest.mark.nightly,)
WIDE, NARROW = View("wide-light", 1200), View("narrow-dark", 320, "dark")
VIEWS = (
    pytest.param(WIDE, (), id="wide and light"),
    pytest.param(NARROW, OF_THE_LOOK, id="narrow and dark"),
    pytest.param(NARROW, (), id="narrow and dark, by all rules", marks=pytest.mark.nightly),
    pytest.param(View("narrow-light", 320), (), id="narrow and light", marks=MORE),
    pytest.param(View("wide-dark", 1200, "dark"), (), id="wide and dark", marks=MORE),
)
ZOOMED = View("zoomed", 640, scale=2, trusting=False)

FITS = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
UNFOLD = "document.querySelectorAll('details').forEach(each => each.open = true)"
LIVE = """[...document.querySelectorAll('*')].flatMap(each => [...each.attributes])
    .filter(each => /^on|^style$|^srcdoc$/.test(each.name)
        || (/^(href|src|action|formaction)$/.test(each.name)
            && !/^(https?:|mailto:|[/?#])/.test(each.value)))
    .map(each => each.ownerElement.outerHTML)"""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shown(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Catalogue]:
    async with served(tmp_path_factory.mktemp("sets"), PROXIED + SETS) as site:
        sets = await with_sets(site)
    async with served(tmp_path_factory.mktemp("site"), PROXIED) as site:
        shown = await catalogue(site)
        shown.pages |= sets.pages
        yield shown


async def test_each_page_is_a_whole_one_and_nothing_else_is_in_it(shown: Catalogue) -> None:
    assert len(shown.pages) > 70
    for name, page in shown.pages.items():
        assert page.body.count("<h1") == 1, name
        title = page.body.partition("<title>")[2].partition("</title>")[0]
        assert title.endswith(" · Paper Round"), name
        assert title.count(" · ") == 1, name
        assert not any(bad in page.body for bad in ("<script", "style=", "<style", "src=h")), name
        assert "set-cookie" not in page.headers, name
        assert page.headers["cache-control"] == "no-store", name


async def test_links_that_read_alike_on_a_page_lead_to_the_same_place(shown: Catalogue) -> None:
    for name, page in shown.pages.items():
        found = re.findall('<a [^>]*href="([^"]*)"[^>]*>(.*?)</a>', page.body)
        texts = Counter(text for text, _ in {(text, href) for href, text in found})
        assert [text for text, count in texts.items() if count > 1] == [], name


async def test_each_page_has_the_status_of_what_it_says(shown: Catalogue) -> None:
    for name, page in shown.pages.items():
        if name.startswith("turned-"):
            expected = int(name.removeprefix("turned-"))
        else:
            parts = {
                "faults": 422, "address": 422, "day": 422, "sure": 422, "meanwhile": 409,
                "wrong": 400, "such": 404, "closed": 503,
            }  # fmt: skip
            found = {parts[part] for part in name.split("-")[-2:] if part in parts}
            expected = 200 if name in ("day", "day-newest") or not found else max(found)
        assert page.status == expected, name


@needs_vnu
async def test_vnu_finds_nothing_wrong_with_any_page_or_mail(
    shown: Catalogue, tmp_path: Path
) -> None:
    pages = {name: page.body for name, page in shown.pages.items()}
    mails = {f"mail-{name}": html for name, html in shown.mails.items()}
    assert len(mails) > 15
    assert await invalid(pages | mails, tmp_path) == []


@needs_chromium
@needs_axe
@pytest.mark.parametrize(("view", "rules"), VIEWS)
async def test_axe_finds_nothing_wrong_and_all_of_it_fits(
    shown: Catalogue, view: View, rules: Sequence[str]
) -> None:
    pages, found = {**shown.pages, **_as_pages(shown)}, dict[str, Sequence[str]]()
    async with looking_at(pages, shown.static, view) as look:
        for name in pages:
            page = await look(name)
            await _shoot(page, f"{name}.{view.name}")
            assert await page.evaluate(FITS), f"{name} scrolls sideways"
            if not name.startswith(("mail-", "turned-4")):  # 404 and 500 are like those
                await page.evaluate(UNFOLD)
                assert await page.evaluate(FITS), f"{name} scrolls sideways when unfolded"
                found[name] = await violations(page, rules)
        assert {name: wrong for name, wrong in found.items() if wrong} == {}
        assert look.strays == []
        assert look.said == []


@needs_chromium
async def test_at_200_percent_and_with_letters_twice_as_large_nothing_runs_over(
    shown: Catalogue,
) -> None:
    """And with the site's own CSP: nothing on any page is against it."""
    async with looking_at(shown.pages, shown.static, ZOOMED) as look:
        for name in shown.pages:
            page = await look(name)
            await page.evaluate(UNFOLD)
            assert await page.evaluate(FITS), f"{name} scrolls sideways when zoomed"
            await page.evaluate("document.documentElement.style.fontSize = '200%'")
            assert await page.evaluate(FITS), f"{name} scrolls sideways in large letters"
        assert look.strays == []
        assert look.said == []


@needs_chromium
@pytest.mark.parametrize(
    "trusting", [True, pytest.param(False, marks=pytest.mark.nightly)], ids=["no CSP", "CSP"]
)
async def test_nothing_that_others_write_is_ever_run(tmp_path: Path, *, trusting: bool) -> None:
    async with served(tmp_path, PROXIED) as site:
        shown = await hostile_catalogue(site)
    async with looking_at(
        shown.pages, shown.static, View("hostile", 800, trusting=trusting)
    ) as look:
        for name in shown.pages:
            page = await look(name)
            await page.evaluate(UNFOLD)
            assert (await page.title()).endswith(" · Paper Round"), name
            assert await page.evaluate(LIVE) == [], name
        assert look.strays == []
        assert look.said == []


@needs_chromium
@pytest.mark.parametrize("trusting", [True, False], ids=["no CSP", "CSP"])
async def test_what_is_run_would_be_seen(shown: Catalogue, *, trusting: bool) -> None:
    """The test of the tests: markup let through renames the page, unless the CSP forbids it."""
    front = shown.pages["front"]
    body = front.body.replace("</h1>", f"</h1>{CANARIES[0]}{CANARIES[1]}")
    pages = {"broken": Shown(200, body, front.headers)}
    async with looking_at(pages, shown.static, View("x", 800, trusting=trusting)) as look:
        page = await look("broken")
        assert (await page.title() == "pwned") is trusting
        assert await page.evaluate(LIVE) != []
        assert any("Content Security Policy" in line for line in look.said) is not trusting


def _as_pages(shown: Catalogue) -> dict[str, Shown]:
    """The mails, to be looked at like pages."""
    headers = {"content-type": "text/html; charset=utf-8"}
    return {f"mail-{name}": Shown(200, html, headers) for name, html in shown.mails.items()}


async def _shoot(page: Page, name: str) -> None:
    if SHOTS:
        folder = Path(SHOTS)
        folder.mkdir(parents=True, exist_ok=True)
        await page.screenshot(path=folder / f"{name}.png", full_page=True)
