"""F5, F6: the daemon is told things by signals while it runs."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from pathlib import Path

from tests.installation import CONFIG, Installation, daily, stopped, subscriber
from tests.smtpd import MailServer
from tests.test_daemon import SlowServer, arrived, in_flight, message_id, titles

RELOADED, REFUSED = "settings reloaded", "reload refused, the old settings stay"


async def reloaded(installation: Installation, process: asyncio.subprocess.Process) -> None:
    count = sum(one["event"] == RELOADED for one in installation.events())
    os.kill(process.pid, signal.SIGHUP)
    await installation.logged(RELOADED, count + 1)


async def test_sighup_takes_over_configuration_people_and_templates(tmp_path: Path) -> None:
    """F6: the mail server, the inbox, who is mailed, and how the mail looks."""
    async with MailServer() as before, MailServer() as after:
        installation = Installation(tmp_path, before.port, subscriber("a@example.org"))
        async with installation.daemon() as process:
            installation.drop("2025-09-08.txt", daily("Sep 8", "One"))
            await arrived(before, 1)
            config = CONFIG.format(port=after.port)
            config = config.replace("[inbox]", '[inbox]\nfolder = "elsewhere"')
            (tmp_path / "paperround.toml").write_text(config)
            (tmp_path / "subscribers.toml").write_text(subscriber("b@example.org"))
            folder = installation.data / "templates" / "mail"
            folder.mkdir(parents=True)
            (folder / "digest.subject.j2").write_text("A subject of our own")
            await reloaded(installation, process)
            installation.inbox = installation.data / "elsewhere"
            installation.drop("2025-09-09.txt", daily("Sep 9", "Two"))
            await arrived(after, 1)
            loop = "{% for a in range(9999) %}{% for b in range(9999) %}"
            endless = loop + "{% for c in range(9999) %}{% endfor %}{% endfor %}{% endfor %}"
            for count, source in enumerate(("{{ nosuch }}", "\n{{ 'x' * 10**9 }}", endless), 1):
                (folder / "digest.subject.j2").write_text(source)
                os.kill(process.pid, signal.SIGHUP)
                await installation.logged(REFUSED, count)
            whys = [one["why"] for one in installation.events() if one["event"] == REFUSED]
            for why, place in zip(whys, (1, 2, 1), strict=True):
                assert f"digest.subject.j2, line {place}: " in why
            code, _, complaint = await installation.command("check")
            assert (code, "takes too long" in complaint) == (os.EX_DATAERR, True), complaint
            installation.drop("2025-09-10.txt", daily("Sep 10", "Three"))
            await arrived(after, 2)
            assert await stopped(process) == os.EX_OK
        assert (before.recipients, after.recipients) == (["a@example.org"], ["b@example.org"] * 2)
        assert titles(after.messages[0]) == ["Two"]
        for message in after.messages:  # the second one after a template was broken (F66)
            assert b"Subject: A subject of our own" in message.content
        events = [one["event"] for one in installation.events()]
        assert (events.count("daemon started"), events.count("daemon stopped")) == (1, 1)


async def test_what_is_invalid_is_refused_as_a_whole_with_every_problem(tmp_path: Path) -> None:
    """F6, F66: nothing of it is taken over, neither what is good in it; one line says why."""
    async with MailServer() as server:
        installation = Installation(tmp_path, server.port, subscriber("a@example.org"))
        async with installation.daemon() as process:
            await installation.logged("daemon started")
            installation.configure("[nosuch]\nkey = 1\n\n[digest]\nmax_papers = 0\n")
            bad = subscriber("b@example.org").replace("daily", "hourly").replace("UTC", "Mars")
            (tmp_path / "subscribers.toml").write_text(bad)
            folder = installation.data / "templates" / "mail"
            folder.mkdir(parents=True)
            (folder / "digest.html.j2").write_text("{% if %}")
            os.kill(process.pid, signal.SIGHUP)
            await installation.logged(REFUSED)
            (refused,) = [one for one in installation.events() if one["event"] == REFUSED]
            for said in ("nosuch", "max_papers", "timezone", "digest.html.j2, line 1"):
                assert said in refused["why"]
            assert "b@example.org" not in installation.errors.read_text()
            installation.drop("2025-09-08.txt", daily("Sep 8", "One"))
            await arrived(server, 1)
            assert await stopped(process) == os.EX_OK
        assert server.recipients == ["a@example.org"]
        assert RELOADED not in [one["event"] for one in installation.events()]


async def test_other_stores_are_no_matter_of_a_reload(tmp_path: Path) -> None:
    installation = Installation(tmp_path, 1, subscriber("a@example.org"))
    async with installation.daemon() as process:
        await installation.logged("daemon started")
        installation.configure('\n[store]\nledger = "other.db"\npapers = "other.json"\n')
        os.kill(process.pid, signal.SIGHUP)
        await installation.logged(REFUSED)
        (refused,) = [one for one in installation.events() if one["event"] == REFUSED]
        assert "other.json" in refused["why"]
        assert "other.db" in refused["why"]
        assert process.returncode is None
        assert await stopped(process) == os.EX_OK
    assert not (installation.data / "other.db").exists()


async def test_no_other_daemon_comes_in_between(tmp_path: Path) -> None:
    """The locks are held from the first settings to the last."""
    installation = Installation(tmp_path, 1, subscriber("a@example.org"))
    async with installation.daemon() as process:
        await installation.logged("daemon started")
        rivals = asyncio.create_task(installation.command("run"))
        while not rivals.done():
            await reloaded(installation, process)
        code, _, complaint = await rivals
        assert code == os.EX_TEMPFAIL, complaint
        assert await stopped(process) == os.EX_OK


async def test_a_reload_waits_for_what_is_in_flight_and_sends_nothing_twice(
    tmp_path: Path,
) -> None:
    people = "".join(subscriber(f"r{n}@example.org") for n in range(8))
    async with SlowServer(7.0) as server:  # longer than a stop would wait
        installation = Installation(tmp_path, server.port, people)
        installation.drop("2025-09-08.txt", daily("Sep 8", "One"))
        async with installation.daemon() as process:
            await asyncio.wait_for(server.begun.wait(), 30)
            await reloaded(installation, process)
            server.seconds = 0
            await arrived(server, 8)
            assert await stopped(process) == os.EX_OK
        assert len({message_id(message) for message in server.messages}) == 8
        assert len(server.messages) == 8
        assert (await installation.status())["uncertain"] == 0


async def test_sigterm_in_the_middle_of_a_reload_ends_it_in_time(tmp_path: Path) -> None:
    async with MailServer(after_dot="hang") as server:
        installation = Installation(tmp_path, server.port, subscriber("a@example.org"))
        installation.drop("2025-09-08.txt", daily("Sep 8", "One"))
        async with installation.daemon() as process:
            await arrived(server, 1)
            os.kill(process.pid, signal.SIGHUP)
            asked = time.monotonic()
            assert await stopped(process) == os.EX_OK
            assert time.monotonic() - asked < 10
        assert in_flight(installation) == 0


async def test_a_second_signal_ends_it_at_once_and_loses_nothing(tmp_path: Path) -> None:
    """F5: as a kill would; whichever of the two signals comes second."""
    async with MailServer(after_dot="hang") as server:
        installation = Installation(tmp_path, server.port, subscriber("a@example.org"))
        installation.drop("2025-09-08.txt", daily("Sep 8", "One"))
        for first, second in (
            (signal.SIGTERM, signal.SIGINT),
            (signal.SIGINT, signal.SIGTERM),
            (signal.SIGINT, signal.SIGINT),
        ):
            stops = sum(one["event"] == "stopping" for one in installation.events())
            before = len(server.messages)
            async with installation.daemon() as process:
                await arrived(server, before + 1)
                os.kill(process.pid, first)
                await installation.logged("stopping", stops + 1)
                asked = time.monotonic()
                assert await stopped(process, second) == -second
                assert time.monotonic() - asked < 1
            assert in_flight(installation) == 1, "in doubt, and known to be"
        assert len({message_id(message) for message in server.messages}) == 1
