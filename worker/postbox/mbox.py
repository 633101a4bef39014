"""An mbox: all mails in one file, which the programs that write to it lock.

What became of a mail is noted in a file beside (its hash, and whether it was understood), and the
mails that were acted on are taken out of the mbox the next time it is looked into, all at once.
"""

from __future__ import annotations

import asyncio
import contextlib
import mailbox
import os
import threading
from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from pathlib import Path

from worker import durable
from worker.model import Refused
from worker.returns import LOOKED_AT, Found, Mail

_PIECE = 1 << 20
_UNDERSTOOD, _LEFT = "understood", "left"


class MboxPostbox:
    """A ``ports.Postbox``. ``notes`` is the file of what became of the mails.

    Mails of the very same bytes are one mail.
    """

    def __init__(self, path: Path, notes: Path) -> None:
        self._path = path
        self._notes = notes
        self._lock = threading.Lock()  # of this process; that of the file is for the others

    async def take(self, limit: int) -> Sequence[Found]:
        return await asyncio.to_thread(self._take, limit)

    async def done(self, found: Found, *, understood: bool) -> None:
        await asyncio.to_thread(self._done, found.mark, _UNDERSTOOD if understood else _LEFT)

    def _take(self, limit: int) -> Sequence[Found]:
        with self._lock, self._refusing():
            if not self._path.exists():  # many servers remove an mbox when it is empty
                return ()
            with self._opened() as box:
                return self._waiting(box, limit)

    def _waiting(self, box: mailbox.mbox, limit: int) -> Sequence[Found]:
        """What is not done yet; what was understood leaves, and the mbox is written once."""
        known = self._known()
        waiting: dict[str, Found] = {}
        present: set[str] = set()
        for key in list(box.iterkeys()):
            mark, beginning = _looked_at(box, key)
            present.add(mark)
            if known.get(mark) == _UNDERSTOOD:
                box.remove(key)
            elif mark not in known and len(waiting) < limit:
                waiting.setdefault(mark, Found(mark, Mail(beginning)))
        box.flush()
        self._forget(known, present)
        return tuple(waiting.values())

    def _done(self, mark: str, fate: str) -> None:
        with self._lock, self._refusing():
            self._note({**self._known(), mark: fate})

    def _forget(self, known: Mapping[str, str], present: set[str]) -> None:
        """Only of a mail that is still there does anything have to be remembered."""
        kept = {mark: fate for mark, fate in known.items() if mark in present and fate == _LEFT}
        if kept != known:
            self._note(kept)

    def _known(self) -> dict[str, str]:
        try:
            lines = self._notes.read_text("ascii").splitlines()
        except FileNotFoundError:
            return {}
        return {mark: fate for mark, _, fate in (line.partition(" ") for line in lines)}

    def _note(self, known: Mapping[str, str]) -> None:
        lines = (f"{mark} {fate}\n" for mark, fate in known.items())
        durable.write(self._notes, "".join(lines).encode("ascii"))

    @contextlib.contextmanager
    def _opened(self) -> Iterator[mailbox.mbox]:
        box = mailbox.mbox(self._path, create=False)
        try:
            box.lock()
            yield box
        finally:
            box.close()

    @contextlib.contextmanager
    def _refusing(self) -> Iterator[None]:
        try:
            yield
        except mailbox.ExternalClashError:
            why = f"another program has locked it; if none does, remove {self._path.name}.lock"
            raise self._refused(why) from None
        except (OSError, mailbox.Error, ValueError) as error:
            why = (error.strerror if isinstance(error, OSError) else None) or str(error)
            raise self._refused(why) from None

    def _refused(self, why: str) -> Refused:
        return Refused(f"{self._path}: this mbox cannot be used: {why}", os.EX_TEMPFAIL)


def _looked_at(box: mailbox.mbox, key: str) -> tuple[str, bytes]:
    """Its hash and its beginning, read piece by piece, however long it is."""
    with contextlib.closing(box.get_file(key)) as file:
        beginning = file.read(LOOKED_AT)
        hashed = sha256(beginning)
        while piece := file.read(_PIECE):
            hashed.update(piece)
    return hashed.hexdigest(), beginning
