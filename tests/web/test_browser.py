"""The pages in a real browser, judged by axe and by the Nu Html Checker."""

from __future__ import annotations

from pathlib import Path

from tests.web.browser import chromium, invalid, needs_axe, needs_chromium, needs_vnu, violations
from tests.web.served import served


@needs_chromium
@needs_axe
async def test_axe_finds_nothing_wrong_with_the_front_page(tmp_path: Path) -> None:
    async with served(tmp_path, local=True) as site, chromium() as browser:
        page = await browser.new_page(bypass_csp=True)
        await page.goto(f"http://127.0.0.1:{site.port}/")
        assert await violations(page) == []


@needs_vnu
async def test_vnu_finds_nothing_wrong_with_the_front_page(tmp_path: Path) -> None:
    async with served(tmp_path) as site:
        html = (await site.client.get("/")).text
    folder = tmp_path / "pages"
    folder.mkdir()
    assert await invalid({"front": html}, folder) == []


@needs_chromium
@needs_axe
async def test_axe_does_find_what_is_wrong() -> None:
    async with chromium() as browser:
        page = await browser.new_page()
        await page.set_content("<title>x</title><main><h1>x</h1><input></main>")
        assert any(each.startswith("label:") for each in await violations(page))


@needs_vnu
async def test_vnu_does_find_what_is_wrong(tmp_path: Path) -> None:
    html = "<!DOCTYPE html><html lang=en><title>x</title><p id=a><p id=a>"
    assert any("Duplicate ID" in each for each in await invalid({"bad": html}, tmp_path))


@needs_chromium
async def test_who_comes_back_to_the_form_finds_it_as_he_filled_it_in(tmp_path: Path) -> None:
    sent = {"address": "ada@example.org", "rules": "diffusion -survey", "timezone": "Asia/Tokyo"}
    async with served(tmp_path, local=True) as site, chromium() as browser:
        page = await browser.new_page()
        await page.goto(f"http://127.0.0.1:{site.port}/")
        for name, value in sent.items():
            await page.fill(f"#{name}", value)
        await page.click("text=Subscribe >> nth=-1")
        await page.wait_for_url("**/subscribe")
        await page.go_back()
        assert {name: await page.input_value(f"#{name}") for name in sent} == sent
