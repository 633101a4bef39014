"""The watched folder: what is complete is read whole, once, and then moved out of the way.

Events only say when to look; looking is the truth. No look waits for a file (``worker.folder``),
and nobody waits for the disk but whoever asked.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Final

from worker.afterlook import Afterlook, Moved
from worker.aside import put_back, set_aside
from worker.core.settle import MANIFEST, digest_said, readable, shown
from worker.folder import Scan, digest, has_digest, mark, mark_of, modified, read, scan
from worker.memory import Memory
from worker.model import DailyFile, Refused, Rejected
from worker.watch import Watch

MOST: Final = 1000
"""So many files are given at a time."""

_SOON = 1.0
"""Seconds to the next look while a file may still be growing."""

_MANIFEST_CAP = 4096  # bytes


class FolderInbox:
    """An Inbox on a folder. Seconds are those of ``monotonic``; sizes are bytes.

    A file is complete when it was unchanged for ``settle`` seconds (0: as soon as it is seen), at
    once when ``NAME.done`` lies beside it, or when it has the hash that ``NAME.sha256`` says. One
    larger than ``size_cap`` is refused unread. One that is written to after it was moved comes
    back, if it was moved within one file system.
    """

    def __init__(
        self,
        inbox: Path,
        archive: Path,
        rejected: Path,
        *,
        settle: float = 5.0,
        rescan: float = 60.0,
        size_cap: int = 64 * 2**20,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.trouble = ""
        """Why the folder could not be read when it was last looked at; empty if it could."""
        self._folder = inbox
        self._archive = archive
        self._rejected = rejected
        self._settle = settle
        self._rescan = rescan
        self._size_cap = size_cap
        self._monotonic = monotonic
        self._memory = Memory()
        self._afterlook = Afterlook()
        self._device = 0
        self._given: set[str] = set()
        self._left_over = False
        self._has_moved = False
        self._passed_over: dict[str, str] = {}
        self._news: list[Rejected] = []

    def ensure(self) -> None:
        """Make the three folders where they are missing. Raises Refused if that cannot be."""
        for path in (self._folder, self._archive, self._rejected):
            try:
                path.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                line = f"{path} cannot be made: {error.strerror}: correct the path or its rights"
                raise Refused(line, os.EX_CANTCREAT) from error

    def is_growing(self) -> bool:
        """Whether a file was there when last looked that may still be written to."""
        return self._memory.is_growing(self._monotonic(), self._settle)

    def skipped(self) -> Sequence[Rejected]:
        """What was newly passed over since last asked, such as a link: each thing once."""
        news, self._news = self._news, []
        return tuple(news)

    async def settled(self) -> Sequence[DailyFile]:
        """The complete files, the oldest first; so many at a time that memory is bounded.

        Those left over are given when the ones before them are out of the way.
        """
        return await asyncio.to_thread(self._settled)

    async def hold(self, file: DailyFile) -> bool:
        name = self._memory.name_of(file.name)
        if name is None or self._memory.is_promised(name):
            return False
        self._has_moved = True
        return self._memory.hold(name, self._monotonic())

    async def retry(self, file: DailyFile) -> bool:
        name = self._memory.name_of(file.name)
        return name is not None and self._memory.try_again(name)

    async def archive(self, file: DailyFile, at: datetime) -> None:
        name = self._memory.name_of(file.name)
        if file.again and name is not None:
            self._memory.grant(name)
        month = self._archive / f"{at:%Y}" / f"{at:%m}"
        await asyncio.to_thread(self._move_read, file, month, None)

    async def refuse(self, file: DailyFile, reasons: Sequence[Rejected]) -> None:
        await asyncio.to_thread(self._move_read, file, self._rejected, reasons)

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

    def _settled(self) -> Sequence[DailyFile]:
        self._left_over = self._has_moved = False
        found = self._scanned()
        now = self._monotonic()
        self._memory.see(found, now)
        still = found.files.keys() | found.others.keys()
        self._passed_over = {n: why for n, why in self._passed_over.items() if n in still}
        for name, kind in found.others.items():
            self._pass_over(name, f"{kind} is never a daily file")
        self._bring_back(now)
        return tuple(self._copies(self._memory.complete(now, self._settle)))

    def _scanned(self) -> Scan:
        """What lies in the folder; nothing, if it cannot be read."""
        try:
            found = scan(self._folder)
        except OSError as error:
            self.trouble = f"the inbox {self._folder} cannot be read: {error.strerror}"
            return Scan(self._device)
        self.trouble = ""
        if self._device not in (0, found.device):
            why = f"the inbox {self._folder} is on another disk than before: is it still mounted?"
            self._news.append(Rejected(".", why))
        self._device = found.device
        return found

    def _bring_back(self, now: float) -> None:
        """What was written to after it was moved lies in the inbox again, and settles anew."""
        for one in self._afterlook.changed(now) if not self.trouble else ():
            try:
                put_back(one.path, self._folder, one.name)
                self._left_over = self._has_moved = True
                why = "was written to after it was moved: it is read again"
            except OSError as error:
                why = f"{one.path} was written to, and cannot be put back: {error.strerror}"
            self._news.append(Rejected(readable(one.name), why))

    def _pass_over(self, name: str, why: str) -> None:
        if self._passed_over.get(name) != why:
            self._passed_over[name] = why
            self._news.append(Rejected(readable(name), why))

    def _copies(self, names: Iterable[str]) -> Iterator[DailyFile]:
        """Copies of these files, those first that were not given before, as far as they fit."""
        before, self._given = self._given, set()
        room = self._size_cap
        for name in sorted(names, key=before.__contains__):
            size = self._memory.mark(name).size
            if size > self._size_cap:
                self._give_up(name, f"is larger than {self._size_cap:,} bytes")
            elif size > room or len(self._given) == MOST:
                self._left_over |= name not in before
                return
            elif file := self._copy(name):
                self._given.add(name)
                room -= size
                yield file

    def _copy(self, name: str) -> DailyFile | None:
        """The file as it was scanned, or None: gone, changed since, not to be read, or empty."""
        try:
            content, status = read(self._folder / name, self._size_cap)
        except FileNotFoundError:
            return None
        except OSError as error:
            self._pass_over(name, f"cannot be read: {error.strerror}")
            return None
        if mark(status) != self._memory.mark(name) or self._memory.name_of(readable(name)) != name:
            return None  # the next look sees it
        hash_ = digest(content)
        if self._memory.has_manifest(name) and not self._is_as_said(name, hash_):
            return None
        if not content.strip():
            self._pass_over(name, "is empty")
            return None
        again = self._memory.is_wished(name)
        return DailyFile(readable(name), content, hash_, modified(status), again)

    def _is_as_said(self, name: str, hash_: str) -> bool:
        """Whether it has the hash that its manifest says; if not, it waits for the right one."""
        said = self._digest_said(name)
        if said != hash_ and not self._memory.hold(name, self._monotonic()):
            manifest = readable(name) + MANIFEST
            why = (
                f"has another sha256 than {manifest} says"
                if said
                else f"{manifest} holds no sha256"
            )
            self._give_up(name, why)
        return said == hash_

    def _digest_said(self, name: str) -> str | None:
        try:
            content, _ = read(self._folder / f"{name}{MANIFEST}", _MANIFEST_CAP)
        except OSError:
            return None
        return digest_said(content)

    def _give_up(self, name: str, why: str) -> None:
        """Refuse a file that was given to nobody, if it is still as it was scanned."""
        mark = self._memory.mark(name)
        try:
            self._move(
                name, self._rejected, lambda path: mark_of(path) == mark, None, [_whole(why)]
            )
        except Refused as refusal:
            self._pass_over(name, f"{why}, and {refusal}")
        else:
            self._pass_over(name, f"{why}: refused")

    def _move_read(self, file: DailyFile, target: Path, reasons: Sequence[Rejected] | None) -> None:
        """Move a file that was given, if what lies there still has the content that was read."""
        name = self._memory.name_of(file.name)
        if name is not None:
            is_it = partial(has_digest, wanted=file.sha256, size_cap=self._size_cap)
            self._move(name, target, is_it, file.content, reasons)

    def _move(
        self,
        name: str,
        target: Path,
        is_it: Callable[[Path], bool],
        content: bytes | None,
        reasons: Sequence[Rejected] | None,
    ) -> None:
        try:
            path = set_aside(self._folder / name, target, is_it, content, reasons)
        except OSError as error:
            why = f"cannot be moved to {target}: {error.strerror}: see to its rights, room"
            raise Refused(f"{shown(name)!r} {why}", os.EX_TEMPFAIL) from error
        if path is not None:
            self._has_moved = True
            self._afterlook.add(Moved(name, path, self._memory.mark(name), self._monotonic()))

    def _is_restless(self) -> bool:
        growing = self.is_growing()
        comes_on = self._left_over and self._has_moved  # else it would be no better in a second
        return growing or comes_on or bool(self.trouble)


def _whole(why: str) -> Rejected:
    return Rejected("the whole file", why)
