"""Somebody's own pages, judged by axe and by the Nu Html Checker; 320 px wide; by keyboard."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from tests.made import paper
from tests.web.browser import chromium, invalid, needs_axe, needs_chromium, needs_vnu, violations
from tests.web.owners import page_of, press, preview, save
from tests.web.reading import as_he_is, join, take
from tests.web.served import Served, served
from worker.model import Subscriber


async def own_pages(site: Served) -> dict[str, str]:
    """Every page below /p/, in each of its states, as HTML."""
    who = await join(site, "flow", "flwo", '"</textarea><b>"')
    await take(site, paper(1, "On flow <b>"), paper(2, "On gates"))
    await site.opened.plan(site.clock)
    pages = {
        "shown": (await site.client.get(page_of(site, who))).text,
        "tried": (await preview(site, who, rules="gate*", frequency="monthly")).text,
        "wrong": (await save(site, who, rules="((", timezone="x", max_papers="x")).text,
        "meanwhile": (await save(site, who, rules="gate", seen="")).text,
        "saved": (await save(site, who, rules="gate", when_empty="say so")).text,
        "no-day": (await press(site, who, "pause", until="x")).text,
        "paused": (await press(site, who, "pause", until="2025-10-01")).text,
        "in-a-pause": (await site.client.get(page_of(site, who))).text,
        "resumed": (await press(site, who, "pause", resume="yes")).text,
        "weekly": (await press(site, who, "weekly")).text,
        "no-address": (await press(site, who, "move", address="x")).text,
        "moving": (await press(site, who, "move", address="new@example.net")).text,
        "not-sure": (await press(site, who, "erase")).text,
        "links": (await press(site, who, "links")).text,
    }
    who = await as_he_is(site, who)
    kept = await _put(site, replace(who, from_file=True))
    pages["kept"] = (await site.client.get(page_of(site, kept))).text
    pages["left"] = (await press(site, who, "leave")).text
    pages["left-not-sure"] = (await press(site, who, "erase")).text
    pages["erased"] = (await press(site, who, "erase", sure="yes")).text
    return pages


async def _put(site: Served, who: Subscriber) -> Subscriber:
    changed = await site.opened.subscribers.change(who)
    assert changed
    return changed


async def test_each_page_has_one_heading_and_a_title_of_its_own(tmp_path: Path) -> None:
    async with served(tmp_path) as site:
        for name, html in (await own_pages(site)).items():
            assert html.count("<h1") == 1, name
            assert "<title>" in html, name
            assert "style=" not in html, name
            assert "<script" not in html, name


@needs_vnu
async def test_vnu_finds_nothing_wrong_with_them(tmp_path: Path) -> None:
    async with served(tmp_path) as site:
        pages = await own_pages(site)
    folder = tmp_path / "pages"
    folder.mkdir()
    assert await invalid(pages, folder) == []


@needs_chromium
@needs_axe
async def test_axe_finds_nothing_wrong_with_them_in_light_and_dark_and_all_fit_320_pixels(
    tmp_path: Path,
) -> None:
    async with served(tmp_path, local=True) as site, chromium() as browser:
        pages = await own_pages(site)
        page = await browser.new_page(bypass_csp=True, viewport={"width": 320, "height": 800})
        css = (await site.client.get("/static/style.css")).text
        for name, html in pages.items():
            await page.set_content(html)
            await page.add_style_tag(content=css)
            await page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
            width = await page.evaluate("document.documentElement.scrollWidth")
            assert width == 320, name
            for scheme in ("light", "dark"):
                await page.emulate_media(color_scheme=scheme)
                assert await violations(page) == [], (name, scheme)


@needs_chromium
async def test_rules_are_edited_and_saved_by_keyboard_only_without_javascript(
    tmp_path: Path,
) -> None:
    async with served(tmp_path, local=True) as site, chromium() as browser:
        who = await join(site, "flow")
        context = await browser.new_context(java_script_enabled=False)
        page = await context.new_page()
        await page.goto(f"http://127.0.0.1:{site.port}{page_of(site, who)}")
        await page.keyboard.press("Tab")
        for _ in range(20):
            if await page.locator("#rules:focus").count():
                break
            await page.keyboard.press("Tab")
        await page.keyboard.press("Control+A")
        await page.keyboard.type("gate*")
        for _ in range(40):
            if await page.locator("button[value=save]:focus").count():
                break
            await page.keyboard.press("Tab")
        await page.keyboard.press("Enter")
        await page.wait_for_selector("h1:text-is('Saved')")
        assert [rule.query for rule in (await as_he_is(site, who)).rules] == ["gate*"]
