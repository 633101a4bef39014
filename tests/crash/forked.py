"""Processes forked from one that has imported everything, each with a fault of its own.

A start of Python costs more than a whole day's run; a fork costs nothing. strace joins the child
before it begins.
"""

from __future__ import annotations

import asyncio
import ctypes
import gc
import logging
import multiprocessing
import os
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload(
    [
        "__main__",
        "tests.crash.forked",
        "tests.crash.mailed_day",
        "tests.crash.one_day",
        "tests.store.victim",
    ]
)

PATIENCE = 60.0
"""Seconds; a run that takes longer spins."""

_ANYBODY_MAY_TRACE = 0x59616D61  # PR_SET_PTRACER: where only parents may trace, strace may too


@dataclass(frozen=True, slots=True)
class Ran:
    """How a process ended (minus a signal's number if by that), and all that it said."""

    code: int
    said: str


async def ran(
    work: Callable[..., int], *arguments: object, said: Path, strace: Sequence[str] = ()
) -> Ran:
    """Do the work in a process of its own; with options for strace, under its eyes."""
    process = PROCESSES.Process(target=_child, args=(work, arguments, str(said), bool(strace)))
    process.start()
    try:
        if strace:
            await _watched(process.pid or 0, strace)
        await _ended(process.sentinel)
        assert process.exitcode is not None, f"it spins: {said.read_text()}"
        return Ran(process.exitcode, said.read_text())
    finally:
        process.kill()
        process.join()
        process.close()


async def _ended(sentinel: int) -> None:
    """Wait here and in no thread: whoever starts another process also asks how this one ended."""
    loop, ended = asyncio.get_running_loop(), asyncio.Event()
    loop.add_reader(sentinel, ended.set)
    try:
        with suppress(TimeoutError):
            await asyncio.wait_for(ended.wait(), PATIENCE)
    finally:
        loop.remove_reader(sentinel)


async def _watched(pid: int, options: Sequence[str]) -> None:
    """strace ends with the process that it watches."""
    command = ["strace", "-qqq", "-p", str(pid), *options]
    strace = await asyncio.create_subprocess_exec(*command, stderr=asyncio.subprocess.PIPE)
    try:
        _, complaint = await asyncio.wait_for(strace.communicate(), PATIENCE)
    finally:
        if strace.returncode is None:
            strace.kill()
            await strace.communicate()
    assert strace.returncode in (0, 137, -9), complaint.decode()


def _child(work: Callable[..., int], arguments: Sequence[object], said: str, watched: bool) -> None:
    descriptor = os.open(said, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    for standard in (1, 2):
        os.dup2(descriptor, standard)
    gc.disable()  # so that each run makes the same calls
    if watched:
        ctypes.CDLL(None).prctl(_ANYBODY_MAY_TRACE, -1, 0, 0, 0)
        _await_tracer()
    code = work(*arguments)
    logging.shutdown()
    sys.stdout.flush()
    sys.exit(code)


def _await_tracer() -> None:
    end = time.monotonic() + PATIENCE
    while "TracerPid:\t0\n" in Path("/proc/self/status").read_text():
        if time.monotonic() > end:
            os._exit(99)
        time.sleep(0.001)
