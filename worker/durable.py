"""Files that are never half-written: beside, sync, rename, sync the folder."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Final

PASSING: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EMFILE, errno.ENFILE})
"""A full or read-only disk, too many open files: nothing is broken, and it may be tried again."""


def write(path: Path, content: bytes, mode: int = 0o600) -> None:
    """Put ``content`` at ``path``: after a crash the old file is there, or the new one, whole.

    A failed write or fsync raises OSError and leaves the old file as it was. The error is final:
    after a failed fsync nothing is known of the pages, so nobody may try again and trust it.
    """
    beside = path.with_name(f".{path.name}.tmp")
    try:
        _write_synced(beside, content, mode)
        os.replace(beside, path)
    except OSError:
        beside.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def write_new(path: Path, content: bytes) -> bool:
    """Put ``content`` at ``path``, 0600, as durably, but never over what is there: then False."""
    make_folder(path.parent)
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    write(beside, content)
    try:
        os.link(beside, path)
    except FileExistsError:
        return False
    finally:
        beside.unlink(missing_ok=True)
        sync_folder(path.parent)
    return True


def move(source: Path, target: Path) -> None:
    """Rename within one file system, so that after a crash it is at one of the two places."""
    make_folder(target.parent)
    os.replace(source, target)
    sync_folder(target.parent)
    sync_folder(source.parent)


def make_folder(folder: Path) -> None:
    """Make the folder and those above it, where they are missing, as durable as what goes in."""
    if not folder.exists():
        make_folder(folder.parent)
        folder.mkdir(exist_ok=True)
        sync_folder(folder.parent)


def sync_folder(folder: Path) -> None:
    """Make the names in this folder as durable as their contents."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _write_synced(path: Path, content: bytes, mode: int) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC
    descriptor = os.open(path, flags, mode)
    with open(descriptor, "wb") as file:
        os.fchmod(descriptor, mode)
        file.write(content)
        file.flush()
        os.fsync(descriptor)
