"""The daemon beside Postfix's smtp-sink, a mail server process that is not ours."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import socket
from collections.abc import AsyncIterator
from email import message_from_bytes, policy
from pathlib import Path

import pytest

from tests.installation import Installation, stopped, subscriber
from tests.made import SEEDS

SINK = shutil.which("smtp-sink", path=f"{os.environ.get('PATH', '')}:/usr/sbin")

pytestmark = pytest.mark.skipif(SINK is None, reason="Postfix's smtp-sink is not installed")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


async def answers(port: int) -> None:
    """Wait until the server takes connections."""
    async with asyncio.timeout(10):
        while True:
            with contextlib.suppress(OSError):
                _, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.close()
                return
            await asyncio.sleep(0.05)


@contextlib.asynccontextmanager
async def sink(folder: Path, *options: str) -> AsyncIterator[int]:
    """smtp-sink on a free port, each message a file in the folder."""
    folder.mkdir()
    user = ["-u", "nobody"] if os.geteuid() == 0 else []
    if user:
        folder.chmod(0o777)
        for parent in folder.parents[:4]:
            with contextlib.suppress(PermissionError):
                parent.chmod(parent.stat().st_mode | 0o111)
    port = free_port()
    process = await asyncio.create_subprocess_exec(
        str(SINK), *user, *options, "-d", "message.%M.", f"127.0.0.1:{port}", "50", cwd=folder
    )
    try:
        await answers(port)
        yield port
    finally:
        process.terminate()
        await process.wait()


async def test_the_seeds_dropped_into_the_inbox_become_the_expected_digests(tmp_path: Path) -> None:
    people = subscriber("all@example.org") + subscriber("moe@example.org", '"mixture of experts"')
    people += subscriber("none@example.org", "xylophone")
    async with sink(tmp_path / "mailbox") as port:
        installation = Installation(tmp_path / "home", port, people)
        for day in ("2025-09-08", "2025-09-09"):
            installation.drop(f"{day}.txt", (SEEDS / f"{day}.txt").read_text())
        async with installation.daemon() as process:
            await installation.logged("delivery attempted", 2)
            assert await stopped(process) == os.EX_OK
    dumped = [file.read_bytes() for file in (tmp_path / "mailbox").iterdir()]
    messages = [message_from_bytes(dump, policy=policy.default) for dump in dumped]
    assert sorted(str(message["To"]) for message in messages) == [
        "all@example.org",
        "moe@example.org",
    ]
    bodies = {str(message["To"]): message.get_body(("html",)) for message in messages}
    found = {
        to: body.get_content().count("find it on arXiv") for to, body in bodies.items() if body
    }
    assert found == {"all@example.org": 63, "moe@example.org": 3}


async def test_a_slow_server_does_not_hold_up_the_stop(tmp_path: Path) -> None:
    """F4: five seconds after each final dot."""
    async with sink(tmp_path / "mailbox", "-W", ".:5") as port:
        installation = Installation(tmp_path / "home", port, subscriber("all@example.org"))
        installation.drop("2025-09-08.txt", (SEEDS / "2025-09-08.txt").read_text())
        async with installation.daemon() as process:
            await installation.logged("digests planned")
            async with asyncio.timeout(10):
                assert await stopped(process) == os.EX_OK
        counts = await installation.status()
        assert counts["sending"] == 0
