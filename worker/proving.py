"""The child that tries templates: ``python -m worker.proving SECONDS BYTES``, and ends.

It is given the templates on standard input, as a JSON object of sources by name, renders the
samples by the very code that renders what is mailed, and says what is wrong on standard output:
nothing if they are good. A loop without an end is told at its line, for it is interrupted there.
"""

from __future__ import annotations

import os
import signal
import sys
from typing import Final

import msgspec

from worker import templates
from worker.confined import confine
from worker.core.jinja import RenderError

PATIENCE: Final = 3
SPARE: Final = 2
"""Seconds more until the system ends what cannot be interrupted."""

MOST_SAID: Final = 64 * 1024  # bytes


def main(arguments: list[str]) -> None:
    """Try them, and say what is wrong."""
    seconds, memory = map(int, arguments)
    sources = msgspec.json.decode(sys.stdin.buffer.read(), type=dict[str, str])
    confine(seconds + SPARE, memory, patience=PATIENCE, written=MOST_SAID)
    signal.signal(signal.SIGPROF, _interrupt)
    signal.setitimer(signal.ITIMER_PROF, seconds)  # of work, not by the wall: machines are busy
    try:
        templates.tried(sources)
    except RenderError as error:
        said = str(error)[: MOST_SAID // 8]
        os.write(sys.stdout.fileno(), said.encode("utf-8", "replace"))


def _interrupt(_: int, __: object) -> None:
    raise TimeoutError("takes too long, as with a loop that does not end")


if __name__ == "__main__":
    main(sys.argv[1:])
