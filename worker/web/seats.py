"""Pages that take work are made beside the event loop, and never many at once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

from worker.web.site import Seats, Site
from worker.web.turned import Turned

PATIENCE: Final = 5.0
"""Seconds that somebody waits for a seat."""

REST: Final = 3
"""So many times as long as it was worked at, a seat stays empty: others need the machine, too."""

Made = TypeVar("Made")


def refuse_crowd(site: Site) -> None:
    """Raises Turned (503) if so many wait already that there is no use in reading what is asked."""
    _refuse_full(site.seats)


async def seated(site: Site, make: Callable[[], Made]) -> Made:
    """What ``make`` makes, in a thread. Raises Turned (503) if too many wait for theirs."""
    return await _seated(site.seats, make, REST)


async def seated_reading(site: Site, read: Callable[[], Made]) -> Made:
    """The same for what is only read of a stranger's form: each rule of it may be a regex."""
    return await _seated(site.reading_seats, read, 1)


async def seated_reader(site: Site, make: Callable[[], Made]) -> Made:
    """The same for who came by a link of his own: however many strangers there are."""
    return await _seated(site.kept_seats, make, 0)


async def seated_asking(site: Site, ask: Callable[[], Awaitable[Made]]) -> Made:
    """The same for what is asked of the stores, and may be much."""
    await _sit(site.kept_seats)
    try:
        return await ask()
    finally:
        site.kept_seats.release()


async def _seated(seats: Seats, make: Callable[[], Made], rest: int) -> Made:
    await _sit(seats)
    loop = asyncio.get_running_loop()
    begun = loop.time()
    try:
        return await asyncio.to_thread(make)
    finally:
        loop.call_later(rest * (loop.time() - begun), seats.release)


async def _sit(seats: Seats) -> None:
    _refuse_full(seats)
    seats.waiting += 1
    try:
        async with asyncio.timeout(PATIENCE):
            await seats.acquire()
    except TimeoutError:
        raise Turned(503) from None
    finally:
        seats.waiting -= 1


def _refuse_full(seats: Seats) -> None:
    if seats.is_full:
        raise Turned(503)
