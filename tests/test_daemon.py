"""The running program, as a process of its own, beside a real mail server."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import sqlite3
import time
from collections import Counter
from contextlib import closing
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest

from tests.httpd import silence, website
from tests.installation import Installation, daily, stopped, subscriber
from tests.made import SEEDS
from tests.smtpd import MailServer, Received

FAKETIME = sorted(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"))


class SlowServer(MailServer):
    """Takes its time after each final dot."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self.seconds = seconds
        self.begun = asyncio.Event()

    async def handle_DATA(self, *arguments: Any) -> str:  # noqa: N802 - aiosmtpd's name
        self.begun.set()
        await asyncio.sleep(self.seconds)
        return await super().handle_DATA(*arguments)


def message_id(message: Received) -> str:
    return str(message_from_bytes(message.content, policy=policy.default)["Message-ID"])


def titles(message: Received) -> list[str]:
    body = message_from_bytes(message.content, policy=policy.default).get_body(("plain",))
    numbered = (line.partition(". ") for line in (body.get_content().splitlines() if body else []))
    return [title.replace("*", "") for number, _, title in numbered if number.isdigit()]


async def arrived(server: MailServer, count: int, patience: float = 30) -> None:
    """Wait until that many messages are the server's."""
    async with asyncio.timeout(patience):
        while len(server.messages) < count:
            server.dot.clear()
            await server.dot.wait()


def in_flight(installation: Installation) -> int:
    with closing(sqlite3.connect(installation.data / "ledger.db")) as ledger:
        (count,) = ledger.execute("select count(*) from delivery where state='sending'").fetchone()
    return int(count)


async def test_files_dropped_into_the_inbox_become_mails_and_sigterm_ends_it_cleanly(
    tmp_path: Path,
) -> None:
    people = subscriber("all@example.org") + subscriber("rl@example.org", "RL") + subscriber(
        "none@example.org", "xylophone"
    )  # fmt: skip
    async with MailServer() as server:
        installation = Installation(tmp_path, server.port, people)
        async with installation.daemon() as process:
            await installation.logged("daemon started")
            dropped = time.monotonic()
            for day in ("2025-09-08", "2025-09-09"):
                installation.drop(f"{day}.txt", (SEEDS / f"{day}.txt").read_text())
            await installation.logged("file taken in", 2)
            assert time.monotonic() - dropped < 10
            await installation.logged("delivery attempted", 2)
            asked = time.monotonic()
            assert await stopped(process) == os.EX_OK
            assert time.monotonic() - asked < 10
        got = Counter(
            title for m in server.messages for title in titles(m) if "all@" in m.rcpt_tos[0]
        )
        assert (len(got), set(got.values())) == (63, {1})
        assert set(server.recipients) == {"all@example.org", "rl@example.org"}
        assert sorted(p.name for p in installation.data.glob("archive/*/*/*")) == [
            "2025-09-08.txt",
            "2025-09-09.txt",
        ]
        assert in_flight(installation) == 0
        logs = installation.errors.read_text()
        assert "@example.org" not in logs, "no address is ever logged"


@pytest.mark.skipif(not FAKETIME, reason="libfaketime is not installed")
async def test_a_wall_time_that_does_not_exist_is_served_when_the_gap_ends(tmp_path: Path) -> None:
    """F51, with the clock of the whole process: 02:30 in Vienna on the night of the change."""
    people = subscriber("a@example.org", schedule="daily 02:30", timezone="Europe/Vienna")
    night = {"LD_PRELOAD": str(FAKETIME[0]), "FAKETIME": "@2026-03-29 00:59:48", "TZ": "UTC"}
    async with MailServer() as server:
        installation = Installation(tmp_path, server.port, people)
        installation.drop("2026-03-28.txt", daily("Mar 28", "A paper"))
        async with installation.daemon(**night) as process:
            await installation.logged("file taken in")
            assert server.messages == []
            await arrived(server, 1)
            assert await stopped(process) == os.EX_OK
    message = message_from_bytes(server.messages[0].content, policy=policy.default)
    assert str(message["Date"]).startswith("Sun, 29 Mar 2026 01:00:0")


async def test_a_refused_file_is_set_aside_with_its_reason_and_the_others_go_on(
    tmp_path: Path,
) -> None:
    async with MailServer() as server:
        installation = Installation(tmp_path, server.port, subscriber("all@example.org"))
        installation.drop("a-page.txt", "<!doctype html><title>502 Bad Gateway</title>")
        installation.drop("b-2025-09-08.txt", daily("Sep 8", "A paper"))
        async with installation.daemon() as process:
            await installation.logged("file refused")
            await arrived(server, 1)
            assert await stopped(process) == os.EX_OK
        reason = (installation.data / "rejected" / "a-page.txt.reason.txt").read_text()
        assert "web page" in reason.splitlines()[0]
        assert (installation.data / "rejected" / "a-page.txt").exists()
        assert titles(server.messages[0]) == ["A paper"]


async def test_sigterm_while_sending_finishes_what_is_in_flight(tmp_path: Path) -> None:
    """F4: the rest keeps its place, nothing is left as sending."""
    people = "".join(subscriber(f"r{n}@example.org") for n in range(12))
    async with SlowServer(1.0) as server:
        installation = Installation(tmp_path, server.port, people)
        installation.drop("2025-09-08.txt", daily("Sep 8", "A paper"))
        async with installation.daemon() as process:
            await asyncio.wait_for(server.begun.wait(), 30)
            asked = time.monotonic()
            assert await stopped(process) == os.EX_OK
            assert time.monotonic() - asked < 10
        assert in_flight(installation) == 0
        before = len(server.messages)
        assert 0 < before < 12
        server.seconds = 0
        async with installation.daemon() as process:
            await arrived(server, 12)
            assert await stopped(process) == os.EX_OK
        assert sorted(server.recipients) == sorted(f"r{n}@example.org" for n in range(12))


async def test_a_server_that_never_answers_does_not_hold_up_the_stop(tmp_path: Path) -> None:
    async with MailServer(after_dot="hang") as server:
        installation = Installation(tmp_path, server.port, subscriber("all@example.org"))
        installation.drop("2025-09-08.txt", daily("Sep 8", "A paper"))
        async with installation.daemon() as process:
            await arrived(server, 1)
            asked = time.monotonic()
            assert await stopped(process) == os.EX_OK
            assert time.monotonic() - asked < 10
        counts = await installation.status()
        assert (counts["uncertain"], counts["sending"]) == (1, 0)


async def test_a_second_daemon_is_refused_and_the_first_goes_on(tmp_path: Path) -> None:
    """F22; and ``ingest`` beside it hands the file over."""
    async with MailServer() as server:
        installation = Installation(tmp_path, server.port, subscriber("all@example.org"))
        async with installation.daemon() as process:
            await installation.logged("daemon started")
            code, _, complaint = await installation.command("run")
            assert (code, complaint.count("\n")) == (os.EX_TEMPFAIL, 1)
            code, _, complaint = await installation.command("send")
            assert code == os.EX_TEMPFAIL
            code, out, complaint = await installation.command(
                "ingest", str(SEEDS / "2025-09-09.txt"), "--json"
            )
            assert code == 0, complaint
            assert '"new": 20' in out
            torn = tmp_path / "torn.txt"
            torn.write_text("no daily file")
            code, _, complaint = await installation.command("ingest", str(torn))
            assert code == os.EX_DATAERR
            await arrived(server, 1)
            assert await stopped(process) == os.EX_OK


async def test_a_ledger_replaced_under_the_daemon_ends_it(tmp_path: Path) -> None:
    """It would go on writing into a file that nobody sees, and mail who has left."""
    async with MailServer() as server:
        installation = Installation(tmp_path, server.port, subscriber("all@example.org"))
        async with installation.daemon() as process:
            await installation.logged("daemon started")
            ledger = installation.data / "ledger.db"
            copy = tmp_path / "copy.db"
            copy.write_bytes(ledger.read_bytes())
            copy.replace(ledger)
            installation.drop("2025-09-08.txt", daily("Sep 8", "A paper"))
            async with asyncio.timeout(30):
                assert await process.wait() == os.EX_IOERR
        assert server.messages == []


async def test_commands_at_the_same_moment_take_turns(tmp_path: Path) -> None:
    installation = Installation(tmp_path, 1, subscriber("all@example.org"))
    for number in range(4):
        (tmp_path / f"{number}-2025-09-08.txt").write_text(daily("Sep 8", f"Paper {number}"))
    files = [str(tmp_path / f"{number}-2025-09-08.txt") for number in range(4)]
    done = await asyncio.gather(*(installation.command("ingest", file) for file in files))
    assert [code for code, _, _ in done] == [0] * 4, done
    assert (await installation.status())["papers"] == 4


async def test_a_killed_daemon_leaves_no_lock_behind(tmp_path: Path) -> None:
    """F24."""
    async with MailServer() as server:
        installation = Installation(tmp_path, server.port)
        async with installation.daemon() as process:
            await installation.logged("daemon started")
            await stopped(process, signal.SIGKILL)
        code, _, complaint = await installation.command("ingest", str(SEEDS / "2025-09-09.txt"))
        assert code == 0, complaint


async def survive(tmp_path: Path, kills: int, seed: int) -> None:
    """Files come, the daemon is killed at random, again and again; then it may finish."""
    chance = random.Random(seed)
    readers = [f"r{n}@example.org" for n in range(6)]
    async with SlowServer(0.02) as server:
        installation = Installation(tmp_path, server.port, "".join(map(subscriber, readers)))
        expected = []
        for number in range(kills):
            expected.append(f"Paper {number:03} of the day")
            installation.drop(f"{number:03}-2025-09-08.txt", daily("Sep 8", expected[-1]))
            async with installation.daemon() as process:
                await asyncio.sleep(chance.uniform(0, 2.5))
                await stopped(process, signal.SIGKILL)
        async with installation.daemon() as process:
            await installation.logged("daemon started", 1)
            await _all_settled(installation, kills)
            assert await stopped(process) == os.EX_OK
        _check(server.messages, readers, expected, in_flight=4 * kills)


async def _all_settled(installation: Installation, files: int) -> None:
    async with asyncio.timeout(180):  # a process for each file, on a busy machine
        while True:
            counts = await installation.status()
            waiting = sum(
                counts[state] for state in ("planned", "sending", "deferred", "uncertain")
            )
            if counts["files"] == files and waiting == 0 and not any(installation.inbox.iterdir()):
                return


def _check(
    messages: list[Received], readers: list[str], expected: list[str], in_flight: int
) -> None:
    first = {message_id(message): message for message in messages}
    for message in messages:
        assert message.content == first[message_id(message)].content, "a repeat is the same mail"
    assert len(messages) - len(first) <= in_flight
    for reader in readers:
        got = [t for m in first.values() if m.rcpt_tos == (reader,) for t in titles(m)]
        assert sorted(got) == expected, f"{reader}: each paper in exactly one digest"


async def test_fifty_random_kills_lose_nothing(tmp_path: Path) -> None:
    """F1. A repeat is at most what was in flight at a kill, to the byte the same message."""
    await survive(tmp_path, kills=50, seed=2025)


@pytest.mark.nightly
@pytest.mark.parametrize("seed", range(20))
async def test_a_thousand_random_kills_lose_nothing(tmp_path: Path, seed: int) -> None:
    await survive(tmp_path, kills=50, seed=seed)


async def test_what_is_fetched_is_taken_in_and_mailed_and_a_stop_waits_for_no_server(
    tmp_path: Path,
) -> None:
    async with MailServer() as server, website() as site:
        seed = (SEEDS / "2025-09-08.txt").read_bytes()
        fetch = '[[fetch]]\nname = "{}"\nurl = "{}"\nschedule = "daily 00:00"\n'
        slow = site.acts("/slow", silence)
        entries = fetch.format("hf", site.says("/hf", seed)) + fetch.format("slow", slow)
        installation = Installation(tmp_path, server.port, subscriber("rl@example.org", "RL"))
        installation.configure(entries)
        async with installation.daemon() as process:
            await arrived(server, 1)
            assert '"event": "fetched"' in installation.errors.read_text()
            asked = time.monotonic()
            assert await stopped(process) == os.EX_OK
            assert time.monotonic() - asked < 5
        assert "/slow" not in installation.errors.read_text(), "what follows a host may be secret"
