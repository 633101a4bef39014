"""A Maildir: each mail a file, and what became of it in its name.

A mail that was acted on gets the flag S, as if a person had read it; one that was not understood
gets F as well. Nothing is ever deleted here: whoever sweeps the folder does that.
"""

from __future__ import annotations

import asyncio
import os
import stat
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from worker import durable
from worker.model import Refused
from worker.returns import LOOKED_AT, Found, Mail

_SEPARATOR = ":2,"


class MaildirPostbox:
    """A ``ports.Postbox``. A rename is all that is written, so there is nothing half done."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def take(self, limit: int) -> Sequence[Found]:
        return await asyncio.to_thread(self._take, limit)

    async def done(self, found: Found, *, understood: bool) -> None:
        await asyncio.to_thread(self._done, found.mark, "S" if understood else "FS")

    def _take(self, limit: int) -> Sequence[Found]:
        """The names begin with the time, so they are in the order of arrival."""
        try:
            waiting = sorted(self._files(_waits), key=lambda path: path.name)
            found = (_found(path) for path in waiting)
            return [each for _, each in zip(range(limit), filter(None, found), strict=False)]
        except OSError as error:
            raise self._refused(error) from None

    def _done(self, base: str, flags: str) -> None:
        try:
            for path in self._called(base):
                named = "".join(sorted({*_flags(path.name), *flags}))
                durable.move(path, self._folder / "cur" / f"{base}{_SEPARATOR}{named}")
        except FileNotFoundError:
            return  # gone, or given other flags, since the folder was listed
        except OSError as error:
            raise self._refused(error) from None

    def _called(self, base: str) -> Iterable[Path]:
        """Where it came in, mostly; the whole folder may hold very many that were done."""
        came = self._folder / "new" / base
        return (came,) if came.is_file() else self._files(lambda name: _base(name) == base)

    def _files(self, wanted: Callable[[str], bool]) -> Iterator[Path]:
        """Those whose names are wanted, which is decided before anything is made of them."""
        for name in ("new", "cur"):
            with os.scandir(self._folder / name) as entries:
                names = [entry.name for entry in entries if wanted(entry.name)]
            yield from (self._folder / name / each for each in names if each[0] != ".")

    def _refused(self, error: OSError) -> Refused:
        line = f"{self._folder}: this Maildir cannot be used: {error.strerror or error}"
        return Refused(line, os.EX_TEMPFAIL)


def _found(path: Path) -> Found | None:
    """None if it is no file, or was taken away. Never follows a link, never waits."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except PermissionError:
        raise  # for the operator to hear of
    except OSError:
        return None
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        return None
    with open(descriptor, "rb") as file:
        return Found(_base(path.name), Mail(file.read(LOOKED_AT)))


def _waits(name: str) -> bool:
    return not {"S", "F", "T"} & set(_flags(name))


def _base(name: str) -> str:
    return name.partition(_SEPARATOR)[0]


def _flags(name: str) -> str:
    return name.partition(_SEPARATOR)[2]
