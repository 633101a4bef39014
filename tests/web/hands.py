"""How somebody goes through the site: with a mouse or a finger, or with the keyboard alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

from playwright.async_api import Locator, Page

MOST_STOPS = 80
FITS = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
UNSEEN = """(() => {
    const style = getComputedStyle(document.activeElement)
    const outlined = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2
    return outlined ? null : document.activeElement.outerHTML
})()"""


class Hand(Protocol):
    """What is done on a page, by the words that stand there."""

    page: Page

    async def write(self, label: str, text: str) -> None:
        """Write into the field of that label, in place of what stands there."""

    async def choose(self, label: str) -> None:
        """Choose one of several."""

    async def press(self, name: str) -> None:
        """Press a button, and come to the page it leads to."""

    async def follow(self, name: str) -> None:
        """Follow a link."""


@dataclass
class Pointer:
    """A mouse, or a finger."""

    page: Page

    async def write(self, label: str, text: str) -> None:
        await self.page.get_by_label(label, exact=True).fill(text)

    async def choose(self, label: str) -> None:
        await self.page.get_by_label(label, exact=True).check()

    async def press(self, name: str) -> None:
        await self.page.get_by_role("button", name=name, exact=True).click()

    async def follow(self, name: str) -> None:
        await self.page.get_by_role("link", name=name, exact=True).click()


@dataclass
class Keys:
    """Tab, arrows, Enter and letters; wherever they lead to, that is to be seen."""

    page: Page

    async def write(self, label: str, text: str) -> None:
        await self._reach(self.page.get_by_label(label, exact=True))
        await self.page.keyboard.press("Control+A")
        await self.page.keyboard.type(text)

    async def choose(self, label: str) -> None:
        wanted = self.page.get_by_label(label, exact=True)
        name = await wanted.get_attribute("name")
        await self._reach(self.page.locator(f"input[name={name}]:checked"))
        for _ in range(MOST_STOPS):
            if await wanted.is_checked():
                return
            await self.page.keyboard.press("ArrowDown")
        raise AssertionError(f"no arrow leads to {label}")

    async def press(self, name: str) -> None:
        await self._enter("button", name)

    async def follow(self, name: str) -> None:
        await self._enter("link", name)

    async def _enter(self, role: Literal["button", "link"], name: str) -> None:
        await self._reach(self.page.get_by_role(role, name=name, exact=True))
        async with self.page.expect_navigation():
            await self.page.keyboard.press("Enter")

    async def _reach(self, wanted: Locator) -> None:
        for _ in range(MOST_STOPS):
            if await wanted.evaluate("each => each === document.activeElement"):
                return
            await self.page.keyboard.press("Tab")
            unseen = await self.page.evaluate(UNSEEN)
            assert unseen is None, f"where the focus is cannot be seen: {unseen}"
        raise AssertionError(f"no Tab leads to {wanted}")
