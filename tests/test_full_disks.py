"""The running program on disks that are full, read-only or out of inodes: real ones.

I1 to I6 after each: what was acknowledged stays, nobody gets anything twice, who leaves may, and
all goes on by itself when there is room.
"""

from __future__ import annotations

import asyncio
import os
import resource
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.crash import recipients
from tests.disks import disk, fill, remount
from tests.installation import Installation, daily, stopped, subscriber
from tests.smtpd import MailServer
from tests.test_daemon import SlowServer, arrived
from worker.cli.standing import ALARM
from worker.store import ballast

FIRST, SECOND, LEAVES = "first@example.org", "second@example.org", "leaves@example.org"
PEOPLE = "".join(map(subscriber, (FIRST, SECOND, LEAVES)))

ONE_EACH = {reader: ["One"] for reader in (FIRST, SECOND, LEAVES)}


@pytest.fixture
def inbox(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An inbox on another disk than the stores: files come in while those are full."""
    folder = tmp_path / "inbox"
    folder.mkdir()
    monkeypatch.setenv("PAPERROUND_INBOX_FOLDER", str(folder))
    return folder


def installed(home: Path, server: MailServer, inbox: Path, people: str = PEOPLE) -> Installation:
    installation = Installation(home, server.port, people)
    installation.inbox = inbox
    return installation


def told(installation: Installation) -> str:
    return installation.errors.read_text()


def check(installation: Installation, server: MailServer, **papers: list[str]) -> None:
    """Each has had these papers, once; the log told no address, and of no fault of ours."""
    expected = {f"{name}@example.org": titles for name, titles in papers.items() if titles}
    recipients.check(server.messages, expected, twice=())
    assert "@example.org" not in told(installation)
    assert "Traceback" not in told(installation)


async def test_taking_in_on_a_full_disk_waits_for_room_and_who_leaves_may(
    tmp_path: Path, inbox: Path
) -> None:
    """F8: the daemon stays, says so once a look, and goes on without an operator."""
    with disk(tmp_path / "data", "size=4m") as data:
        async with MailServer() as server:
            installation = installed(tmp_path, server, inbox)
            async with installation.daemon() as process:
                installation.drop("2025-09-08.txt", daily("Sep 8", "One"))
                await installation.logged("delivery attempted", 3)
                assert ballast.Ballast(data).is_whole()
                filler = fill(data)
                installation.drop("2025-09-09.txt", daily("Sep 9", "Two"))
                await installation.logged("step refused", 2)
                code, _, complaint = await installation.command("subscribers", "remove", LEAVES)
                assert code == os.EX_OK, complaint
                filler.unlink()
                await arrived(server, 5)
                assert await stopped(process) == os.EX_OK
            check(installation, server, first=["One", "Two"], second=["One", "Two"], leaves=["One"])


async def test_status_says_that_the_disk_is_full(tmp_path: Path, inbox: Path) -> None:
    with disk(tmp_path / "data", "size=4m") as data:
        async with MailServer() as server:
            installation = installed(tmp_path, server, inbox)
            await installation.command("init")
            assert "is full" not in (await installation.command("status"))[1]
            fill(data)
            code, said, _ = await installation.command("status", "--strict")
            assert code == ALARM
            assert f"Something is wrong: the disk of {data} is full: make room" in said


async def test_a_disk_that_gets_full_while_sending_makes_no_mail_come_twice(
    tmp_path: Path, inbox: Path
) -> None:
    """F8: what was sent is noted on the ballast, so that it never comes twice."""
    names = [f"r{number:02}" for number in range(40)]
    people = "".join(subscriber(f"{name}@example.org") for name in names)
    with disk(tmp_path / "data", "size=4m") as data:
        async with SlowServer(0.1) as server:
            installation = installed(tmp_path, server, inbox, people)
            installation.drop("2025-09-08.txt", daily("Sep 8", "One"))
            async with installation.daemon() as process:
                await asyncio.wait_for(server.begun.wait(), 30)
                filler = fill(data)
                async with asyncio.timeout(60):  # the journal may have room for some, or for all
                    while len(server.messages) < 40 and "ledger busy" not in told(installation):
                        await asyncio.sleep(0.05)
                server.seconds = 0
                filler.unlink()
                await arrived(server, 40, patience=90)
                assert await stopped(process) == os.EX_OK
            check(installation, server, **{name: ["One"] for name in names})


async def test_who_leaves_on_a_full_disk_may_without_the_daemon_too(
    tmp_path: Path, inbox: Path
) -> None:
    """F8: the commands end with 75 and one line, but for the one that must not fail."""
    with disk(tmp_path / "data", "size=4m") as data:
        async with MailServer() as server:
            installation = installed(tmp_path, server, inbox)
            file = tmp_path / "2025-09-08.txt"
            file.write_text(daily("Sep 8", "One"))
            assert (await installation.command("init"))[0] == os.EX_OK
            assert (await installation.command("subscribers", "list"))[0] == os.EX_OK
            filler = fill(data)
            code, _, complaint = await installation.command("ingest", str(file))
            assert (code, complaint.count("\n")) == (os.EX_TEMPFAIL, 1), complaint
            code, _, complaint = await installation.command("subscribers", "remove", LEAVES)
            assert code == os.EX_OK, complaint
            filler.unlink()
            assert (await installation.command("ingest", str(file)))[0] == os.EX_OK
            assert (await installation.command("send"))[0] == os.EX_OK
            recipients.check(server.messages, {FIRST: ["One"], SECOND: ["One"]}, twice=())


async def test_without_inodes_it_is_as_with_a_full_disk(tmp_path: Path, inbox: Path) -> None:
    """F14."""
    with disk(tmp_path / "data", "size=8m", "nr_inodes=40") as data:
        async with MailServer() as server:
            installation = installed(tmp_path, server, inbox)
            async with installation.daemon() as process:
                await installation.logged("daemon started")
                fillers = list(used_up(data))
                installation.drop("2025-09-08.txt", daily("Sep 8", "One"))
                await installation.logged("step refused", 2)
                code, _, complaint = await installation.command("subscribers", "remove", LEAVES)
                assert code == os.EX_OK, complaint
                for filler in fillers:
                    filler.unlink()
                await arrived(server, 2)
                assert await stopped(process) == os.EX_OK
            check(installation, server, first=["One"], second=["One"])


def used_up(folder: Path) -> Iterator[Path]:
    for number in range(100):
        try:
            (folder / f"filler{number}").touch()
        except OSError:
            return
        yield folder / f"filler{number}"


async def test_a_disk_that_is_read_only_is_said_in_one_line_and_then_goes_on(
    tmp_path: Path, inbox: Path
) -> None:
    """F12: mounted read-only between two commands; while files are open no kernel allows it."""
    with disk(tmp_path / "data", "size=4m") as data:
        async with MailServer() as server:
            installation = installed(tmp_path, server, inbox)
            file = tmp_path / "2025-09-08.txt"
            file.write_text(daily("Sep 8", "One"))
            assert (await installation.command("ingest", str(file)))[0] == os.EX_OK
            remount(data, "ro")
            for words in (["run"], ["send"], ["ingest", str(file)]):
                code, _, complaint = await installation.command(*words)
                assert (code, complaint.count("\n")) == (os.EX_TEMPFAIL, 1), complaint
            assert server.messages == []
            remount(data, "rw")
            assert (await installation.command("send"))[0] == os.EX_OK
            recipients.check(server.messages, ONE_EACH, ())


async def test_a_log_that_cannot_be_written_never_stops_the_mail(
    tmp_path: Path, inbox: Path
) -> None:
    """F9, F77."""
    with disk(tmp_path / "logs", "size=64k") as logs:
        async with MailServer() as server:
            installation = installed(tmp_path, server, inbox)
            installation.errors = logs / "daemon.log"
            fill(logs)
            installation.drop("2025-09-08.txt", daily("Sep 8", "One"))
            async with installation.daemon() as process:
                await arrived(server, 3)
                assert await stopped(process) == os.EX_OK
            assert installation.errors.read_text() == ""
            recipients.check(server.messages, ONE_EACH, ())


async def test_an_archive_on_a_full_disk_keeps_no_mail_back(
    tmp_path: Path, inbox: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """F9: what was taken in is mailed; the file waits in the inbox until it can be moved."""
    with disk(tmp_path / "archive", "size=64k") as archive:
        monkeypatch.setenv("PAPERROUND_INBOX_ARCHIVE", str(archive))
        async with MailServer() as server:
            installation = installed(tmp_path, server, inbox)
            async with installation.daemon() as process:
                await installation.logged("daemon started")
                filler = fill(archive)
                installation.drop("2025-09-08.txt", daily("Sep 8", "One"))
                await installation.logged("step refused")
                await arrived(server, 3)
                filler.unlink()
                async with asyncio.timeout(30):
                    while any(inbox.iterdir()):
                        await asyncio.sleep(0.05)
                assert await stopped(process) == os.EX_OK
            check(installation, server, first=["One"], second=["One"], leaves=["One"])


@pytest.mark.parametrize("closed", ["2>&-", ">&- 2>&-", "<&- >&- 2>&-"])
async def test_closed_standard_streams_change_nothing(
    tmp_path: Path, inbox: Path, closed: str
) -> None:
    """F77: no store ever gets the number of a standard stream, where others write."""
    async with MailServer() as server:
        installation = installed(tmp_path, server, inbox)
        installation.drop("2025-09-08.txt", daily("Sep 8", "One"))
        shell = ["sh", "-c", f'exec "$@" {closed}', "sh", *installation.arguments("run")]
        process = await asyncio.create_subprocess_exec(*shell)
        try:
            await arrived(server, 3)
            links = [
                str(Path(f"/proc/{process.pid}/fd/{number}").readlink()) for number in range(3)
            ]
            assert links.count(os.devnull) >= closed.count("&-")
            assert await stopped(process) == os.EX_OK
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        assert (await installation.command("check"))[0] == os.EX_OK
        recipients.check(server.messages, ONE_EACH, ())


async def test_without_file_descriptors_it_waits_and_goes_on_when_it_has_some(
    tmp_path: Path, inbox: Path
) -> None:
    """F13: no crash, no spin; the limit is lowered under the running daemon, and raised again."""
    async with MailServer() as server:
        installation = installed(tmp_path, server, inbox)
        async with installation.daemon() as process:
            await installation.logged("daemon started")
            before = resource.prlimit(process.pid, resource.RLIMIT_NOFILE)
            resource.prlimit(process.pid, resource.RLIMIT_NOFILE, (3, before[1]))
            installation.drop("2025-09-08.txt", daily("Sep 8", "One"))
            await asyncio.sleep(4)
            assert process.returncode is None
            assert len(installation.events()) < 30
            assert server.messages == []
            resource.prlimit(process.pid, resource.RLIMIT_NOFILE, before)
            await arrived(server, 3)
            assert await stopped(process) == os.EX_OK
        check(installation, server, first=["One"], second=["One"], leaves=["One"])
