"""An installation in a folder, and the real program on it, as its operator has it."""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from worker.cli.main import run

CONFIG = """
[inbox]
settle_seconds = 0.2
rescan_seconds = 1

[mail]
from = "Paper Round <digest@example.org>"
base_url = "https://papers.example.org"

[smtp]
host = "127.0.0.1"
port = {port}
tls = "none"
"""


class Installation:
    """A data folder with its configuration. ``errors`` is where the daemon's log goes."""

    def __init__(self, home: Path, port: int, subscribers: str = "") -> None:
        self.home = home
        self.data = home / "data"
        self.inbox = self.data / "inbox"
        self.errors = home / "daemon.log"
        self.inbox.mkdir(parents=True)
        (home / "paperround.toml").write_text(CONFIG.format(port=port))
        (home / "subscribers.toml").write_text(subscribers)

    def configure(self, more: str) -> None:
        """Add this to the configuration."""
        with (self.home / "paperround.toml").open("a") as file:
            file.write(more)

    def arguments(self, *words: str) -> list[str]:
        config = str(self.home / "paperround.toml")
        return [
            sys.executable,
            "-m",
            "worker",
            "--config",
            config,
            "--data",
            str(self.data),
            *words,
        ]

    def drop(self, name: str, content: str) -> None:
        """A file comes whole, by rename."""
        beside = self.inbox / f".{name}.tmp"
        beside.write_text(content)
        beside.rename(self.inbox / name)

    async def command(self, *words: str, **environ: str) -> tuple[int, str, str]:
        """Run a command to its end: its code, what it printed, what it complained of."""
        process = await asyncio.create_subprocess_exec(
            *self.arguments(*words),
            env={**os.environ, **environ},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        out, complaint = await process.communicate()
        return process.returncode or 0, out.decode(), complaint.decode()

    async def here(self, *words: str) -> str:
        """Run a command that goes well in this process, which is sooner; give what it printed."""
        printed, complaint = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(complaint):
            code = await asyncio.to_thread(run, self.arguments(*words)[3:])
        assert code == os.EX_OK, complaint.getvalue()
        return printed.getvalue()

    async def status(self) -> dict[str, int]:
        code, out, complaint = await self.command("status", "--json")
        assert code == 0, complaint
        counts: dict[str, int] = json.loads(out)
        return counts

    @contextlib.asynccontextmanager
    async def daemon(self, **environ: str) -> AsyncIterator[asyncio.subprocess.Process]:
        """The daemon, running; ended with the block if it has not ended by itself."""
        with self.errors.open("ab") as log:
            process = await asyncio.create_subprocess_exec(
                *self.arguments("run"), stderr=log, env={**os.environ, **environ}
            )
            try:
                yield process
            finally:
                if process.returncode is None:
                    process.kill()
                    await process.wait()

    def events(self) -> list[dict[str, Any]]:
        """What the daemons have logged so far; a line cut by a kill is left out."""
        lines = self.errors.read_text().splitlines() if self.errors.exists() else []
        return [json.loads(line) for line in lines if line.startswith("{") and line.endswith("}")]

    async def logged(self, event: str, count: int = 1, patience: float = 30) -> None:
        """Wait until an event was logged that many times."""
        async with asyncio.timeout(patience):
            while sum(one["event"] == event for one in self.events()) < count:
                await asyncio.sleep(0.02)


async def stopped(process: asyncio.subprocess.Process, how: int = signal.SIGTERM) -> int:
    """End the process by a signal and give its exit code."""
    os.kill(process.pid, how)
    return await process.wait()


def subscriber(
    address: str, *rules: str, schedule: str = "immediately", timezone: str = "UTC"
) -> str:
    """A ``[[subscriber]]`` of the subscribers file."""
    return (
        f'[[subscriber]]\naddress = "{address}"\nschedule = "{schedule}"\ntimezone = "{timezone}"\n'
        f"rules = {json.dumps(list(rules) or ['*'])}\n\n"
    )


def daily(day: str, *titles: str) -> str:
    """A daily file in the form of the Hugging Face text dump."""
    paragraphs = ["Daily Papers", day]
    for title in titles:
        paragraphs += [
            title,
            f"This is the abstract of a paper, and it is about {title}, at length.",
        ]
    return "\n\n".join(paragraphs)
