"""Where daily files are parsed: each in a child process, which may die of it while we do not."""

from __future__ import annotations

import asyncio
import os
import re
import signal
from asyncio.subprocess import Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import date
from typing import BinaryIO, Final

from worker import border, confined
from worker.model import DailyFile, Edition, Refused, Rejected
from worker.ports import Perished

SECONDS: Final = 30
MEMORY: Final = 512 * 2**20  # bytes of address space

_UNSTARTED: Final = re.compile("No module named|ImportError|SyntaxError")


class ChildReader:
    """A Reader that starts a process for each file, and ends it with all that it started.

    ``seconds`` of work and ``memory`` in bytes are what a file may take, and twice as long by the
    wall: a busy machine is no fault of the file. ``program`` is the module that reads it.
    """

    def __init__(
        self, *, seconds: int = SECONDS, memory: int = MEMORY, program: str = "worker.reading"
    ) -> None:
        self._seconds = seconds
        self._memory = memory
        self._command = confined.command(program, seconds, memory)

    async def read(self, file: DailyFile, newest: date | None) -> Edition:
        with border.nameless() as asked, border.nameless() as told, border.nameless() as said:
            border.put_question(asked, file, newest)
            async with self._child(asked, told, said) as child:
                code = await self._ended(child)
            if why := self._death(code, said):
                raise _unstarted(why) if _UNSTARTED.search(why) else _perished(why)
            told.seek(0)
            return await asyncio.to_thread(_edition, told.read(border.ANSWER_LIMIT))

    @asynccontextmanager
    async def _child(
        self, asked: BinaryIO, told: BinaryIO, said: BinaryIO
    ) -> AsyncIterator[Process]:
        child = await asyncio.create_subprocess_exec(
            *self._command,
            stdin=asked,
            stdout=told,
            stderr=said,
            env=confined.environment(),
            cwd="/",
            start_new_session=True,
        )
        try:
            yield child
        finally:  # also when we are told to stop
            with suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGKILL)
            await child.wait()

    async def _ended(self, child: Process) -> int:
        """Its exit code. Raises Perished when its time is over."""
        seconds = border.PATIENCE * self._seconds
        try:
            async with asyncio.timeout(seconds):
                return await child.wait()
        except TimeoutError:
            raise _perished(f"the parser was killed after {seconds} s") from None

    def _death(self, code: int, said: BinaryIO) -> str:
        """What the child died of; nothing if it ended well."""
        if code == border.OUT_OF_MEMORY:
            return f"needed more than {self._memory // 2**20} MB"
        if -code == signal.SIGXCPU:
            return f"the parser was killed after {self._seconds} s of work"
        if code < 0:
            return f"the parser died by {_name_of(-code)}"
        return f"the parser failed: {_last_line(said)}" if code else ""


def _edition(answer: bytes) -> Edition:
    try:
        return border.edition_in(answer)
    except ValueError as error:
        raise _perished("the parser gave no answer") from error


def _perished(why: str) -> Perished:
    return Perished(Rejected("file", why))


def _unstarted(why: str) -> Refused:
    """A fault of the installation, such as one that is being replaced, is no file's."""
    return Refused(f"daily files cannot be read: {why}: install again", os.EX_TEMPFAIL)


def _name_of(number: int) -> str:
    with suppress(ValueError):
        return signal.Signals(number).name
    return f"signal {number}"


def _last_line(said: BinaryIO) -> str:
    """What a Python that fails says last is what it failed of."""
    end = said.seek(0, os.SEEK_END)
    said.seek(max(0, end - 1000))
    lines = said.read(1000).decode("utf-8", "replace").strip().splitlines()
    return lines[-1][:200] if lines else "without a word"
