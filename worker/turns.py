"""Who works in a data folder: one daemon, or commands that take turns."""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

from worker.model import Refused


class Locked(Refused):
    """Another process is the one writer here: the daemon, most likely."""


@contextlib.contextmanager
def running(data: Path) -> Iterator[None]:
    """Tells others, for as long as it lasts, that the daemon runs here. Raises Locked."""
    data.mkdir(parents=True, exist_ok=True, mode=0o700)
    with _running_lock(data) as free:
        if not free:
            raise Locked(f"{data}: a daemon runs here already", os.EX_TEMPFAIL)
        yield


def daemon_runs(data: Path) -> bool:
    """Whether a daemon runs here: then it takes in files, and sends by itself."""
    with _running_lock(data) as free:
        return not free


@contextlib.contextmanager
def _running_lock(data: Path) -> Iterator[bool]:
    path = data / ".running.lock"
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
    finally:
        os.close(descriptor)
