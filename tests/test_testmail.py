"""`send --test-to` and `preview --open`: looked at before anybody is mailed."""

from __future__ import annotations

import os
import re
import shlex
import sqlite3
from contextlib import closing
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest

from tests.installation import Installation, daily
from tests.smtpd import MailServer, Received
from worker.cli.browsing import has_desktop

ADD = ("subscribers", "add", "a@example.org", "--rule", "gate", "--schedule", "immediately")


async def with_papers(tmp_path: Path, port: int) -> Installation:
    installation = Installation(tmp_path, port)
    installation.configure('\n[web]\nlisten = "127.0.0.1:0"\n')
    await installation.here(*ADD)
    file = tmp_path / "2025-09-08.txt"
    file.write_text(daily("Sep 8", "One gate", "Two sheep"))
    await installation.here("ingest", str(file))
    return installation


def ledger(installation: Installation) -> list[str]:
    """All that the ledger holds."""
    with closing(sqlite3.connect(installation.data / "ledger.db")) as connection:
        return list(connection.iterdump())


def read(message: Received) -> EmailMessage:
    return message_from_bytes(message.content, policy=policy.default)


async def test_a_test_goes_to_its_address_only_and_nothing_is_recorded(tmp_path: Path) -> None:
    async with MailServer() as server:
        installation = await with_papers(tmp_path, server.port)
        before = ledger(installation)
        to = ("send", "--test-to", "me@example.org")
        assert "is on its way to me@example.org" in await installation.here(*to)
        await installation.here(*to, "--subscriber", "a@example.org")
        assert ledger(installation) == before
        sample, his = map(read, server.messages)
        assert server.recipients == ["me@example.org"] * 2
        assert sample["Subject"].startswith("[Test] ")
        assert his["Subject"].startswith("[Test] ")
        assert his["To"] == "me@example.org"
        body = his.get_body(("plain",))
        text = body.get_content().replace("*", "") if body else ""
        assert ("One gate" in text, "Two sheep" in text) == (True, False)
        await installation.here("send")
        real = read(server.messages[2])
        assert real["To"] == "a@example.org", "he is mailed as if there had been no test"
        assert "[Test]" not in real["Subject"]
        assert len({sample["Message-ID"], his["Message-ID"], real["Message-ID"]}) == 3
        link = real["List-Unsubscribe"].partition(">")[0].rpartition("/")[2]
        for test in server.messages[:2]:
            assert link.encode() not in test.content, "whoever gets a test cannot unsubscribe him"


async def test_a_subscriber_who_is_sent_a_test_has_his_own_links_in_it(tmp_path: Path) -> None:
    async with MailServer() as server:
        installation = await with_papers(tmp_path, server.port)
        await installation.here("send", "--test-to", "a@example.org")
        await installation.here("send")
        test, real = (read(one)["List-Unsubscribe"] for one in server.messages)
        assert test == real


async def test_nobody_who_is_gone_is_sent_a_test_and_a_no_is_told(tmp_path: Path) -> None:
    async with MailServer(to_recipients={"bob@x.org": "550 5.1.1 no such user"}) as server:
        installation = await with_papers(tmp_path, server.port)
        await installation.here("suppress", "eve@example.org")
        await installation.here("subscribers", "remove", "a@example.org")
        for address in ("eve@example.org", "a@example.org"):
            code, _, complaint = await installation.command("send", "--test-to", address)
            assert code == os.EX_DATAERR
            assert "never to be mailed" in complaint
        before = ledger(installation)
        code, _, complaint = await installation.command("send", "--test-to", "bob@x.org")
        assert (code, "550 5.1.1 no such user" in complaint) == (os.EX_TEMPFAIL, True)
        code, _, _ = await installation.command("send", "--test-to", "no address")
        assert code == os.EX_DATAERR
        for wrong in (("--subscriber", "a@example.org"), ("--test-to", "b@x.org", "--json")):
            code, _, complaint = await installation.command("send", *wrong)
            assert (code, "--test-to goes with" in complaint) == (os.EX_USAGE, True)
        assert ledger(installation) == before
        assert server.recipients == []


async def test_a_preview_is_shown_in_the_browser_that_is_set(tmp_path: Path) -> None:
    installation = await with_papers(tmp_path, 1)
    seen = tmp_path / "seen"
    browser = tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\ncp "${{1#file://}}" {shlex.quote(str(seen))}\n')
    browser.chmod(0o700)
    code, out, complaint = await installation.command(
        "preview", "a@example.org", "--open", BROWSER=str(browser), TMPDIR=str(tmp_path)
    )
    assert (code, complaint) == (os.EX_OK, "")
    page = Path(out.strip().removeprefix("opened "))
    assert page.parent.stat().st_mode & 0o777 == 0o700
    assert seen.read_bytes() == page.read_bytes()
    await installation.here("preview", "a@example.org", "--out", str(tmp_path / "out"))
    (written,) = (tmp_path / "out").glob("*.html")
    passes = re.compile(r"/[pd]/[\w-]{40}")  # of a moment each
    assert passes.sub("", page.read_text()) == passes.sub("", written.read_text())


async def test_without_a_desktop_the_path_is_said(tmp_path: Path) -> None:
    installation = await with_papers(tmp_path, 1)
    await installation.here("subscribers", "set", "a@example.org", "--plain")
    none = {"BROWSER": "", "DISPLAY": "", "WAYLAND_DISPLAY": "", "TMPDIR": str(tmp_path)}
    code, out, _ = await installation.command("preview", "a@example.org", "--open", **none)
    assert code == os.EX_OK
    assert "One gate" in Path(out.strip()).read_text().replace("*", "")
    assert out.strip().endswith("/preview.txt")
    broken = none | {"BROWSER": "no 'command"}
    code, out, _ = await installation.command("preview", "a@example.org", "--open", **broken)
    assert (code, out.strip().endswith("/preview.txt")) == (os.EX_OK, True)
    both = ("--open", "--out", "x")
    code, _, complaint = await installation.command("preview", "a@example.org", *both)
    assert (code, "either" in complaint) == (os.EX_USAGE, True)


@pytest.mark.parametrize(
    ("environ", "platform", "has"),
    [
        ({}, "linux", False),
        ({"DISPLAY": ":0"}, "linux", True),
        ({"WAYLAND_DISPLAY": "wayland-0"}, "linux", True),
        ({"DISPLAY": ""}, "linux", False),
        ({}, "darwin", True),
    ],
)
def test_a_desktop_is_known_by_its_display(
    environ: dict[str, str], platform: str, has: bool
) -> None:
    assert has_desktop(environ, platform) is has
