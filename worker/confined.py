"""Children that may die of what they are given while we do not: how they are started, limited."""

from __future__ import annotations

import contextlib
import os
import resource
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

_NEEDED: Final = ("LD_LIBRARY_PATH", "PYTHONHOME")
"""Without which some installations of Python do not start; nothing else is handed down."""


def command(program: str, *arguments: int) -> tuple[str, ...]:
    """What starts a module of ours with these arguments."""
    return (sys.executable, "-P", "-m", program, *map(str, arguments))


def environment() -> dict[str, str]:
    """Where the modules are that we have; none of the secrets that we may have too."""
    kept = {name: os.environ[name] for name in _NEEDED if name in os.environ}
    return {**kept, "PYTHONPATH": os.pathsep.join(_paths()), "PYTHONUTF8": "1"}


def confine(seconds: int, memory: int, *, patience: int, written: int) -> None:
    """Limit this process for good; what would go beyond is ended or refused by the system.

    ``seconds`` are those it works; asleep it may be for ``patience`` times as long. ``memory`` is
    in bytes, and so is what may be ``written`` to a file.
    """
    signal.alarm(patience * seconds + 1)  # should whoever waits for us be gone
    _limit(resource.RLIMIT_CPU, seconds, seconds + 1)  # at the first we are told, SIGXCPU
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_FSIZE, written)
    with contextlib.suppress(ValueError, OSError):  # where the system knows no such limit
        _limit(resource.RLIMIT_AS, memory)


def _paths() -> Iterator[str]:
    return (str(Path(path).absolute()) for path in sys.path)


def _limit(what: int, soft: int, hard: int | None = None) -> None:
    """Never above what we are limited to already."""
    _, most = resource.getrlimit(what)
    wanted = (soft, soft if hard is None else hard)
    within = wanted if most == resource.RLIM_INFINITY else tuple(min(one, most) for one in wanted)
    resource.setrlimit(what, (within[0], within[1]))
