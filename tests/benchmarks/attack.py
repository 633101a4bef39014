"""How the site stands an attack while digests go out: ``python -m tests.benchmarks.attack``.

The real daemon, smtp-sink as its mail server, and hostile posts from a process of their own
(``flood``). A digest run of all readers is measured without them and with them. All the time
somebody looks at his preferences, ten times a second, and somebody unsubscribes, twice a second, as
a proxy hands it on: each on a connection of his own.

    python -m tests.benchmarks.attack [READERS] [SECONDS] [POSTS_A_SECOND]

A look at preferences takes less than 200 ms at the 99th percentile, and no more confirmations are
mailed than the limit of the hour: otherwise it ends with 1. How busy the machine is, is said too.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random

from tests.benchmarks import flood, trial
from tests.benchmarks.machine import busy, kept_waiting, used
from tests.installation import Installation, stopped
from tests.made import SEEDS, intake, subscriber
from tests.test_postfix import answers, free_port
from worker.clock import SystemClock
from worker.config.settings import read_settings
from worker.core.links import Linking
from worker.model import Cursor
from worker.opened import Opened
from worker.opening import opened

AIM = 0.2
AN_HOUR = 100
DAYS = ("2025-09-08", "2025-09-09")
PAPERS = 1500
LEAVERS = 400
QUERIES = (
    "diffusion (video OR image) -survey",
    '"reinforcement learning"',
    "agents",
    "3D OR robot*",
)

SITE = """
[web]
listen = "127.0.0.1:{port}"
proxies = "127.0.0.1"
"""


@dataclass
class Watch:
    """What a reader meets meanwhile: when he asked, how many seconds it took, the status."""

    looks: list[tuple[float, float, int]] = field(default_factory=list)
    leaves: list[tuple[float, float, int]] = field(default_factory=list)
    overslept: list[float] = field(default_factory=list)


async def people(stores: Opened, readers: int) -> None:
    """Readers who are due with the next file, and others, who leave; and a month of papers."""
    some = [
        replace(one, day=one.day - timedelta(days=2)) for one in trial.papers(PAPERS, Random(1))
    ]
    await stores.binding.expect(1)
    await stores.papers.take_in(intake(1, PAPERS, PAPERS, day=date(2025, 9, 7)), some, {})
    end = await stores.papers.end()
    await asyncio.gather(*(_add(stores, n, n < readers, end) for n in range(readers + LEAVERS)))


async def _add(stores: Opened, number: int, reads: bool, end: Cursor) -> None:
    await stores.subscribers.add(
        subscriber(
            *QUERIES,
            address=f"r{number}@d{number % 500}.org",
            schedule="immediately" if reads else "monthly 1 08:00",
            number=number,
            cursor=end,
        )
    )


@contextlib.asynccontextmanager
async def mail_server() -> AsyncIterator[int]:
    """smtp-sink, which keeps nothing."""
    port = free_port()
    user = ["-u", "nobody"] if os.geteuid() == 0 else []
    process = await asyncio.create_subprocess_exec(
        "/usr/sbin/smtp-sink", *user, f"127.0.0.1:{port}", "50"
    )
    try:
        await answers(port)
        yield port
    finally:
        process.terminate()
        await process.wait()


async def watch(port: int, links: Linking, readers: int, seen: Watch) -> None:
    """Look and leave, steadily, until it is cancelled."""
    chance, begun = Random(2), time.monotonic()
    now = datetime.now().astimezone()
    async with asyncio.TaskGroup() as group:
        for number in range(10**6):
            due = begun + number / 10
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            seen.overslept.append(max(0.0, time.monotonic() - due))
            who = 1000 + chance.randrange(readers)
            page = links.preferences(who, 0, now)
            group.create_task(_timed(port, f"GET {page}", b"", seen.looks))
            if number % 5 == 0:
                page = links.unsubscribe(1000 + readers + number // 5 % LEAVERS)
                form = b"List-Unsubscribe=One-Click"
                group.create_task(_timed(port, f"POST {page}", form, seen.leaves))


async def _timed(port: int, what: str, body: bytes, into: list[tuple[float, float, int]]) -> None:
    head = (
        f"{what} HTTP/1.1\r\nHost: {flood.HOST}\r\nX-Forwarded-For: 192.0.2.1\r\n"
        "Content-Type: application/x-www-form-urlencoded\r\n"
        f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    )
    at, begun, status = time.time(), time.monotonic(), 0
    with contextlib.suppress(OSError, ValueError, IndexError):
        status = await flood.asked(port, head.encode() + body)
    into.append((at, time.monotonic() - begun, status))


@dataclass(frozen=True)
class Run:
    """A digest run: when its first and its last mail was sent, and how many."""

    first: float
    last: float
    sent: int

    @property
    def rate(self) -> float:
        return self.sent / max(0.001, self.last - self.first)


def sent(installation: Installation, *, confirmations: bool = False) -> list[float]:
    """When which mails were sent, digests or confirmations."""
    return [
        datetime.fromisoformat(one["ts"]).timestamp()
        for one in installation.events()
        if one["event"] == "delivery attempted"
        and one["state"] == "sent"
        and one["slot"].startswith("confirm") == confirmations
    ]


async def run_of(installation: Installation, day: str, readers: int, before: int) -> Run:
    """Drop the file of that day and wait until everybody has its digest."""
    installation.drop(f"{day}.txt", (SEEDS / f"{day}.txt").read_text())
    async with asyncio.timeout(600):
        while len(found := sent(installation)[before:]) < readers:
            await asyncio.sleep(0.5)
    return Run(found[0], found[-1], len(found))


async def confirmed(installation: Installation) -> int:
    """How many confirmations were mailed, when none has come for a while."""
    before, mailed = -1, 0
    while mailed != before:
        before = mailed
        await asyncio.sleep(6)
        mailed = len(sent(installation, confirmations=True))
    return mailed


def told(what: str, all_: Sequence[tuple[float, float, int]]) -> float:
    """Print how long it took; gives the 99th percentile."""
    if not all_:
        print(f"{what}: nothing")
        return 0.0
    took = sorted(each for _, each, _ in all_)
    half, most = took[len(took) // 2], took[min(len(took) - 1, len(took) * 99 // 100)]
    statuses = dict(Counter(status for _, _, status in all_))
    print(
        f"{what}: p50 {half * 1000:.0f} ms, p99 {most * 1000:.0f} ms, "
        f"worst {took[-1] * 1000:.0f} ms, {len(took)} of them, by status {statuses}"
    )
    return most


def between(
    all_: Sequence[tuple[float, float, int]], first: float, last: float
) -> list[tuple[float, float, int]]:
    return [each for each in all_ if first <= each[0] <= last]


async def attack(port: int, rate: float, seconds: float, keys: Path) -> dict[str, object]:
    """The flood, to its end."""
    words = map(str, ("-m", "tests.benchmarks.flood", port, rate, seconds, keys))
    process = await asyncio.create_subprocess_exec(
        sys.executable, *words, stdout=asyncio.subprocess.PIPE
    )
    out, _ = await process.communicate()
    found: dict[str, object] = json.loads(out)
    return found


async def measured(
    installation: Installation, port: int, links: Linking, readers: int, pid: int,
    seconds: float, rate: float,
) -> bool:  # fmt: skip
    seen = Watch()
    watching = asyncio.create_task(watch(port, links, readers, seen))
    quiet = await run_of(installation, DAYS[0], readers, 0)
    await asyncio.sleep(2)
    print(f"digests without an attack: {quiet.rate:.0f} a second; {busy()}")
    told("  preferences", between(seen.looks, quiet.first, quiet.last))
    told("  unsubscribe", between(seen.leaves, quiet.first, quiet.last))
    begun, before, sleeps = time.time(), used(pid), len(seen.overslept)
    waited = kept_waiting(pid)
    attacking = asyncio.create_task(attack(port, rate, seconds, installation.data / "keys.json"))
    await asyncio.sleep(3)
    run = await run_of(installation, DAYS[1], readers, readers)
    flooded = await attacking
    over, after = time.time(), used(pid)
    waited = kept_waiting(pid) - waited
    await asyncio.sleep(6)
    watching.cancel()
    await asyncio.wait([watching])
    print(f"digests with it: {run.rate:.0f} a second, {run.rate / quiet.rate:.0%}; {busy()}")
    _tell_of(flooded, rate)
    worst = told("  preferences, attack", between(seen.looks, begun, over))
    told("  preferences, attack and digests", between(seen.looks, run.first, run.last))
    told("  unsubscribe, attack", between(seen.leaves, begun, over))
    late = sorted(seen.overslept[sleeps:])
    print(f"  who measured was late himself: p99 {late[len(late) * 99 // 100] * 1000:.0f} ms")
    had, lacked = (after - before) / (over - begun), waited / (over - begun)
    print(f"  the daemon had {had:.2f} processors, and lacked {lacked:.2f} that others had")
    mailed = await confirmed(installation)
    print(f"  confirmations mailed: {mailed}")
    failed = sum(status != 200 for _, _, status in between(seen.looks, begun, over))
    return worst < AIM and not failed and mailed <= AN_HOUR


def _tell_of(flooded: dict[str, object], rate: float) -> None:
    answers_, took, spent = flooded["answers"], flooded["took"], flooded["spent"]
    assert isinstance(answers_, dict)
    assert isinstance(took, list)
    assert isinstance(spent, float)
    middle = sorted(took)[len(took) // 2]
    print(f"  {len(took)} posts at {rate:.0f} a second, all answered after {spent:.1f} s", end="; ")
    print(f"half within {middle * 1000:.0f} ms: {answers_}")


def _problems(installation: Installation) -> Iterator[str]:
    counts = Counter(
        (one["event"], one.get("error", ""), str(one.get("why", "")))
        for one in installation.events()
        if one["level"] in ("warning", "error")
    )
    yield from (f"{number} x {what}" for what, number in counts.items())


async def main(readers: int = 2000, seconds: float = 30.0, rate: float = 200.0) -> int:
    with tempfile.TemporaryDirectory() as folder:
        async with mail_server() as smtp:
            port = free_port()
            installation = Installation(Path(folder), smtp)
            installation.configure(SITE.format(port=port))
            config = installation.home / "paperround.toml"
            settings = read_settings(config, {}, installation.data)
            async with opened(settings, None, SystemClock()) as stores:
                await people(stores, readers)
                links = Linking("", stores.composer.keys)
            async with installation.daemon() as process:
                await installation.logged("site opened", patience=120)
                good = await measured(
                    installation, port, links, readers, process.pid, seconds, rate
                )
                await stopped(process)
        for problem in _problems(installation):
            print(f"  {problem}")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(asyncio.run(main(*map(int, sys.argv[1:]))))
