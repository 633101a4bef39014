"""The child that reads one daily file: ``python -m worker.reading SECONDS BYTES``, and ends.

It is asked on standard input and answers on standard output (``worker.border``). Whatever the file
makes of it, it has little to break: no more time and memory than it is given, no file of any size
that it could write, no secret in its own environment. It is the same user's process, though.
"""

from __future__ import annotations

import gc
import os
import sys

from worker import border
from worker.confined import confine
from worker.model import Unreadable
from worker.sources import forms


def main(arguments: list[str]) -> None:
    """Read the file and answer. Out of memory, the exit code says so."""
    seconds, memory = map(int, arguments)
    try:
        confine(seconds, memory, patience=border.PATIENCE, written=border.ANSWER_LIMIT)
        answer_once()
    except MemoryError:
        os._exit(border.OUT_OF_MEMORY)  # there may be no memory left to end in order


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


if __name__ == "__main__":
    main(sys.argv[1:])
