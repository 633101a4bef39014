"""A link scanner as some mail servers have one: a real browser, scripts on, that opens each link.

It opens what it is given, waits for all that the page loads, and moves over the page as people do.
It presses no button: those that do are no scanners but people.
"""

from __future__ import annotations

from collections.abc import Iterable

from tests.web.browser import chromium


async def scan(port: int, paths: Iterable[str], times: int = 3) -> list[int]:
    """Open each page of a ``local`` site so many times; gives the statuses."""
    statuses = []
    async with chromium() as browser:
        page = await browser.new_page(java_script_enabled=True)
        for path in [each for each in paths for _ in range(times)]:
            answer = await page.goto(f"http://127.0.0.1:{port}{path}", wait_until="networkidle")
            await page.mouse.move(200, 200)
            statuses.append(answer.status if answer else 0)
    return statuses
