"""Takes days in, and says so on standard output, until it is done or killed.

    python -m tests.store.taking_in PATH COUNT

What failed is tried once more: a disk that was full may have room, any other is not trusted again.
"""

from __future__ import annotations

import asyncio
import os
import sys
from contextlib import closing
from datetime import timedelta
from pathlib import Path

from tests.store.days import FIRST_DAY, take_in_day
from worker.model import PaperNumber, Refused
from worker.ports import PaperLog
from worker.store.papers_tinydb import TinyPaperLog

WINDOW_DAYS = 10


def say(line: str) -> None:
    os.write(1, f"{line}\n".encode())


async def take_in_next(log: PaperLog) -> int:
    """Take in the day that follows on; gives how many there are then. Same place, same day."""
    place = await log.end()
    learned = {PaperNumber(place.paper): [f"learned:{place.intake}"]} if place.paper else {}
    day = FIRST_DAY + timedelta(days=place.intake)
    await take_in_day(log, place.intake % 4, day=day, learned=learned)
    return place.intake + 1


async def take_in_many(path: Path, count: int) -> None:
    opened = TinyPaperLog.open(path, new_id="log", create=True, window_days=WINDOW_DAYS)
    with closing(opened) as log:
        say("open")
        for _ in range(count):
            say(f"taken {await persistently(log)}")
        say("done")


async def persistently(log: PaperLog) -> int:
    try:
        return await take_in_next(log)
    except Refused as refused:
        say(f"refused {refused}")
        return await take_in_next(log)


def main() -> int:
    path, count = Path(sys.argv[1]), int(sys.argv[2])
    try:
        asyncio.run(take_in_many(path, count))
    except Refused as refused:
        say(f"refused {refused}")
        return refused.exit_code
    return os.EX_OK


if __name__ == "__main__":
    sys.exit(main())
