"""Putting a file into the inbox as everybody should: written beside, then renamed into place."""

from __future__ import annotations

import itertools
from pathlib import Path

from worker import durable
from worker.core.settle import WISH, ignored, numbered


def put(folder: Path, name: str, content: bytes, *, again: bool = False) -> Path:
    """Put the file there under this name, or a numbered one if it is taken. Raises OSError.

    ``again``: with the wish that it be read even if its content was taken in before.
    """
    path = free_name(folder, name)
    if again:
        durable.write(path.with_name(path.name + WISH), b"")
    durable.write(path, content)
    return path


def free_name(folder: Path, name: str) -> Path:
    """A name that the inbox does not ignore and that nobody has taken."""
    plain = f"handed-over-{name}.txt" if ignored(name) else name
    numbers = (folder / numbered(plain, number) for number in itertools.count(1))
    return next(path for path in numbers if not path.exists())
