"""A real browser, and what judges pages: axe for people, vnu for standards.

Each is used where it is installed; what needs one says why it is skipped where not.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import shutil
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Page, async_playwright

PACKAGES = Path(__file__).with_name("node_modules")
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), "")
AXE = PACKAGES / "axe-core" / "axe.min.js"
VNU = PACKAGES / "vnu-jar" / "build" / "dist" / "vnu.jar"

needs_chromium = pytest.mark.skipif(not CHROMIUM, reason="no chromium is installed")
needs_axe = pytest.mark.skipif(
    not AXE.exists(), reason="no axe-core: npm install --prefix tests/web"
)
needs_vnu = pytest.mark.skipif(
    not (VNU.exists() and shutil.which("java")),
    reason="no vnu-jar (npm install --prefix tests/web), or no java",
)

_AXE = {
    "resultTypes": ["violations"],
    "preload": False,
    "rules": {"target-size": {"enabled": True}},
}
OF_THE_LOOK = ("color-contrast", "link-in-text-block", "scrollable-region-focusable", "target-size")
"""Rules of axe that depend on colours and widths; the others see the same page in each."""

QUIET = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip


@contextlib.asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """Debian's Chromium; Playwright's own is never fetched."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
        try:
            yield browser
        finally:
            await browser.close()


async def violations(page: Page, rules: Sequence[str] = ()) -> Sequence[str]:
    """What axe finds wrong with the page as it is shown; the page must be without its CSP.

    With ``rules``, only by those.
    """
    if not await page.evaluate("'axe' in window"):
        await page.evaluate(AXE.read_text("utf-8"))
    asked = {**_AXE, **({"runOnly": list(rules)} if rules else {})}
    found: Mapping[str, Any] = await page.evaluate("asked => axe.run(asked)", asked)
    return [
        f"{each['id']}: {each['help']}: {node['html'][:200]}"
        for each in found["violations"]
        for node in each["nodes"]
    ]


async def invalid(pages: Mapping[str, str], folder: Path) -> Sequence[str]:
    """What the Nu Html Checker says of these pages, named; errors and warnings alike."""
    for name, html in pages.items():
        (folder / f"{name}.html").write_text(html, "utf-8")
    process = await asyncio.create_subprocess_exec(
        "java", "-jar", str(VNU), "--format", "json", "--exit-zero-always", str(folder),
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    _, said = await process.communicate()
    return [
        f"{Path(each['url']).name}:{each.get('lastLine', '')}: {each['message']}"
        for each in json.loads(said)["messages"]
    ]
