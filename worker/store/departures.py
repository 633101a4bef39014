"""Who has left, in a file that lies beside the ledger and is not put back with it: ``gone.log``.

    2026-11-25T08:00:00+00:00 gone unsubscribed <hash of the address, as on the suppression list>
    2026-11-26T08:00:00+00:00 back <hash>

The last word of each hash counts. It is synced before the ledger commits what it says, so that a
ledger from a backup, which knows nothing of it, brings nobody back. No address is in it.
"""

from __future__ import annotations

import errno
import fcntl
import os
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Final, NamedTuple, TypeVar

from sqlalchemy import Connection

from worker import durable
from worker.clock import SystemClock
from worker.model import Refused, SubscriberState
from worker.ports import Clock
from worker.store.ballast import Ballast

NAME: Final = "gone.log"

LONG: Final = 2**20
"""Bytes from which on it is written anew, if only the last words take less than half of it."""

_SAID: Final = "paperround_departures"
_FULL: Final = (errno.ENOSPC, errno.EDQUOT)

Result = TypeVar("Result")


class Word(StrEnum):
    """What was said last of an address."""

    UNSUBSCRIBED = "gone unsubscribed"
    REMOVED = "gone removed"
    SUPPRESSED = "gone suppressed"
    ERASED = "gone erased"
    BACK = "back"


class Said(NamedTuple):
    """A word, and when it was said: that is for people, nothing hangs on it."""

    word: Word
    at: datetime


GONE: Final = {
    SubscriberState.UNSUBSCRIBED: Word.UNSUBSCRIBED,
    SubscriberState.REMOVED: Word.REMOVED,
    SubscriberState.SUPPRESSED: Word.SUPPRESSED,
}
"""The states that nobody is brought back from but by hand, each with the word for it."""

_LINE: Final = re.compile(rf"(\S+) ({'|'.join(Word)}) ([0-9a-f]{{64}})")


class Departures:
    """The file. Raises Refused, with EX_TEMPFAIL for what passes, if it cannot be used."""

    def __init__(self, path: Path, clock: Clock | None = None) -> None:
        self._path = path
        self._clock = clock or SystemClock()
        self._read: tuple[tuple[int, int, int], Mapping[str, Said]] | None = None

    def last(self) -> Mapping[str, Said]:
        """The last word of each hash. Lines that are none, such as a torn one, say nothing."""
        with self._refusing("reading"):
            try:
                with self._path.open("rb") as file:
                    return self._parsed(file.fileno())
            except FileNotFoundError:
                return {}

    def say(self, words: Mapping[str, Word]) -> None:
        """Append a line for each hash, and sync: on a full disk, in the room kept for that."""
        at = self._clock.now()
        text = "".join(_line(hash_, Said(word, at)) for hash_, word in words.items())
        with self._refusing("writing"):
            try:
                self._append(text)
            except OSError as error:
                ballast = Ballast(self._path.parent)
                if error.errno not in _FULL or not ballast.give_up():
                    raise
                try:
                    self._append(text)
                finally:
                    ballast.take()

    def ensure(self) -> None:
        """Make the file where it is missing; write it anew if most of it is past."""
        with self._refusing("writing"), self._locked() as descriptor:
            if os.fstat(descriptor).st_size < LONG:
                return
            said = self._parsed(descriptor)
            text = "".join(_line(hash_, each) for hash_, each in said.items()).encode()
            if len(text) < os.fstat(descriptor).st_size / 2:
                durable.write(self._path, text)

    def _append(self, text: str) -> None:
        with self._locked() as descriptor:
            size = os.fstat(descriptor).st_size
            torn = size and os.pread(descriptor, 1, size - 1) != b"\n"
            rest = (b"\n" if torn else b"") + text.encode()
            try:
                while rest:
                    rest = rest[os.write(descriptor, rest) :]
                os.fsync(descriptor)
            except OSError:
                os.ftruncate(descriptor, size)  # nobody is told of it
                raise

    @contextmanager
    def _locked(self) -> Iterator[int]:
        """The file that has the name, and nobody else's to write for as long as this lasts."""
        descriptor = self._open()
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            while not self._is_there(descriptor):  # somebody wrote it anew meanwhile
                os.close(descriptor)
                descriptor = self._open()
                fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield descriptor
        finally:
            os.close(descriptor)

    def _is_there(self, descriptor: int) -> bool:
        try:
            return os.path.samestat(os.fstat(descriptor), self._path.stat())
        except FileNotFoundError:
            return False

    def _open(self) -> int:
        flags = os.O_RDWR | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC
        try:
            return os.open(self._path, flags)
        except FileNotFoundError:
            descriptor = os.open(self._path, flags | os.O_CREAT, 0o600)
            durable.sync_folder(self._path.parent)
            return descriptor

    def _parsed(self, descriptor: int) -> Mapping[str, Said]:
        status = os.fstat(descriptor)
        stamp = (status.st_ino, status.st_mtime_ns, status.st_size)
        if self._read is None or self._read[0] != stamp:
            content = os.pread(descriptor, status.st_size, 0)
            self._read = stamp, dict(_said(content.decode("ascii", "replace")))
        return self._read[1]

    @contextmanager
    def _refusing(self, doing: str) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            passes = error.errno in durable.PASSING
            way_out = "see to room and limits, try again" if passes else "mend the disk or its mode"
            line = f"{doing} {self._path} failed: {error.strerror}: {way_out}"
            raise Refused(line, os.EX_TEMPFAIL if passes else os.EX_IOERR) from None


def _line(hash_: str, said: Said) -> str:
    return f"{said.at.isoformat(timespec='seconds')} {said.word} {hash_}\n"


def _said(text: str) -> Iterator[tuple[str, Said]]:
    for line in text.split("\n"):
        if found := _LINE.fullmatch(line):
            try:
                yield found[3], Said(Word(found[2]), datetime.fromisoformat(found[1]))
            except ValueError:  # no such instant
                continue


# --- in a transaction -------------------------------------------------------


class _Saying:
    """What a transaction is about to say."""

    def __init__(self, departures: Departures) -> None:
        self.departures = departures
        self.words: dict[str, Word] = {}


def saying(
    departures: Departures | None, work: Callable[[Connection], Result], connection: Connection
) -> Result:
    """Run the work of a transaction; what is said in it is in the file before it is committed."""
    if departures is None:
        return work(connection)
    here = _Saying(departures)
    connection.execution_options(**{_SAID: here})
    result = work(connection)
    if here.words:
        departures.say(here.words)
    return result


def say(connection: Connection, hash_: str, word: Word) -> None:
    """Say it with this transaction. The last word counts."""
    here = _here(connection)
    if here is not None and hash_:
        here.words[hash_] = word


def turned(
    connection: Connection, hash_: str, before: SubscriberState | None, after: SubscriberState
) -> None:
    """Say it if somebody leaves by this change of his state, or comes back."""
    if after in GONE:
        if after is not before:
            say(connection, hash_, GONE[after])
    elif before in GONE:
        say(connection, hash_, Word.BACK)


def every_word(connection: Connection) -> Mapping[str, Said]:
    """What was said before this transaction, the last word of each hash."""
    here = _here(connection)
    return here.departures.last() if here else {}


def last(connection: Connection, hash_: str) -> Said | None:
    """Who left, and how; None if nothing is known of it, or he came back."""
    said = every_word(connection).get(hash_)
    return None if said is None or said.word is Word.BACK else said


def _here(connection: Connection) -> _Saying | None:
    here: _Saying | None = connection.get_execution_options().get(_SAID)
    return here
