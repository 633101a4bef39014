"""F53, F54: an event loop that stands still, and a clock that is set while the program runs."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.installation import Installation, daily, stopped, subscriber
from tests.smtpd import MailServer
from tests.test_daemon import FAKETIME, arrived, titles
from worker import pulse
from worker.clock import SystemClock

LAGGED, JUMPED = "event loop lagged", "clock jumped"


class SetClock:
    """The machine's clock, and how far somebody has set it off."""

    def __init__(self) -> None:
        self.off = timedelta(0)

    def now(self) -> datetime:
        return datetime.now(UTC) + self.off


@asynccontextmanager
async def watched(clock: SetClock | SystemClock) -> AsyncIterator[list[float]]:
    """The pulse of this loop, quick; gives when it told of a jump."""
    jumps: list[float] = []
    watching = asyncio.create_task(
        pulse.watch(clock, lambda: jumps.append(time.monotonic()), beat=0.05, limit=0.3)
    )
    await asyncio.sleep(0)
    yield jumps
    watching.cancel()
    await asyncio.gather(watching, return_exceptions=True)


async def test_a_loop_that_stands_still_is_told_of_once(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        async with watched(SystemClock()) as jumps:
            await asyncio.sleep(0.1)
            time.sleep(0.5)  # the fault
            await asyncio.sleep(0.2)
    (record,) = caplog.records
    assert (record.message, record.__dict__["seconds"]) == (LAGGED, pytest.approx(0.5, abs=0.2))
    assert jumps == []


@pytest.mark.parametrize("hours", [-2, 48], ids=["back", "ahead"])
async def test_a_clock_that_is_set_is_told_of_once(
    hours: int, caplog: pytest.LogCaptureFixture
) -> None:
    clock = SetClock()
    with caplog.at_level(logging.INFO):
        async with watched(clock) as jumps:
            clock.off = timedelta(hours=hours)
            await asyncio.sleep(0.2)
    (record,) = caplog.records
    seconds = record.__dict__["seconds"]
    assert (record.message, seconds) == (JUMPED, pytest.approx(3600 * hours, abs=1))
    assert len(jumps) == 1


async def test_a_daemon_that_stood_still_says_so_once_and_goes_on(tmp_path: Path) -> None:
    """F54: stopped for more than five seconds, as a machine without memory left would."""
    async with MailServer() as server:
        installation = Installation(tmp_path, server.port, subscriber("a@example.org"))
        async with installation.daemon() as process:
            installation.drop("2025-09-08.txt", daily("Sep 8", "One"))
            await arrived(server, 1)
            os.kill(process.pid, signal.SIGSTOP)
            installation.drop("2025-09-09.txt", daily("Sep 9", "Two"))
            await asyncio.sleep(6.5)  # the fault itself
            os.kill(process.pid, signal.SIGCONT)
            await installation.logged(LAGGED)
            await arrived(server, 2)
            assert await stopped(process) == os.EX_OK
        (lagged,) = [one for one in installation.events() if one["event"] == LAGGED]
        assert 5 < lagged["seconds"] < 10


async def refused_tick(installation: Installation) -> None:
    """Wait until a tick was refused: then the next one is a minute later on that same clock."""
    async with asyncio.timeout(90):  # a tick that came just before the leap has a minute to go
        while not any(
            (one["event"], one.get("step")) == ("step refused", "tick")
            for one in installation.events()
        ):
            await asyncio.sleep(0.02)


@pytest.mark.skipif(not FAKETIME, reason="libfaketime is not installed")
async def test_a_clock_ten_years_ahead_for_a_moment_stops_no_daemon(tmp_path: Path) -> None:
    """F53: nothing is planned ahead of time, and the ticks come again when the clock is right."""
    setting = tmp_path / "clock"
    setting.write_text("+0\n")
    environ = {
        "LD_PRELOAD": str(FAKETIME[0]),
        "FAKETIME_TIMESTAMP_FILE": str(setting),
        "FAKETIME_NO_CACHE": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    }
    async with MailServer() as server:
        people = subscriber("a@example.org", schedule="daily 00:00")
        installation = Installation(tmp_path, server.port, people)
        async with installation.daemon(**environ) as process:
            await installation.logged("daemon started")
            installation.drop("2025-09-08.txt", daily("Sep 8", "One"))
            await installation.logged("file taken in")
            for count, off in enumerate(("+10y", "+1d", "+0", "+1d"), start=1):
                setting.write_text(f"{off}\n")
                await installation.logged(JUMPED, count)
                if off == "+10y":
                    await refused_tick(installation)
                else:
                    await arrived(server, 1)
            assert await stopped(process) == os.EX_OK
        assert [titles(message) for message in server.messages] == [["One"]]
