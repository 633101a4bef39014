"""Whether the event loop keeps up, and whether the clock on the wall was set meanwhile.

The scheduler keeps its next tick as an instant: set back by hours, the clock would have it wait
for as long, and ten years ahead for a moment, for ten years.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Final

from worker.ports import Clock

log = logging.getLogger(__name__)

LIMIT: Final = 5.0
"""Seconds: a loop that is late by more is told of, and so is a clock that jumped by more."""


async def watch(
    clock: Clock, jumped: Callable[[], None], *, beat: float = 1.0, limit: float = LIMIT
) -> None:
    """Watch for ever, a beat at a time. Each stall is told of once, and so is each jump.

    ``jumped`` is called after a jump of the clock; a machine that slept wakes up with one.
    """
    now = asyncio.get_running_loop().time
    while True:
        wall, started = clock.now(), now()
        await asyncio.sleep(beat)
        passed = now() - started
        if passed - beat > limit:
            log.warning("event loop lagged", extra={"seconds": round(passed - beat, 1)})
        ahead = (clock.now() - wall).total_seconds() - passed
        if abs(ahead) > limit:
            log.warning("clock jumped", extra={"seconds": round(ahead, 1)})
            jumped()
