"""Pages that take work are made beside the event loop, and never many at once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final, TypeVar

from worker.web.site import Site
from worker.web.turned import Turned

PATIENCE: Final = 5.0
"""Seconds that somebody waits for a seat."""

Made = TypeVar("Made")


async def seated(site: Site, make: Callable[[], Made]) -> Made:
    """What ``make`` makes, in a thread. Raises Turned (503) if too many wait for theirs."""
    try:
        async with asyncio.timeout(PATIENCE):
            await site.seats.acquire()
    except TimeoutError:
        raise Turned(503) from None
    try:
        return await asyncio.to_thread(make)
    finally:
        site.seats.release()
