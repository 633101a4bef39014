"""The site of an installation, really served on a free port, on stores in a folder."""

from __future__ import annotations

import contextlib
import random
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import httpx
from starlette.routing import BaseRoute

from tests.made import NOON
from worker.config.settings import read_settings
from worker.config.web import Listen
from worker.opened import Opened
from worker.opening import opened
from worker.web.app import PAGES, app_of
from worker.web.crowd import USUAL, Bounds
from worker.web.server import bound, serving
from worker.web.site import Site, made_site

CONFIG = """
[mail]
from = "Paper Round <digest@example.org>"
base_url = "https://papers.example.org"

[web]
listen = "127.0.0.1:0"
"""
HOST = "papers.example.org"


@dataclass
class SetClock:
    """A clock that stands where it is put."""

    at: datetime = NOON

    def now(self) -> datetime:
        return self.at


@dataclass
class Served:
    """``client`` asks as a browser behind the usual web server does. ``woken`` counts wake-ups."""

    site: Site
    opened: Opened
    clock: SetClock
    client: httpx.AsyncClient
    port: int
    woken: list[datetime] = field(default_factory=list)


@contextlib.asynccontextmanager
async def served(
    folder: Path,
    more: str = "",
    *,
    local: bool = False,
    pages: Sequence[BaseRoute] = PAGES,
    base_url: str = "",
    bounds: Bounds = USUAL,
) -> AsyncIterator[Served]:
    """A site on fresh stores; ``more`` is added to its configuration.

    A ``local`` one is at http://127.0.0.1 for everybody, as a browser needs it.
    """
    listener = bound(Listen("127.0.0.1", 0))
    port = listener.getsockname()[1]
    host = f"127.0.0.1:{port}" if local else HOST
    config = folder / "paperround.toml"
    local_url = f"http://{host}" if local else f"https://{HOST}"
    text = CONFIG.replace(f"https://{HOST}", base_url or local_url)
    config.write_text(text + more)
    settings = read_settings(config, {}, folder / "data")
    clock, chance, woken = SetClock(), random.Random(1), list[datetime]()
    async with opened(settings, None, clock) as stores:
        site = made_site(stores, clock, chance.getrandbits, lambda: woken.append(clock.now()))
        with contextlib.closing(listener):
            async with (
                serving(app_of(site, pages), listener, bounds),
                httpx.AsyncClient(
                    base_url=f"http://127.0.0.1:{port}", headers={"Host": host}, timeout=30
                ) as client,
            ):
                yield Served(site, stores, clock, client, port, woken)
