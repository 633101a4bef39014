"""The watched folder: what is complete is read whole, once, and then moved out of the way.

Events only say when to look; looking is the truth. Nothing here waits on a file: what is not a
regular file is not opened, and what a file is, its descriptor says and not its name.
"""

from __future__ import annotations

import asyncio
import errno
import os
import stat
import time
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from hashlib import sha256
from pathlib import Path

from worker.aside import set_aside
from worker.core.settle import PROMISE, Mark, Sighting, ignored, readable, settled, sighted
from worker.model import DailyFile, Refused, Rejected
from worker.watch import Watch

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LAST = 253_402_128_000_000_000  # µs: 9999-12-30, a day short so that every time zone has it

_SOON = 1.0
"""Seconds to the next look while a file may still be growing."""

_KINDS = (
    (stat.S_ISLNK, "a symbolic link"),
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISFIFO, "a pipe"),
    (stat.S_ISSOCK, "a socket"),
)


class FolderInbox:
    """An Inbox on a folder. Seconds are those of ``monotonic``; sizes are bytes.

    A file is complete when it was unchanged for ``settle`` seconds (0: as soon as it is seen), or
    at once when ``NAME.done`` lies beside it. One larger than ``size_cap`` is refused unread.
    """

    def __init__(
        self,
        folder: Path,
        archive: Path,
        rejected: Path,
        *,
        settle: float = 5.0,
        rescan: float = 60.0,
        size_cap: int = 64 * 2**20,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.present = True
        """Whether the folder could be read when it was last looked at."""
        self._folder = folder
        self._archive = archive
        self._rejected = rejected
        self._settle = settle
        self._rescan = rescan
        self._size_cap = size_cap
        self._monotonic = monotonic
        self._sightings: dict[str, Sighting] = {}
        self._names: dict[str, str] = {}  # as given out → as it is in the folder
        self._given: dict[str, Mark] = {}
        self._left_over = False
        self._passed_over: dict[str, str] = {}
        self._news: list[Rejected] = []

    def ensure(self) -> None:
        """Make the three folders where they are missing. Raises Refused if that cannot be."""
        for folder in (self._folder, self._archive, self._rejected):
            try:
                folder.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                line = f"{folder} cannot be made: {error.strerror}: correct the path or its rights"
                raise Refused(line, os.EX_CANTCREAT) from error

    def skipped(self) -> Sequence[Rejected]:
        """What was newly passed over since last asked, such as a link: each thing once."""
        news, self._news = self._news, []
        return tuple(news)

    async def settled(self) -> Sequence[DailyFile]:
        """The complete files, the oldest first; at most ``size_cap`` bytes of them at a time.

        Those left over are given when the ones before them are out of the way.
        """
        found = self._look()
        named = {name: status for name, status in found.items() if not ignored(name)}
        marks = {name: _mark(status) for name, status in named.items() if _is_file(status)}
        for name in named.keys() - marks.keys():
            self._pass_over(name, f"{_kind(named[name])} is never a daily file")
        promised = {name.removesuffix(PROMISE) for name in found if name.endswith(PROMISE)}
        now = self._monotonic()
        self._sightings = sighted(self._sightings, marks, now)
        self._names = {readable(name): name for name in marks}
        return tuple(self._copies(settled(self._sightings, promised, now, self._settle)))

    async def archive(self, file: DailyFile, at: datetime) -> None:
        folder = self._archive / f"{at:%Y}" / f"{at:%m}"
        self._set_aside(file.name, folder, self._holds(file), file.content)

    async def refuse(self, file: DailyFile, reasons: Sequence[Rejected]) -> None:
        self._set_aside(file.name, self._rejected, self._holds(file), file.content, reasons)

    async def changes(self, stop: asyncio.Event) -> AsyncIterator[None]:
        """Say when to look (``settled``): now, at each event, and every so often, until ``stop``.

        That is each second while a file may be growing or the folder is gone, else every
        ``rescan`` seconds.
        """
        watch = Watch(self._folder)
        try:
            while not stop.is_set():
                begun = watch.follow()
                yield
                # What came before the watch stood was not told of: look again soon.
                pause = _SOON if begun or self._is_restless() else self._rescan
                await watch.event(stop, min(pause, self._rescan))
        finally:
            await watch.end()

    def _look(self) -> dict[str, os.stat_result]:
        """What lies in the folder; nothing, and a word about it, if it cannot be read."""
        found: dict[str, os.stat_result] = {}
        try:
            with os.scandir(self._folder) as entries:
                found = dict(_statuses(entries))
            self.present = True
        except OSError as error:
            self.present = False
            self._pass_over(".", f"the inbox {self._folder} cannot be read: {error.strerror}")
        still = found if self.present else {"."}
        self._passed_over = {n: why for n, why in self._passed_over.items() if n in still}
        return found

    def _pass_over(self, name: str, why: str) -> None:
        if self._passed_over.get(name) != why:
            self._passed_over[name] = why
            self._news.append(Rejected(readable(name), why))

    def _copies(self, names: Iterable[str]) -> Iterator[DailyFile]:
        """Copies of these files, those first that were not given before, as far as they fit."""
        before, self._given, self._left_over = self._given, {}, False
        room = self._size_cap
        for name in sorted(names, key=lambda name: before.get(name) == self._sightings[name].mark):
            mark = self._sightings[name].mark
            if mark.size > self._size_cap:
                self._refuse_unread(name, mark)
            elif mark.size > room:
                self._left_over = before.get(name) != mark
                return
            elif file := self._copy(name, mark):
                self._given[name] = mark
                room -= mark.size
                yield file

    def _copy(self, name: str, mark: Mark) -> DailyFile | None:
        """The file as it was scanned, or None: gone, changed since, not to be read, or empty."""
        try:
            content, status = _read(self._folder / name, self._size_cap)
        except FileNotFoundError:
            return None
        except OSError as error:
            self._pass_over(name, f"cannot be read: {error.strerror}")
            return None
        if _mark(status) != mark or self._names[readable(name)] != name:
            return None  # the next look sees it
        if not content.strip():
            self._pass_over(name, "is empty")
            return None
        return DailyFile(readable(name), content, _digest(content), _modified(status))

    def _refuse_unread(self, name: str, mark: Mark) -> None:
        reason = Rejected("the whole file", f"is larger than {self._size_cap:,} bytes")
        is_it = partial(_is_marked, mark=mark)
        try:
            self._set_aside(readable(name), self._rejected, is_it, None, [reason])
        except Refused as refusal:
            self._pass_over(name, f"{reason.why}, and {refusal}")
        else:
            self._pass_over(name, f"{reason.why}: refused")

    def _set_aside(
        self,
        name: str,
        folder: Path,
        is_it: Callable[[Path], bool],
        content: bytes | None,
        reasons: Sequence[Rejected] | None = None,
    ) -> None:
        source = self._folder / self._names.get(name, name)
        try:
            set_aside(source, folder, is_it, content, reasons)
        except OSError as error:
            line = (
                f"{name!r} cannot be moved to {folder}: {error.strerror}: see to its rights, room"
            )
            raise Refused(line, os.EX_TEMPFAIL) from error  # only taking in has to wait for it

    def _holds(self, file: DailyFile) -> Callable[[Path], bool]:
        return partial(_has_digest, digest=file.sha256, size_cap=self._size_cap)

    def _is_restless(self) -> bool:
        now = self._monotonic()
        growing = any(now - one.since < self._settle for one in self._sightings.values())
        return growing or self._left_over or not self.present


def _statuses(entries: Iterable[os.DirEntry[str]]) -> Iterator[tuple[str, os.stat_result]]:
    for entry in entries:
        with suppress(FileNotFoundError):  # gone since the folder was listed
            yield entry.name, entry.stat(follow_symlinks=False)


def _is_file(status: os.stat_result) -> bool:
    return stat.S_ISREG(status.st_mode)


def _kind(status: os.stat_result) -> str:
    return next((kind for is_kind, kind in _KINDS if is_kind(status.st_mode)), "a device")


def _mark(status: os.stat_result) -> Mark:
    return Mark(status.st_size, status.st_mtime_ns, status.st_ino)


def _modified(status: os.stat_result) -> datetime:
    """UTC; a time that no calendar has becomes the nearest that one has."""
    return _EPOCH + timedelta(microseconds=min(max(status.st_mtime_ns // 1000, 0), _LAST))


def _digest(content: bytes) -> str:
    return sha256(content).hexdigest()


def _read(path: Path, size_cap: int) -> tuple[bytes, os.stat_result]:
    """The whole of a regular file, and what its descriptor says after that.

    Raises OSError for anything else, never follows a link, never waits for a writer.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        status = os.fstat(descriptor)
        if not _is_file(status):
            raise OSError(errno.EINVAL, "not a regular file")
        if status.st_size > size_cap:
            raise OSError(errno.EFBIG, os.strerror(errno.EFBIG))
        with open(descriptor, "rb", closefd=False) as file:
            content = file.read(status.st_size + 1)  # what grows meanwhile has another mark then
        return content, os.fstat(descriptor)
    finally:
        os.close(descriptor)


def _has_digest(path: Path, digest: str, size_cap: int) -> bool:
    try:
        return _digest(_read(path, size_cap)[0]) == digest
    except OSError:
        return False


def _is_marked(path: Path, mark: Mark) -> bool:
    try:
        return _mark(path.lstat()) == mark
    except OSError:
        return False
