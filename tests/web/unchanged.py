"""What looking must never change: the ledger, the paper log, who has left.

async with unchanged(site.opened.settings):
    ...  # GET, HEAD, OPTIONS as often as you like
"""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from collections.abc import AsyncIterator

from worker.config.settings import Settings
from worker.store.departures import NAME

State = dict[str, str | bytes]


def state(settings: Settings) -> State:
    """Every row of the ledger as SQL, and the files beside it to the byte."""
    files = {path: settings.data / path for path in ("papers.json", NAME, "keys.json")}
    there = {name: path.read_bytes() for name, path in files.items() if path.exists()}
    with contextlib.closing(sqlite3.connect(f"file:{settings.ledger}?mode=ro", uri=True)) as ledger:
        return {**there, "ledger": "\n".join(ledger.iterdump())}


@contextlib.asynccontextmanager
async def unchanged(settings: Settings) -> AsyncIterator[None]:
    """Nothing that is kept may be other after the block than it was before."""
    before = await asyncio.to_thread(state, settings)
    yield
    after = await asyncio.to_thread(state, settings)
    assert after.keys() == before.keys()
    for name, content in before.items():
        assert after[name] == content, f"{name} was changed by looking"
