"""A second look at what was moved: a writer who still had it open has written on, in its new place.

A name is no hold on a file: whoever opened it before it was moved goes on writing to it in the
archive, and no look into the inbox would ever see the rest.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from worker.core.settle import PATIENCE, Mark
from worker.folder import mark_of

MOST: Final = 1000
"""So many are looked at, the last ones moved."""


@dataclass(frozen=True, slots=True)
class Moved:
    """A file that was moved to ``path`` at that monotonic second, as it was when it was read."""

    name: str
    path: Path
    mark: Mark
    at: float


class Afterlook:
    """Watches over the files that were moved within the last half hour."""

    def __init__(self) -> None:
        self._moved: deque[Moved] = deque(maxlen=MOST)

    def add(self, moved: Moved) -> None:
        """Watch over this one too."""
        self._moved.append(moved)

    def changed(self, now: float) -> list[Moved]:
        """Those that were written to since they were read; they are not watched any longer."""
        recent = [one for one in self._moved if now - one.at < PATIENCE]
        marks = [(one, mark_of(one.path)) for one in recent]
        self._moved = deque((one for one, mark in marks if mark == one.mark), MOST)
        return [one for one, mark in marks if mark and _is_same_but_changed(mark, one.mark)]


def _is_same_but_changed(now: Mark, before: Mark) -> bool:
    return now.inode == before.inode and now != before
