"""F7, F77: no memory left, and nobody who takes the log."""

from __future__ import annotations

import asyncio
import os
import resource
import sys
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from tests.installation import Installation, daily, stopped, subscriber
from tests.smtpd import MailServer
from tests.test_daemon import arrived, in_flight, message_id, titles

READERS = ("a@example.org", "b@example.org")


async def with_memory(installation: Installation, megabytes: int, *words: str) -> int:
    """The exit code of a command that may have so much address space.

    A thread that cannot be had may also leave it waiting: then it is killed, as the kernel would.
    """
    limit = (megabytes * 2**20, megabytes * 2**20)
    process = await asyncio.create_subprocess_exec(
        *installation.arguments(*words),
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
        preexec_fn=partial(resource.setrlimit, resource.RLIMIT_AS, limit),
        env={**os.environ, "TMPDIR": str(installation.home)},
    )
    try:
        async with asyncio.timeout(30):
            return await process.wait()
    except TimeoutError:
        process.kill()
        return await process.wait()


async def test_what_died_for_want_of_memory_is_done_once_there_is_some(tmp_path: Path) -> None:
    """F7: wherever it ends, the next run has everything, and everything once."""
    async with MailServer() as server:
        people = "".join(map(subscriber, READERS))
        installation = Installation(tmp_path, server.port, people)
        assert (await installation.command("init"))[0] == 0
        files, died = [], 0
        for megabytes in (100, 500, 900):
            file = tmp_path / f"{megabytes:03}-2025-09-08.txt"
            file.write_text(daily("Sep 8", f"Paper {megabytes:03}"))
            files.append(str(file))
            died += await with_memory(installation, megabytes, "ingest", str(file)) != 0
            died += await with_memory(installation, megabytes, "send") != 0
        assert died >= 2, "or the limits are no hardship here any more"
        later = (datetime.now(UTC) + timedelta(hours=1)).isoformat()  # what is in doubt, rests
        for words in (("ingest", *files), ("send",), ("send", "--now", later)):
            code, _, complaint = await installation.command(*words)
            assert code == 0, complaint
        assert in_flight(installation) == 0
        first = {message_id(message): message for message in server.messages}
        for reader in READERS:
            got = [t for m in first.values() if m.rcpt_tos == (reader,) for t in titles(m)]
            assert sorted(got) == [f"Paper {Path(file).name[:3]}" for file in sorted(files)]


async def daemon_logging_to(installation: Installation, log: int) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        *installation.arguments("run"), stdout=log, stderr=log
    )


@pytest.mark.parametrize("where", ["a disk that is full", "a reader who has gone"])
async def test_a_log_that_nobody_takes_stops_nothing(tmp_path: Path, where: str) -> None:
    """F77, F9: mail goes out, and the end is in order."""
    if where == "a disk that is full":
        log = os.open("/dev/full", os.O_WRONLY)
    else:
        reading, log = os.pipe()
        os.close(reading)
    async with MailServer() as server:
        installation = Installation(tmp_path, server.port, subscriber("a@example.org"))
        process = await daemon_logging_to(installation, log)
        os.close(log)
        try:
            for number, title in ((8, "One"), (9, "Two")):
                installation.drop(f"2025-09-{number:02}.txt", daily(f"Sep {number}", title))
                await arrived(server, number - 7)
            assert await stopped(process) == os.EX_OK
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        assert [titles(message) for message in server.messages] == [["One"], ["Two"]]
        assert in_flight(installation) == 0


async def test_a_daemon_without_any_output_works(tmp_path: Path) -> None:
    """F77: standard output and standard error are closed, as some supervisors have it."""
    async with MailServer() as server:
        installation = Installation(tmp_path, server.port, subscriber("a@example.org"))
        closing = "import os, sys; os.close(1); os.close(2); os.execv(sys.argv[1], sys.argv[1:])"
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", closing, *installation.arguments("run")
        )
        try:
            installation.drop("2025-09-08.txt", daily("Sep 8", "One"))
            await arrived(server, 1)
            assert await stopped(process) == os.EX_OK
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        assert titles(server.messages[0]) == ["One"]
