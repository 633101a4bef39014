"""Who works in a data folder: one daemon, or commands that take turns."""

from __future__ import annotations

import contextlib
import fcntl
import os
import time
from collections.abc import Iterator
from pathlib import Path

from worker.model import Refused

LOOKS = 10


class Locked(Refused):
    """Another process is the one writer here: the daemon, most likely."""


@contextlib.contextmanager
def running(data: Path) -> Iterator[None]:
    """Tells others, for as long as it lasts, that the daemon runs here. Raises Locked."""
    for _ in range(LOOKS):  # somebody may be looking at this very moment whether we run
        with _lock(data, fcntl.LOCK_EX) as free:
            if free:
                yield
                return
        time.sleep(0.1)
    raise Locked(f"{data}: a daemon runs here already", os.EX_TEMPFAIL)


def daemon_runs(data: Path) -> bool:
    """Whether a daemon runs here: then it takes in files, and sends by itself.

    Those who look share the lock, so that none takes another for the daemon.
    """
    with _lock(data, fcntl.LOCK_SH) as free:
        return not free


@contextlib.contextmanager
def _lock(data: Path, kind: int) -> Iterator[bool]:
    """Whether the lock was free; if so it is held, and lost with the process at the latest."""
    flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC
    descriptor = os.open(data / ".running.lock", flags, 0o600)
    try:
        try:
            fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
    finally:
        os.close(descriptor)
