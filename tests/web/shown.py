"""Pages as they were answered, kept by name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import httpx

from tests.web.served import Served


@dataclass(frozen=True, slots=True)
class Shown:
    """A page as it was answered."""

    status: int
    body: str
    headers: Mapping[str, str]


@dataclass(slots=True)
class Catalogue:
    """The pages so far, by name; ``mails`` are the HTML parts of what is mailed, ``static`` what
    pages are made up with.
    """

    site: Served
    pages: dict[str, Shown] = field(default_factory=dict)
    mails: dict[str, str] = field(default_factory=dict)
    static: dict[str, Shown] = field(default_factory=dict)

    async def get(self, name: str, path: str, **query: str) -> None:
        """Open a page."""
        self.note(name, await self.site.client.get(path, params=query))

    def note(self, name: str, answer: httpx.Response) -> None:
        """Keep what was answered."""
        assert name not in self.pages
        assert answer.headers["content-type"] == "text/html; charset=utf-8", name
        self.pages[name] = shown_as(answer)

    async def dress(self) -> None:
        """Get what pages are made up with."""
        for name in ("style.css", "icon.svg"):
            self.static[name] = shown_as(await self.site.client.get(f"/static/{name}"))


def shown_as(answer: httpx.Response) -> Shown:
    """The answer, kept."""
    return Shown(answer.status_code, answer.text, dict(answer.headers))
