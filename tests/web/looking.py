"""Pages that were answered before, opened in a real browser which reaches nothing else.

async with looking_at(pages, static, view) as look:
    async with look("front") as page: ...
assert look.strays == []
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from playwright.async_api import BrowserContext, Page, Route

from tests.web.browser import AXE, chromium
from tests.web.served import HOST
from tests.web.shown import Shown

ORIGIN = f"https://{HOST}"
_OURS = ("content-length", "date", "connection", "content-encoding", "transfer-encoding")


@dataclass(frozen=True, slots=True)
class View:
    """How it is looked at. ``trusting`` has no CSP, as axe needs it and as old browsers are."""

    name: str
    width: int
    scheme: Literal["light", "dark"] = "light"
    scale: float = 1
    trusting: bool = True


@dataclass
class Looking:
    """What was seen beside the pages: requests that lead elsewhere, complaints, dialogs."""

    context: BrowserContext
    pages: Mapping[str, Shown]
    static: Mapping[str, Shown]
    strays: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    page: Page | None = None

    async def __call__(self, name: str) -> Page:
        """Open that page."""
        if self.page is None:
            self.page = await self.context.new_page()
            self.page.on("dialog", lambda dialog: self.said.append(f"dialog: {dialog.message}"))
            self.page.on("pageerror", lambda error: self.said.append(f"error: {error}"))
            self.page.on("console", lambda line: self._hear(line.text))
        await self.page.goto(f"{ORIGIN}/shown/{name}")
        return self.page

    def _hear(self, line: str) -> None:
        if "Failed to load resource" not in line:  # the status of the page itself
            self.said.append(line)

    async def give(self, route: Route) -> None:
        """Answer what the browser asks for, if it is ours."""
        path = route.request.url.removeprefix(ORIGIN)
        kind, _, name = path.lstrip("/").partition("/")
        found = {"shown": self.pages, "static": self.static}.get(kind, {}).get(name)
        if found is None or not route.request.url.startswith(f"{ORIGIN}/"):
            self.strays.append(route.request.url)
            await route.abort()
            return
        headers = {key: value for key, value in found.headers.items() if key not in _OURS}
        await route.fulfill(status=found.status, headers=headers, body=found.body)


@contextlib.asynccontextmanager
async def looking_at(
    pages: Mapping[str, Shown], static: Mapping[str, Shown], view: View
) -> AsyncIterator[Looking]:
    """A browser that has these pages and no others."""
    async with chromium() as browser:
        context = await browser.new_context(
            viewport={"width": view.width, "height": 800},
            color_scheme=view.scheme,
            device_scale_factor=view.scale,
            bypass_csp=view.trusting,
        )
        if view.trusting and AXE.exists():
            await context.add_init_script(path=AXE)  # for each page to come: sent once
        looking = Looking(context, pages, static)
        await context.route("**/*", looking.give)
        yield looking
        assert await context.cookies() == []
