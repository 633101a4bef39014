"""TinyDB's file, never half-written: one writer, one atomic write, three generations.

The text is plain JSON, one document a line, sealed by its SHA-256 at the end: a bit that
flipped is found, and a person can still read it and compare two generations.

    papers.json       the current state
    papers.json.1     the state before it, … papers.json.3; hard links, made before each write
    papers.json.lock  flock(2) by the one writer; not empty once a papers.json was here
"""

from __future__ import annotations

import fcntl
import os
import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from itertools import takewhile
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
from tinydb.storages import Storage

from worker import durable
from worker.model import Refused
from worker.turns import Locked

Tables = dict[str, dict[str, Any]]
"""What TinyDB keeps: table → document id as text → document."""

GENERATIONS = 3

_SEAL = b'"sha256": "%s"\n}\n'
_SEAL_SIZE = len(_SEAL) - len(b"%s") + 64
_GONE = "it is missing, though it was here before"
_LOCK_MARK = b"The file beside this one is in use; keep both.\n"


class Stamp(NamedTuple):
    """Which atomic write a reader saw: no two have all three in common."""

    inode: int
    mtime_ns: int
    size: int


def serialise(tables: Tables) -> bytes:
    """The text of the file. Raises ValueError for what JSON cannot hold (a lone surrogate)."""
    body = b"{\n" + b"".join(_table(name, documents) for name, documents in tables.items())
    return body + _SEAL % sha256(body).hexdigest().encode()


def parse(content: bytes) -> Tables:
    """The tables in it. Raises ValueError if this is not, to the byte, what ``serialise`` gave."""
    if not content:
        raise ValueError("it is empty")
    body, seal = content[:-_SEAL_SIZE], content[-_SEAL_SIZE:]
    if seal != _SEAL % sha256(body).hexdigest().encode():
        raise ValueError("it does not match the checksum in its last line")
    try:
        tables: Tables = msgspec.json.decode(content)
    except msgspec.DecodeError as error:
        raise ValueError(str(error)) from error
    del tables["sha256"]
    return tables


class AtomicStorage(Storage):
    """A TinyDB storage: after a crash the old file is there, or the new one, whole.

    The one writer holds the lock until ``close``; with ``read_only`` there is no lock, and each
    read gives the newest whole state. A missing file is made, by the first write, only with
    ``create``. Everything it cannot go on with raises Refused.
    """

    def __init__(self, path: Path, *, create: bool = False, read_only: bool = False) -> None:
        self.path = path.resolve()  # a symlinked file is written where it lies, not replaced
        self.read_only = read_only
        self._gathered: Tables | None = None
        self._stamp: Stamp | None = None
        self._fatal: Refused | None = None
        self._lock = -1 if read_only else _lock(self.path)
        try:
            self._find(create)
        except OSError as error:
            self.close()
            raise _failed(self.path, "opening", error) from error
        except Refused:
            self.close()
            raise

    def read(self) -> Tables | None:
        """The current state, a copy of its own; None if nothing was ever written."""
        if self._gathered is not None:
            return self._gathered
        return self._load()

    def write(self, data: Tables) -> None:
        """One atomic write, unless inside ``one_write``."""
        if self._gathered is not None:
            self._gathered = data
        else:
            self._commit(data)

    @contextmanager
    def one_write(self) -> Iterator[None]:
        """Gather what the tables are told inside into one atomic write at the end.

        An exception inside discards all of it. What fails to be read or written is final: every
        later write is refused, since only a fresh start knows what the disk holds. Only what
        passes (EX_TEMPFAIL), such as a full disk, and has touched nothing, may be tried again.
        """
        self._refuse_writing()
        try:
            self._gathered = self._load() or {}
        except Refused as refused:
            if refused.exit_code != os.EX_TEMPFAIL:
                self._fatal = refused
            raise
        try:
            yield
            gathered = self._gathered
        finally:
            self._gathered = None
        self._commit(gathered)

    def changed(self) -> bool:
        """Whether somebody wrote the file since it was last read here."""
        try:
            return _stamp(self.path.stat()) != self._stamp
        except OSError:
            return True  # reading it will say why

    def close(self) -> None:
        """Give up the lock. The lock file stays: removing it would let two writers in."""
        if self._lock >= 0:
            os.close(self._lock)
        self._lock = -1

    def _find(self, create: bool) -> None:
        if self.path.exists():
            self._mark_lock()
        elif self._was_here():
            raise self._damaged(_GONE)
        elif not create:
            line = f"{self.path}: there is no paper log here: correct the path, or create one"
            raise Refused(line, os.EX_NOINPUT)

    def _load(self) -> Tables | None:
        try:
            content, stamp = _snapshot(self.path)
            tables = parse(content)
        except FileNotFoundError as error:
            if self.read_only or self._stamp or self._was_here():
                raise self._damaged(_GONE) from error
            return None  # this writer may create it, and has not yet
        except OSError as error:
            raise _failed(self.path, "reading", error) from error
        except ValueError as error:
            raise self._damaged(str(error)) from error
        self._refuse_other_hands(stamp)
        self._stamp = stamp
        return tables

    def _refuse_other_hands(self, stamp: Stamp) -> None:
        """The lock keeps out our own kind only; an editor or a restore comes in past it."""
        if not self.read_only and self._stamp not in (None, stamp):
            line = f"{self.path} was changed by something else while in use: restart to go on"
            raise Refused(line, os.EX_IOERR)

    def _refuse_writing(self) -> None:
        if self._fatal is not None:
            raise self._fatal
        if self._lock < 0:
            raise Refused(f"{self.path} is not open for writing", os.EX_NOPERM)

    def _commit(self, tables: Tables) -> None:
        content = serialise(tables)  # first: if this fails, no file was touched
        self._refuse_writing()
        try:
            self._keep_generation()
            durable.write(self.path, content)
            self._mark_lock()
            self._stamp = _stamp(self.path.stat())
        except OSError as error:
            failed = _failed(self.path, "writing", error)
            if failed.exit_code == os.EX_TEMPFAIL and self._is_untouched():
                raise failed from error
            self._fatal = Refused(str(failed), os.EX_IOERR)
            raise self._fatal from error

    def _is_untouched(self) -> bool:
        """Whether the file is still the one that was read, so that nothing was done to it."""
        try:
            return _stamp(self.path.stat()) == self._stamp
        except OSError:
            return False

    def _keep_generation(self) -> None:
        """Link the current file as generation 1, moving the others down to the first gap.

        No further than the gap, and not twice, so that a crash in here costs no generation.
        """
        newest = self._generation(1)
        if not self.path.exists() or (newest.exists() and newest.samefile(self.path)):
            return
        kept = list(takewhile(Path.exists, self._generations()[:-1]))
        for number in range(len(kept), 0, -1):
            os.replace(self._generation(number), self._generation(number + 1))
        os.link(self.path, newest)

    def _generation(self, number: int) -> Path:
        return self.path.with_name(f"{self.path.name}.{number}")

    def _generations(self) -> list[Path]:
        return [self._generation(number) for number in range(1, GENERATIONS + 1)]

    def _was_here(self) -> bool:
        """A generation, or a lock file with a mark in it, tells of a file that was deleted."""
        lock = _lock_of(self.path)
        marked = lock.exists() and lock.stat().st_size > 0
        return marked or any(path.exists() for path in self._generations())

    def _mark_lock(self) -> None:
        if self._lock >= 0 and os.fstat(self._lock).st_size == 0:
            os.write(self._lock, _LOCK_MARK)

    def _damaged(self, why: str) -> Refused:
        good = next((path for path in self._generations() if _is_whole(path)), None)
        way_out = (
            "no earlier generation is whole: restore it from a backup, or to begin anew "
            f"remove it and {_lock_of(self.path).name}"
        )
        if good is not None:
            command = shlex.join(["cp", "--", str(good), str(self.path)])
            way_out = f"the newest good generation is {good.name}; to go back to it run: {command}"
        return Refused(f"{self.path} cannot be used: {why}; {way_out}", os.EX_DATAERR)


def _table(name: str, documents: dict[str, Any]) -> bytes:
    encode = msgspec.json.encode
    lines = (encode(key) + b": " + encode(document) for key, document in documents.items())
    return encode(name) + b": {\n" + b",\n".join(lines) + b"\n},\n"


def _snapshot(path: Path) -> tuple[bytes, Stamp]:
    """The bytes and the stamp of the same write: nobody changes a file that has this name."""
    with path.open("rb") as file:
        return file.read(), _stamp(os.fstat(file.fileno()))


def _stamp(status: os.stat_result) -> Stamp:
    return Stamp(status.st_ino, status.st_mtime_ns, status.st_size)


def _is_whole(path: Path) -> bool:
    try:
        parse(path.read_bytes())
    except (OSError, ValueError):
        return False
    return True


def _lock_of(path: Path) -> Path:
    return path.with_name(f"{path.name}.lock")


def _lock(path: Path) -> int:
    """The descriptor that holds the lock; the kernel lets go of it however we end."""
    flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        descriptor = os.open(_lock_of(path), flags, 0o600)
    except OSError as error:
        raise _failed(_lock_of(path), "opening", error) from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(descriptor)
        line = f"another paperround is using {path}: stop it first, or give this one its own place"
        raise Locked(line, os.EX_TEMPFAIL) from error
    except OSError as error:
        os.close(descriptor)
        raise _failed(_lock_of(path), "locking", error) from error
    return descriptor


def _failed(path: Path, doing: str, error: OSError) -> Refused:
    if error.errno in durable.PASSING:
        line = f"{doing} {path} failed: {error.strerror}: see to room and limits, try again"
        return Refused(line, os.EX_TEMPFAIL)
    line = f"{doing} {path} failed: {error.strerror}: mend the disk or its rights, then restart"
    return Refused(line, os.EX_IOERR)
