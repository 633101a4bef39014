"""Events of a folder, as hints to look at it; this alone imports watchfiles.

No event is ever counted on: there are none on network and bind mounts, none from a folder made
anew, and some come before the file they tell of is complete.
"""

from __future__ import annotations

import asyncio
from contextlib import aclosing, suppress
from pathlib import Path

from watchfiles import Change, awatch


class Watch:
    """watchfiles on one folder, begun anew whenever the folder was."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._wake = asyncio.Event()
        self._identity: tuple[int, int] | None = None
        self._halt = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def follow(self) -> bool:
        """Watch the folder that is there now; True if that begins only now."""
        before, self._identity = self._identity, _identity(self._folder)
        is_new = self._identity not in (None, before)
        if is_new or self._task is None or self._task.done():
            self._halt.set()  # the one before ends by itself
            self._halt = asyncio.Event()
            self._task = asyncio.create_task(self._hint(self._halt))
        return is_new

    async def event(self, stop: asyncio.Event, seconds: float) -> None:
        """Return at the next event (or one not yet told of), at ``stop``, or after so long."""
        waits = [asyncio.create_task(event.wait()) for event in (self._wake, stop)]
        try:
            await asyncio.wait(waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
        self._wake.clear()

    async def end(self) -> None:
        """Stop watching."""
        self._halt.set()
        if self._task is not None:
            await self._task

    async def _hint(self, halt: asyncio.Event) -> None:
        # OSError: no folder, or no inotify to be had; RuntimeError: whatever else watchfiles met.
        with suppress(OSError, RuntimeError):
            events = awatch(self._folder, watch_filter=None, recursive=False, stop_event=halt)
            async with aclosing(events):
                async for changes in events:
                    self._wake.set()
                    if (Change.deleted, str(self._folder)) in changes:
                        self._identity = None  # the next one may well get the same inode
                        return


def _identity(folder: Path) -> tuple[int, int] | None:
    try:
        status = folder.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino
