"""Putting a file into the inbox as everybody should: written beside, then renamed into place."""

from __future__ import annotations

import itertools
import os
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Final

from worker import durable
from worker.core.settle import WISH, ignored, numbered

_PUBLIC: Final = 0o644  # daily papers are no secret, and the daemon may be somebody else


def put(folder: Path, name: str, content: bytes, *, again: bool = False) -> Path:
    """Put the file there under this name, or a numbered one if it is taken. Raises OSError.

    ``again``: with the wish that it be read even if its content was taken in before. Any number of
    writers may do so at once: each file arrives whole, under a name of its own.
    """
    beside = _written(folder, content)
    path = beside
    try:
        path = _reserved(folder, f"handed-over-{name}.txt" if ignored(name) else name)
        if again:
            durable.write(path.with_name(path.name + WISH), b"")
        os.replace(beside, path)
    except OSError:
        for left in {beside, path}:
            left.unlink(missing_ok=True)
        raise
    durable.sync_folder(folder)
    return path


def _written(folder: Path, content: bytes) -> Path:
    """The content in a file of the folder that the inbox ignores, on the disk."""
    descriptor, name = tempfile.mkstemp(prefix=".", suffix=".tmp", dir=folder)
    with open(descriptor, "wb") as file:
        os.fchmod(descriptor, _PUBLIC)
        file.write(content)
        file.flush()
        os.fsync(descriptor)
    return Path(name)


def _reserved(folder: Path, name: str) -> Path:
    """An empty file of that name, or of the first free number, which nobody else will take."""
    for number in itertools.count(1):
        path = folder / numbered(name, number)
        with suppress(FileExistsError):
            os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, _PUBLIC))
            break
    return path
