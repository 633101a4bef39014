"""What lies in a folder, and the bytes of one file of it: looked at, never waited for.

What is not a regular file is not opened, and what a file is, its descriptor says and not its name.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

from worker.core.settle import MANIFEST, PROMISE, WISH, Mark, ignored

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LAST = 253_402_128_000_000_000  # µs: 9999-12-30, a day short so that every time zone has it

_KINDS = (
    (stat.S_ISLNK, "a symbolic link"),
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISFIFO, "a pipe"),
    (stat.S_ISSOCK, "a socket"),
)


@dataclass(slots=True)
class Scan:
    """A folder at one moment, by name: what may be daily files, what they are accompanied by.

    ``others`` have the name of a daily file and say what they are instead; ``beside`` are promises
    and wishes, whatever they are; ``device`` is the file system that the folder is on.
    """

    device: int
    files: dict[str, Mark] = field(default_factory=dict)
    manifests: dict[str, Mark] = field(default_factory=dict)
    others: dict[str, str] = field(default_factory=dict)
    beside: set[str] = field(default_factory=set)


def scan(folder: Path) -> Scan:
    """Look into the folder once. Raises OSError if it cannot be read."""
    with os.scandir(folder) as entries:
        found = Scan(device(folder))
        for name, status in _statuses(entries):
            if isinstance(status, OSError):
                found.others[name] = f"what cannot be looked at ({status.strerror})"
            else:
                _add(found, name, status)
    return found


def device(folder: Path) -> int:
    """The file system that the folder is on."""
    return folder.stat().st_dev


def _add(found: Scan, name: str, status: os.stat_result) -> None:
    if name.endswith((PROMISE, WISH)):
        found.beside.add(name)
    elif name.endswith(MANIFEST) and stat.S_ISREG(status.st_mode):
        found.manifests[name] = mark(status)
    elif ignored(name):
        return
    elif stat.S_ISREG(status.st_mode):
        found.files[name] = mark(status)
    else:
        found.others[name] = _kind(status)


def mark(status: os.stat_result) -> Mark:
    """What tells that the file changed."""
    return Mark(status.st_size, status.st_mtime_ns, status.st_ino)


def mark_of(path: Path) -> Mark | None:
    """The mark of what lies there, if anything does."""
    try:
        return mark(path.lstat())
    except OSError:
        return None


def read(path: Path, size_cap: int) -> tuple[bytes, os.stat_result]:
    """The whole of a regular file, and what its descriptor says after that.

    Raises OSError for anything else, never follows a link, never waits for a writer.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise OSError(errno.EINVAL, "not a regular file")
        if status.st_size > size_cap:
            raise OSError(errno.EFBIG, os.strerror(errno.EFBIG))
        with open(descriptor, "rb", closefd=False) as file:
            content = file.read(status.st_size + 1)  # what grows meanwhile has another mark then
        return content, os.fstat(descriptor)
    finally:
        os.close(descriptor)


def modified(status: os.stat_result) -> datetime:
    """UTC; a time that no calendar has becomes the nearest that one has."""
    return _EPOCH + timedelta(microseconds=min(max(status.st_mtime_ns // 1000, 0), _LAST))


def digest(content: bytes) -> str:
    """Its SHA-256, as the paper log knows it."""
    return sha256(content).hexdigest()


def has_digest(path: Path, wanted: str, size_cap: int) -> bool:
    """Whether a file of that content lies there."""
    try:
        return digest(read(path, size_cap)[0]) == wanted
    except OSError:
        return False


def _statuses(
    entries: Iterable[os.DirEntry[str]],
) -> Iterator[tuple[str, os.stat_result | OSError]]:
    for entry in entries:
        try:
            yield entry.name, entry.stat(follow_symlinks=False)
        except FileNotFoundError:  # gone since the folder was listed
            continue
        except OSError as error:  # a dead mount, say: one entry is not the whole folder
            yield entry.name, error


def _kind(status: os.stat_result) -> str:
    return next((kind for is_kind, kind in _KINDS if is_kind(status.st_mode)), "a device")
