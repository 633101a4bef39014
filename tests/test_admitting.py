"""The daemon acts on what was asked for on the site, whichever process the site is."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from pathlib import Path

import pytest

from tests.desk import links, wanted
from tests.hand import HandClock
from tests.installation import Installation, daily, stopped
from tests.made import KEY
from tests.smtpd import MailServer
from tests.test_daemon import arrived
from worker import daemon, errands
from worker.asks import Ask, AskKind, Limits
from worker.clock import SystemClock
from worker.config.settings import read_settings
from worker.core.traces import shortened, traces
from worker.daemon import Daemon
from worker.model import Refused
from worker.opening import opened
from worker.store.sql import open_database
from worker.store.sql_signups import SqlSignups

PEER = "192.0.2.77"


def asked(number: int) -> Ask:
    """Somebody new, just now."""
    address = f"a@d{number}.org"
    return Ask(
        number=number,
        kind=AskKind.SUBSCRIBE,
        at=SystemClock().now(),
        address=address,
        wanted=wanted(address),
        traces=traces(KEY, address, PEER),
        network=shortened(PEER),
        form=number,
    )


async def ask(here: Installation, number: int) -> None:
    """As a site does that is a process of its own."""
    async with open_database(here.data / "ledger.db") as database:
        assert await SqlSignups(database).ask(asked(number), Limits()) is None


@asynccontextmanager
async def installed(folder: Path) -> AsyncIterator[tuple[Installation, MailServer]]:
    async with MailServer() as server:
        here = Installation(folder, server.port)
        here.drop("2025-09-08.txt", daily("Sep 8", "A paper"))
        await here.here("ingest", str(here.inbox / "2025-09-08.txt"))  # which makes the stores
        yield here, server


async def test_what_another_process_noted_is_mailed_within_seconds(tmp_path: Path) -> None:
    async with installed(tmp_path) as (here, server), here.daemon() as process:
        await here.logged("daemon started")
        await ask(here, 1)
        await arrived(server, 1)
        assert server.recipients == ["a@d1.org"]
        assert links(server.messages[0], "c")
        assert await stopped(process) == os.EX_OK
        (admitted,) = [one for one in here.events() if one["event"] == "asks admitted"]
        assert admitted["asks"] == 1
        log = here.errors.read_text()
        assert "d1.org" not in log
        assert "192.0.2" not in log


async def test_what_was_noted_while_it_was_down_is_mailed_once_it_is_up(tmp_path: Path) -> None:
    async with installed(tmp_path) as (here, server):
        await ask(here, 1)
        async with here.daemon() as process:
            await arrived(server, 1)
            assert await stopped(process) == os.EX_OK
        async with here.daemon() as process:
            await ask(here, 2)
            await arrived(server, 2)
            assert await stopped(process) == os.EX_OK
        assert server.recipients == ["a@d1.org", "a@d2.org"]


async def test_killed_after_acting_on_it_and_before_mailing_it_it_is_mailed_once(
    tmp_path: Path,
) -> None:
    async with installed(tmp_path) as (here, server):
        server.to_mail = "451 4.3.0 not now"
        await ask(here, 1)
        async with here.daemon() as process:
            await here.logged("asks admitted")
            assert await stopped(process, signal.SIGKILL) == -signal.SIGKILL
        server.to_mail = ""
        await here.here("queue", "retry", "--all")
        async with here.daemon() as process:
            await arrived(server, 1)
            assert await stopped(process) == os.EX_OK
        assert server.recipients == ["a@d1.org"]


async def test_a_site_in_the_same_process_has_it_acted_on_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(daemon, "LOOK", 3600.0)
    clock = SystemClock()
    async with installed(tmp_path) as (here, server):
        settings = read_settings(here.home / "paperround.toml", {}, here.data)
        async with (
            opened(settings, None, clock, as_daemon=True) as stores,
            errands.outgoing(settings, stores.holds, stores.record, clock) as outgoing,
        ):
            stores.inbox.ensure()
            running, turn = Daemon(stores, outgoing, {}, clock), asyncio.Event()
            await stores.signups.ask(asked(1), Limits())
            task = asyncio.create_task(running.run(turn, turn))
            try:
                await arrived(server, 1)  # it looks once at the start
                await stores.signups.ask(asked(2), Limits())
                running.wake_admitting()
                await arrived(server, 2)
            finally:
                turn.set()
                with suppress(asyncio.CancelledError):
                    await task


async def test_a_clock_that_is_years_ahead_makes_nobodys_ask_too_late(tmp_path: Path) -> None:
    clock = HandClock(SystemClock().now() + timedelta(days=3650))
    async with installed(tmp_path) as (here, _):
        settings = read_settings(here.home / "paperround.toml", {}, here.data)
        async with (
            opened(settings, None, clock, as_daemon=True) as stores,
            errands.outgoing(settings, stores.holds, stores.record, clock) as outgoing,
        ):
            ahead = Daemon(stores, outgoing, {}, clock)
            signup = stores.signup(clock, lambda bits: 1)
            await stores.signups.ask(asked(1), Limits())
            for step in (ahead._admit_all, ahead._forget):
                with pytest.raises(Refused, match="set the clock"):
                    await step(signup)
            assert [each.number for each in await stores.signups.waiting(9)] == [1]
