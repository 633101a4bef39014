"""A link scanner as some mail servers have one: a real browser, scripts on, that opens each link.

It opens what it is given, waits for all that the page loads, and moves over the page as people do.
It presses no button: those that do are no scanners but people.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable

from playwright.async_api import async_playwright

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
WHY_NOT = "no chromium on this machine"


async def scan(port: int, host: str, paths: Iterable[str], times: int = 3) -> list[int]:
    """Open each page of ``host``, which is served on that port here; gives the statuses."""
    statuses = []
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", f"--host-resolver-rules=MAP {host} 127.0.0.1:{port}"],
        )
        try:
            page = await browser.new_page(java_script_enabled=True)
            for path in [each for each in paths for _ in range(times)]:
                answer = await page.goto(f"http://{host}{path}", wait_until="networkidle")
                await page.mouse.move(200, 200)
                statuses.append(answer.status if answer else 0)
        finally:
            await browser.close()
    return statuses
