"""Pages that take work are made beside the event loop, and never many at once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final, TypeVar

from worker.web.site import Site
from worker.web.turned import Turned

PATIENCE: Final = 5.0
"""Seconds that somebody waits for a seat."""

REST: Final = 3
"""So many times as long as it was worked at, a seat stays empty: others need the machine, too."""

Made = TypeVar("Made")


def refuse_crowd(site: Site) -> None:
    """Raises Turned (503) if so many wait already that there is no use in reading what is asked."""
    if site.seats.is_full:
        raise Turned(503)


async def seated(site: Site, make: Callable[[], Made]) -> Made:
    """What ``make`` makes, in a thread. Raises Turned (503) if too many wait for theirs."""
    await _sit(site)
    loop = asyncio.get_running_loop()
    begun = loop.time()
    try:
        return await asyncio.to_thread(make)
    finally:
        loop.call_later(REST * (loop.time() - begun), site.seats.release)


async def _sit(site: Site) -> None:
    refuse_crowd(site)
    site.seats.waiting += 1
    try:
        async with asyncio.timeout(PATIENCE):
            await site.seats.acquire()
    except TimeoutError:
        raise Turned(503) from None
    finally:
        site.seats.waiting -= 1
