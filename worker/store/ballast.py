"""Room kept for the day the disk is full: a file that is given up for what must be written.

Somebody who leaves must be able to, and what has been sent must be noted, or it is sent again.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

NAME: Final = ".ballast"
SIZE: Final = 2**20
"""Bytes: room for some hundred pages of a journal, and too little to be missed."""

_PIECE: Final = 2**16


class Ballast:
    """The file of that name in a folder. Nothing here ever fails: it is there to help."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / NAME

    def is_whole(self) -> bool:
        """Whether all the room is kept that should be."""
        return self._kept() >= SIZE

    def give_up(self) -> bool:
        """Give the room free. False if there was none."""
        had_some = self._kept() > 0
        try:
            self._path.unlink(missing_ok=True)
        except OSError:  # a disk that is read-only
            return False
        return had_some

    def take(self) -> None:
        """Keep as much room as there is, up to the whole: what is left is not for others."""
        try:
            flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC
            descriptor = os.open(self._path, flags, 0o600)
        except OSError:
            return
        try:
            while os.fstat(descriptor).st_size < SIZE:
                # Chance, since some disks keep no room for what can be made smaller.
                if os.write(descriptor, os.urandom(_PIECE)) == 0:
                    return
        except OSError:
            return
        finally:
            os.close(descriptor)

    def _kept(self) -> int:
        try:
            return self._path.stat().st_size
        except OSError:
            return 0
