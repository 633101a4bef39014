"""Beside Postfix's smtp-sink, a mail server process that is not ours: the daemon, and the faults
that smtp-sink can make.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
import socket
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass
from email import message_from_bytes, policy
from pathlib import Path

import pytest

from tests.installation import CONFIG, Installation, daily, stopped, subscriber
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
        to: body.get_content().count("the title opens a search on arXiv")
        for to, body in bodies.items()
        if body
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


# --- one fault, and then none ---------------------------------------------------

EVERYBODY = ("ann@example.org", "ben@example.org", "cy@example.org")
ENDS = ("sent", "deferred", "failed", "uncertain")
NOON, AN_HOUR_LATER = "2025-09-08T12:00Z", "2025-09-08T13:00Z"


@dataclass(frozen=True, slots=True)
class Fault:
    """What smtp-sink does wrong; what an attempt comes to then, and what it has come to an hour
    after the fault was gone.
    """

    row: str
    options: tuple[str, ...]
    first: str = "deferred"
    last: str = "sent"


FAULTS = (
    *(Fault("F28", (how, "CONNECT")) for how in ("-q", "-Q", "-r", "-f")),
    *(Fault("F29", ("-q", "EHLO")), Fault("F29", ("-f", "EHLO,HELO"))),
    *(Fault("F29", (how, "EHLO"), "sent") for how in ("-r", "-f")),  # here HELO will do
    *(Fault("F34", (how, "MAIL")) for how in ("-q", "-Q", "-r", "-f")),
    *(Fault("F35", ("-r", "RCPT")), Fault("F36", ("-f", "RCPT"), "failed", "failed")),
    *(Fault("F43", (how, "RCPT")) for how in ("-q", "-Q")),
    *(Fault("F38", ("-r", "DATA")), Fault("F38", ("-f", "DATA"), "failed", "failed")),
    *(Fault("F39", ("-q", "DATA")), Fault("F39", ("-Q", "DATA"))),
    *(Fault("F38", ("-r", ".")), Fault("F38", ("-f", "."), "failed", "failed")),
    *(Fault("F40", ("-q", "."), "uncertain"), Fault("F40", ("-W", ".:1"), "sent")),
    Fault("F44", ("-q", "QUIT"), "sent"),
)


@dataclass(frozen=True, slots=True)
class TakenIn:
    """An installation that has taken a day in and mailed nobody; what it will mail, by whom."""

    home: Path
    message_ids: dict[str, str]


@pytest.fixture(scope="module")
def taken_in(tmp_path_factory: pytest.TempPathFactory) -> TakenIn:
    folder = tmp_path_factory.mktemp("taken-in")
    installation = Installation(folder / "home", 25, "".join(map(subscriber, EVERYBODY)))
    file, composed = folder / "2025-09-08.txt", folder / "composed"
    file.write_text(daily("2025-09-08", "One paper", "Another paper"))
    for words in (("ingest", str(file)), ("send", "--now", NOON, "--dry-run", str(composed))):
        asyncio.run(installation.here(*words))
    message_ids = dict(mail_in(composed))
    assert sorted(message_ids) == sorted(EVERYBODY)
    return TakenIn(installation.home, message_ids)


def mail_in(folder: Path) -> list[tuple[str, str]]:
    """To whom and under which Message-ID, for each message in the folder."""
    messages = [message_from_bytes(file.read_bytes()) for file in folder.iterdir()]
    return [(message["To"], message["Message-ID"]) for message in messages]


async def tick(installation: Installation, mailbox: Path, now: str, *options: str) -> Counter[str]:
    """One tick beside such a server: how many deliveries came to each end."""
    async with sink(mailbox, *options) as port:
        (installation.home / "paperround.toml").write_text(CONFIG.format(port=port))
        counts = json.loads(await installation.here("send", "--now", now, "--json"))
    return Counter({end: counts[end] for end in ENDS})


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: " ".join((fault.row, *fault.options)))
async def test_once_a_fault_is_gone_everybody_has_his_one_copy(
    fault: Fault, taken_in: TakenIn, tmp_path: Path
) -> None:
    """After the dot one copy more may lie there; whom a server refused for good has none."""
    installation = Installation(tmp_path / "home", 25)
    shutil.copytree(taken_in.home, installation.home, dirs_exist_ok=True)
    before, after = tmp_path / "before", tmp_path / "after"
    first = await tick(installation, before, NOON, *fault.options)
    last = await tick(installation, after, AN_HOUR_LATER)
    assert {end for end in ENDS if first[end]} == {fault.first}
    assert (first + last)[fault.last] == len(EVERYBODY)
    everybody = sorted(taken_in.message_ids.items())
    assert sorted(mail_in(after)) == (everybody if fault.first != fault.last else [])
    if fault.first in ("sent", "uncertain"):
        assert sorted(mail_in(before)) == everybody
