"""The child that reads one daily file: ``python -m worker.reading SECONDS BYTES``, and ends.

It is asked on standard input and answers on standard output (``worker.border``). Whatever the file
makes of it, it has little to break: no more time and memory than it is given, no file of any size
that it could write, no secret in its own environment. It is the same user's process, though.
"""

from __future__ import annotations

import contextlib
import gc
import os
import resource
import signal
import sys

from worker import border
from worker.model import Unreadable
from worker.sources import forms


def main(arguments: list[str]) -> None:
    """Read the file and answer. Out of memory, the exit code says so."""
    seconds, memory = map(int, arguments)
    try:
        confine(seconds, memory)
        answer_once()
    except MemoryError:
        os._exit(border.OUT_OF_MEMORY)  # there may be no memory left to end in order


def confine(seconds: int, memory: int) -> None:
    """Limit this process for good; what would go beyond is ended or refused by the system.

    ``seconds`` are those it works; asleep it may be for longer. ``memory`` is in bytes.
    """
    signal.alarm(border.PATIENCE * seconds + 1)  # should whoever waits for us be gone
    _limit(resource.RLIMIT_CPU, seconds, seconds + 1)  # at the first we are told, SIGXCPU
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_FSIZE, border.ANSWER_LIMIT)
    with contextlib.suppress(ValueError, OSError):  # where the system knows no such limit
        _limit(resource.RLIMIT_AS, memory)


def answer_once() -> None:
    """Take the question from standard input and put the answer to standard output."""
    with os.fdopen(os.dup(sys.stdout.fileno()), "wb") as out:
        os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # whoever prints does not answer for us
        gc.disable()  # it ends soon, and makes hardly anything that only a search would free
        out.write(_answer())


def _answer() -> bytes:
    try:
        file, newest = border.take_question(sys.stdin.buffer)
        return border.answered(forms.read(file, newest))
    except Unreadable as no:
        return border.refused(no)


def _limit(what: int, soft: int, hard: int | None = None) -> None:
    """Never above what we are limited to already."""
    _, most = resource.getrlimit(what)
    wanted = (soft, soft if hard is None else hard)
    within = wanted if most == resource.RLIM_INFINITY else tuple(min(one, most) for one in wanted)
    resource.setrlimit(what, (within[0], within[1]))


if __name__ == "__main__":
    main(sys.argv[1:])
