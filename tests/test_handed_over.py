"""Mail that comes back, handed over by Postfix with the lines that README.md tells."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import pwd
import re
import smtplib
import sqlite3
import ssl
import sys
import tempfile
import textwrap
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.installation import Installation, daily, subscriber
from tests.postfix import WHY_NOT, Postfix
from tests.rawsmtp import HOST
from tests.smtpd import MailServer
from tests.test_relay import read

pytestmark = pytest.mark.skipif(bool(WHY_NOT), reason=WHY_NOT)

ROOT = Path(__file__).parent.parent
PYTHONS = (sys.executable, f"/usr/bin/python{sys.version_info[0]}.{sys.version_info[1]}")
"""The second is for everybody, where the first lies in somebody's home."""

PACKAGES = ":".join(path for path in sys.path if path.endswith("site-packages"))
USER = "nobody"
"""Who owns the data folder. Postfix runs nothing as root, nor as its own user."""

ANN, BEN, CLO = "ann@example.net", "ben@example.net", "clo@example.net"
GONE = "reader@gone.example.com"
MESSAGE_ID = "<answer@example.net>"
CONFIG = """
[mail]
from = "Paper Round <digest@example.org>"
base_url = "https://papers.example.org"
bounce_domain = "bounce.example.org"
commands = "digest@example.org"

[smtp]
host = "127.0.0.1"
port = {port}
ca_file = "{ca_file}"
"""


class Handed(Installation):
    """An installation whose folder is nobody's, with a program that Postfix can run as him."""

    def __init__(self, place: Path) -> None:
        self.program = place / "paperround"
        self.python = sys.executable
        super().__init__(place / "home", 25)

    def install(self, lines: str = "") -> None:
        """What is installed from now on: these lines of shell, else the program."""
        lines = lines or f'cd {ROOT} && PYTHONPATH={PACKAGES} exec {self.python} -m worker "$@"'
        beside = self.program.with_suffix(".new")
        beside.write_text(f"#!/bin/sh\n{lines}\n")
        beside.chmod(0o755)
        beside.replace(self.program)

    def furnish(self, port: int, ca_file: str, *people: str) -> None:
        """Its configuration, and the folder in the hands of its owner alone."""
        config = CONFIG.format(port=port, ca_file=ca_file)
        (self.data / "paperround.toml").write_text(config)
        (self.data / "subscribers.toml").write_text("".join(map(subscriber, people)))
        self.data.chmod(0o700)
        for path in (self.home, self.data, *self.data.iterdir()):
            os.chown(path, *_ids())

    async def run(self, *words: str) -> str:
        """Run a command as its owner, which goes well; give what it printed."""
        process = await asyncio.create_subprocess_exec(
            *(str(self.program), "--data", str(self.data), *words),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            user=_ids()[0],
            group=_ids()[1],
            extra_groups=[],
        )
        out, complaint = await process.communicate()
        assert process.returncode == os.EX_OK, complaint.decode()
        return out.decode()

    def ask(self, question: str) -> list[str]:
        """What the ledger answers, row by row."""
        with contextlib.closing(sqlite3.connect(self.data / "ledger.db")) as ledger:
            return [str(answer) for (answer,) in ledger.execute(question)]

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Its ledger, as long as somebody else writes it."""
        with contextlib.closing(sqlite3.connect(self.data / "ledger.db", timeout=10)) as ledger:
            ledger.isolation_level = None
            ledger.execute("BEGIN IMMEDIATE")
            yield
            ledger.execute("ROLLBACK")


def _ids() -> tuple[int, int]:
    owner = pwd.getpwnam(USER)
    return owner.pw_uid, owner.pw_gid


def told(here: Handed) -> dict[str, str]:
    """The lines of README.md by their file, made of this installation."""
    block = re.search(r"hands them over:\n\n((?: {4}.*\n)+)", (ROOT / "README.md").read_text())
    assert block
    lines = textwrap.dedent(block[1])
    for theirs, ours in {
        "/etc/postfix": "$config_directory",
        "user=paperround": f"user={USER}",
        "/usr/local/bin/paperround": str(here.program),
        "/var/lib/paperround": str(here.data),
    }.items():
        assert theirs in lines
        lines = lines.replace(theirs, ours)
    _, *parts = re.split(r"^# (?:.*/)?([\w.]+).*\n", lines, flags=re.MULTILINE)
    return dict(zip(parts[::2], parts[1::2], strict=True))


@asynccontextmanager
async def office(*people: str) -> AsyncIterator[tuple[Handed, Postfix]]:
    """An installation and its Postfix, a day's digests sent to these people."""
    # Not below pytest's own folder: nobody but its owner gets in there.
    with tempfile.TemporaryDirectory(prefix="paperround-", ignore_cleanup_errors=True) as folder:
        place = Path(folder)
        place.chmod(0o755)
        here = Handed(place)
        lines = told(here)
        more = lines["main.cf"].replace("inline:", "texthash:$config_directory/onward inline:")
        async with (
            MailServer(to_recipients={GONE: f"550 5.1.1 <{GONE}>: no such user here"}) as far,
            Postfix(
                mailboxes=[ANN, BEN, CLO],
                onward={"gone.example.com": far.port},
                more=f"mydestination = example.org\n{more}",
                services=lines["master.cf"],
                files={"paperround": lines["paperround"]},
            ) as postfix,
        ):
            here.furnish(postfix.port, postfix.ca_file, *people)
            await _install(here)
            file = place / "today.txt"
            file.write_text(daily(f"{datetime.now(UTC):%Y-%m-%d}", "Diffusion for all"))
            await here.run("ingest", str(file))
            assert json.loads(await here.run("send", "--json"))["sent"] == len(people)
            yield here, postfix


async def _install(here: Handed) -> None:
    for here.python in PYTHONS:
        here.install()
        with contextlib.suppress(AssertionError):
            await here.run("--version")
            return
    pytest.skip(f"{USER} may not read the interpreter, or what is installed for it")


async def hand_in(postfix: Postfix, sender: str, *to: str, text: str = "") -> None:
    """Somebody writes to these addresses, which only the envelope names."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Message-ID"] = sender, "digest@example.org", MESSAGE_ID
    mail.set_content(text)
    await asyncio.to_thread(_hand_in, postfix, mail, to)


def _hand_in(postfix: Postfix, mail: EmailMessage, to: Sequence[str]) -> None:
    with smtplib.SMTP(HOST, postfix.port, timeout=30) as smtp:
        smtp.starttls(context=ssl.create_default_context(cafile=postfix.ca_file))
        smtp.send_message(mail, to_addrs=to)


async def digest(postfix: Postfix, reader: str) -> EmailMessage:
    """The one that a reader has."""
    (delivered,) = await postfix.arrived(reader)
    return read(delivered)


async def leave_address(postfix: Postfix, reader: str) -> str:
    """Where a mail unsubscribes him, by his digest."""
    found = re.search(r"<(mailto:[^>]+)>", (await digest(postfix, reader))["List-Unsubscribe"])
    assert found
    return urlsplit(found[1]).path


async def test_a_bounce_wishes_to_leave_and_a_command_come_to_their_end() -> None:
    async with office(ANN, BEN, GONE, CLO) as (here, postfix):
        leaving = [await leave_address(postfix, reader) for reader in (ANN, CLO)]
        await hand_in(postfix, ANN, *leaving)
        answering = (await digest(postfix, BEN))["Reply-To"]
        await hand_in(postfix, BEN, answering, text="pause 2 weeks")
        with pytest.raises(smtplib.SMTPRecipientsRefused):
            await hand_in(postfix, BEN, "somebody@bounce.example.org")
        for what in (
            "a bounce of delivery 3",
            "unsubscribed: subscriber 1",
            "unsubscribed: subscriber 4",
            "commands of subscriber 2 (pause): answered",
        ):
            await postfix.logged(f"(delivered via paperround service ({what}))")
        assert here.ask("select state from delivery order by id") == [
            *("sent", "sent", "failed", "sent", "planned")
        ]
        assert here.ask("select address from subscriber where state = 'active'") == [BEN, GONE]
        assert json.loads(await here.run("send", "--json"))["sent"] == 1
        _, answer = await postfix.arrived(BEN, 2)
        assert len(postfix.lying(ANN)) == 1
    assert read(answer)["In-Reply-To"] == MESSAGE_ID
    assert str(read(answer)["Subject"]).startswith("Paper Round: Paused until ")


async def test_whatever_keeps_the_program_from_its_work_postfix_keeps_the_mail() -> None:
    """A program that cannot even begin, then a ledger that somebody else writes all the time."""
    async with office(BEN) as (here, postfix):
        here.install("echo No module named worker >&2; exit 1")
        answering = (await digest(postfix, BEN))["Reply-To"]
        await hand_in(postfix, BEN, answering, text="pause 2 weeks")
        await postfix.logged("status=SOFTBOUNCE (Command died with status 1")
        with here.locked():
            here.install()
            await postfix.logged("status=deferred (temporary failure. Command output: paperround: ")
            assert "stayed locked by another process" in postfix.log()
        await postfix.logged("status=sent (delivered via paperround service (commands of")
        assert here.ask("select count(*) from delivery where state = 'planned'") == ["1"]
