"""``paperround bounce`` and the daemon's postboxes: the real program, as a mail server meets it."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import stat
from contextlib import closing
from email import message_from_bytes, policy
from pathlib import Path

import pytest

from tests.installation import Installation, daily, stopped, subscriber
from tests.smtpd import MailServer
from worker.core.tokens import BOUNCE, REPLY, UNSUBSCRIBE, token
from worker.store import keys

STRAY = b"From: spam@example.com\nSubject: Win\n\nMoney\n"


class Office(Installation):
    """An installation that takes commands by mail."""

    def __init__(self, home: Path, port: int = 25) -> None:
        super().__init__(home, port, subscriber("reader@example.org", "diffusion"))
        config = home / "paperround.toml"
        text = config.read_text().replace("[mail]", '[mail]\ncommands = "cmd@example.org"')
        config.write_text(text)

    def address(self, purpose: str, number: int | None = None) -> str:
        """One that was made for the only subscriber, or for that delivery."""
        secret = keys.load(self.data / "keys.json")
        number = self.ask("select uid from subscriber") if number is None else number
        local = {BOUNCE: "b", REPLY: "cmd", UNSUBSCRIBE: "digest"}[purpose]
        return f"{local}+{token(secret.secret, secret.newest, purpose, number)}@example.org"

    def ask(self, question: str) -> int:
        with closing(sqlite3.connect(self.data / "ledger.db")) as ledger:
            (number,) = ledger.execute(question).fetchone()
            ledger.commit()
        return int(number)

    async def bounce(
        self, content: bytes, *words: str, **environ: str
    ) -> tuple[int | None, str, str]:
        """Pipe a mail into it, as a mail server does."""
        process = await asyncio.create_subprocess_exec(
            *self.arguments("bounce", *words),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env={**os.environ, **environ},
        )
        out, complaint = await process.communicate(content)
        return process.returncode, out.decode(), complaint.decode()


def mail(to: str, text: str = "") -> bytes:
    return f"From: x@example.net\nTo: {to}\nMessage-ID: <1@example.net>\n\n{text}\n".encode()


@pytest.fixture
async def here(tmp_path: Path) -> Office:
    office = Office(tmp_path)
    code, _, complaint = await office.command("init")
    assert code == 0, complaint
    return office


async def test_a_mail_from_standard_input_is_acted_on_once_whoever_it_says_it_is_from(
    here: Office,
) -> None:
    content = mail(here.address(REPLY), "pause 2 weeks")
    code, out, _ = await here.bounce(content)
    assert (code, out) == (0, "commands of subscriber 1 (pause): answered\n")
    code, out, _ = await here.bounce(content)
    assert (code, out) == (0, "commands of subscriber 1 (pause): known already\n")
    assert (await here.status())["planned"] == 1


async def test_the_envelope_names_the_recipient_where_the_mail_does_not(here: Office) -> None:
    recipient, content = here.address(UNSUBSCRIBE), mail("undisclosed-recipients:;")
    code, out, _ = await here.bounce(content, "--recipient", recipient)
    assert (code, out) == (0, "unsubscribed: subscriber 1\n")
    for name in ("ORIGINAL_RECIPIENT", "RECIPIENT"):
        code, out, _ = await here.bounce(content, **{name: recipient})
        assert (code, out) == (0, "unsubscribed: subscriber 1, known already\n")


async def test_files_are_read_one_after_the_other(here: Office, tmp_path: Path) -> None:
    for name, text in (("one", "rules"), ("two", "pause 1 week")):
        (tmp_path / name).write_bytes(mail(here.address(REPLY), text))
    code, out, _ = await here.command("bounce", str(tmp_path / "one"), str(tmp_path / "two"))
    assert (code, out.count("answered")) == (0, 2)
    _, shown, _ = await here.command("subscribers", "list")
    assert "paused until" in shown


async def test_what_makes_no_sense_is_kept_once_for_a_person_and_not_bounced(here: Office) -> None:
    for _ in range(2):
        code, out, _ = await here.bounce(STRAY)
        assert code == 0
        assert out.startswith("not understood: ")
    (kept,) = (here.data / "returned" / "new").iterdir()
    assert kept.read_bytes() == STRAY
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    kept.rename(here.data / "returned" / "cur" / f"{kept.name}:2,S")
    await here.bounce(STRAY)
    assert list((here.data / "returned" / "new").iterdir()) == []


async def test_a_mail_of_any_size_is_taken_from_the_server(here: Office) -> None:
    code, out, _ = await here.bounce(STRAY + b"x" * 5_000_000)
    assert (code, out[:14]) == (0, "not understood")


async def test_whatever_is_wrong_here_the_mail_server_tries_again(
    here: Office, tmp_path: Path
) -> None:
    content = mail(here.address(REPLY), "rules")
    for wrong in ("[mail]\nfrom = 1\n", None):
        if wrong:
            (tmp_path / "paperround.toml").write_text(wrong)
        else:
            (tmp_path / "paperround.toml").write_text("")
            (here.data / "ledger.db").rename(here.data / "elsewhere.db")
        code, _, complaint = await here.bounce(content)
        assert code == os.EX_TEMPFAIL
        assert complaint.startswith("paperround: ")


async def test_beside_the_daemon_it_answers_and_a_bounce_finds_its_delivery(tmp_path: Path) -> None:
    async with MailServer() as server:
        office = Office(tmp_path, server.port)
        async with office.daemon() as process:
            await office.logged("daemon started")
            office.drop("2025-09-08.txt", daily("2025-09-08", "Diffusion for all"))
            await office.logged("delivery attempted")
            dsn = mail(office.address(BOUNCE, 1)).replace(
                b"Message-ID", b"Subject: failure notice\nMessage-ID"
            )
            text = b"Hi. This is the qmail-send program at example.net.\n\n"
            text += b"<reader@example.org>:\n550 5.1.1 no such user\n"
            code, out, complaint = await office.bounce(dsn + text)
            assert (code, out) == (0, "a bounce of delivery 1\n"), complaint
            assert await stopped(process) == os.EX_OK
        assert (await office.status())["failed"] == 1


async def test_without_a_daemon_each_send_empties_the_postbox_first(here: Office) -> None:
    here.configure('\n[returns]\nmbox = "mail"\n')
    content = b"From x@example.net Mon Sep  8 08:00:00 2025\n" + mail(here.address(UNSUBSCRIBE))
    (here.data / "mail").write_bytes(content + b"\n")
    assert (await here.command("send"))[0] == 0
    assert (await here.status())["active"] == 0


async def test_the_daemon_empties_its_postbox_and_sends_the_answer(tmp_path: Path) -> None:
    async with MailServer() as server:
        office = Office(tmp_path, server.port)
        office.configure('\n[returns]\nmaildir = "mail"\n')
        assert (await office.command("init"))[0] == 0
        box = office.data / "mail"
        for name in ("tmp", "new", "cur"):
            (box / name).mkdir(parents=True)
        (box / "new" / "1.wish").write_bytes(mail(office.address(REPLY), "pause 2 weeks"))
        (box / "new" / "2.stray").write_bytes(STRAY)
        async with office.daemon() as process:
            await office.logged("delivery attempted")
            assert await stopped(process) == os.EX_OK
        assert sorted(path.name for path in (box / "cur").iterdir()) == [
            "1.wish:2,S",
            "2.stray:2,FS",
        ]
        (answer,) = server.messages
        headers = message_from_bytes(answer.content, policy=policy.default)
        assert headers["Subject"].startswith("Paper Round: Paused until ")
        assert headers["In-Reply-To"] == "<1@example.net>"
