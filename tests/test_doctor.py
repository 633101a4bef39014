"""``init --dkim`` and ``doctor``, through the real command line."""

from __future__ import annotations

import contextlib
import json
import os
import re
import socket
import subprocess
from email import message_from_bytes
from pathlib import Path
from typing import Any

import pytest

from tests.certificates import certified
from tests.installation import Installation, daily, subscriber
from tests.rawsmtp import HOST
from tests.signing import verdicts
from tests.smtpd import MailServer
from worker.cli.main import run
from worker.store import ballast

ON = '\n[dkim]\nselector = "paperround"\n'


class Here(Installation):
    """An installation whose commands are run in this process, or beside a server in the test."""

    port: int
    capture: pytest.CaptureFixture[str]

    def __call__(self, *words: str, code: int = 0) -> tuple[str, str]:
        self.capture.readouterr()
        ended = run(self.arguments(*words)[3:])
        printed = self.capture.readouterr()
        return _good(ended, printed.out, printed.err, code)

    async def beside(self, *words: str, code: int = 0) -> tuple[str, str]:
        return _good(*await self.command(*words), code)

    def json(self, *words: str, code: int = 0) -> Any:
        return json.loads(self("doctor", "--json", *words, code=code)[0])


def _good(ended: int, out: str, complaint: str, code: int) -> tuple[str, str]:
    assert ended == code, complaint
    assert "Traceback" not in complaint
    assert "PRIVATE" not in out + complaint
    return out, complaint


@pytest.fixture
def here(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Here:
    """An installation whose mail server is not there."""
    for name in [name for name in os.environ if name.startswith("PAPERROUND")]:
        monkeypatch.delenv(name)
    with socket.socket() as held:
        held.bind((HOST, 0))
        port = held.getsockname()[1]
    here = Here(tmp_path / "home", port)
    here.port, here.capture = port, capsys
    return here


def name_server(here: Here, port: int, *lines: str) -> None:
    """Let a server on this machine be the mail server, and mail be signed."""
    file = here.home / "paperround.toml"
    smtp = ["[smtp]", f'host = "{HOST}"', f"port = {port}", *lines, ON]
    file.write_text(file.read_text().partition("[smtp]")[0] + "\n".join(smtp))


def zone(text: str) -> dict[str, str]:
    """The TXT records in what was printed, as a name server would give them."""
    found = re.findall(r"(?m)^(\S+)\. \d+ IN TXT (.*)$", text)
    return {name: "".join(re.findall(r'"([^"]*)"', strings)) for name, strings in found}


# --- keys


def test_init_makes_both_keys_for_their_owner_only_and_says_what_comes_next(here: Here) -> None:
    out, _ = here("init", "--dkim")
    for name in ("dkim-rsa.pem", "dkim-ed25519.pem"):
        file = here.data / name
        assert file.stat().st_mode & 0o777 == 0o600
        assert file.read_bytes().startswith(b"-----BEGIN PRIVATE KEY-----")
        assert f"made  {file}" in out
    assert 'selector = "paperround" under [dkim]' in out
    assert "paperround doctor" in out
    assert [left.name for left in here.data.glob(".*")] == [ballast.NAME]


def test_init_never_writes_over_a_key(here: Here) -> None:
    (here.data / "dkim-rsa.pem").write_text("mine")
    here("init", "--dkim")
    made = (here.data / "dkim-ed25519.pem").read_bytes()
    out, _ = here("init", "--dkim")
    assert f"kept  {here.data / 'dkim-ed25519.pem'}" in out
    assert (here.data / "dkim-rsa.pem").read_text() == "mine"
    assert (here.data / "dkim-ed25519.pem").read_bytes() == made


def test_init_makes_the_keys_that_the_configuration_names_already(here: Here) -> None:
    here.configure(f'{ON}rsa_key = "keys/rsa.pem"\ned25519_key = ""\n')
    _, complaint = here("check", code=os.EX_CONFIG)
    assert "keys/rsa.pem: no such file; `paperround init --dkim` makes it" in complaint
    out, _ = here("init", "--dkim")
    assert [file.name for file in here.data.rglob("*.pem")] == ["rsa.pem"]
    assert "selector =" not in out
    assert "configuration: good" in here("check")[0]


def test_init_without_dkim_makes_no_key(here: Here) -> None:
    here("init")
    assert not list(here.data.glob("*.pem"))


# --- records


async def test_mail_that_is_sent_verifies_by_the_records_that_doctor_prints(here: Here) -> None:
    (here.home / "subscribers.toml").write_text(subscriber("ann@example.net", "*"))
    here.drop("2025-09-08.txt", daily("Sep 8", "One paper", "Another paper"))
    async with MailServer() as server:
        name_server(here, server.port, 'tls = "none"')
        await here.beside("init", "--dkim")
        await here.beside("ingest", str(here.inbox / "2025-09-08.txt"))
        await here.beside("send", "--now", "2025-09-08T12:00Z")
        printed, _ = await here.beside("doctor")
    (message,) = server.messages
    assert verdicts(message.content, zone(printed)) == [True, True]
    signed = message_from_bytes(message.content).get_all("DKIM-Signature") or []
    assert all("list-unsubscribe-post" in one for one in signed)


def test_doctor_prints_every_record_as_a_line_of_a_zone_file(here: Here) -> None:
    here("init", "--dkim")
    here.configure(ON)
    out, complaint = here("doctor", "--offline")
    assert list(zone(out)) == [
        "example.org",
        "paperround-rsa._domainkey.example.org",
        "paperround-ed25519._domainkey.example.org",
        "_dmarc.example.org",
    ]
    assert "example.org. 3600 IN MX 10 " in out
    assert "nothing was looked up" in out
    assert "mail server 127.0.0.1" in out
    assert "not asked" in out
    assert "warning: [mail] from is still that of the example" in complaint


def test_doctor_gives_the_same_as_json(here: Here) -> None:
    here("init", "--dkim")
    here.configure(ON)
    told = here.json("--offline")
    assert list(told) == ["warnings", "servers", "looked_up", "records", "notes", "postboxes"]
    assert told["looked_up"] is False
    assert told["servers"] == [
        {"host": HOST, "port": here.port, "tls": "none", "login": False}
        | {"asked": False, "trouble": None}
    ]
    assert [record["type"] for record in told["records"]] == ["TXT"] * 4 + ["MX"]
    out, _ = here("doctor", "--offline")
    assert all(f"\n{record['zone_line']}\n" in out for record in told["records"])


def test_on_a_terminal_there_is_a_table_too_in_which_nothing_is_cut(here: Here) -> None:
    here("init", "--dkim")
    here.configure(ON)
    terminal, ours = os.openpty()
    shown = ""
    with subprocess.Popen(here.arguments("doctor", "--offline"), stdout=ours, stderr=ours) as it:
        os.close(ours)
        with contextlib.suppress(OSError):  # Linux says EIO when the other end is closed
            while piece := os.read(terminal, 65536):
                shown += piece.decode()
    os.close(terminal)
    assert it.returncode == 0
    table = re.sub(r"\x1b\[[0-9;]*m", "", shown).partition("as lines of a zone file")[0]
    assert "type" in table
    assert "…" not in table
    assert list(zone(shown.replace("\r\n", "\n"))) == list(zone(here("doctor", "--offline")[0]))


def test_doctor_says_that_nothing_signs_and_how_it_would(here: Here) -> None:
    out, _ = here("doctor", "--offline")
    assert "note: DKIM: mail is not signed here" in out
    assert "_domainkey" not in out


# --- configuration and servers


def test_doctor_refuses_what_check_refuses(here: Here) -> None:
    (here.home / "subscribers.toml").write_text("[[subscriber]]\n")
    here.configure("\n[dkmi]\n")
    for words in (("doctor",), ("doctor", "--json"), ("doctor", "--offline")):
        out, complaint = here(*words, code=os.EX_CONFIG)
        assert out == ""
        assert "did you mean dkim?" in complaint
        assert "subscribers.toml:1: " in complaint


def test_doctor_refuses_a_broken_key_without_showing_it(here: Here) -> None:
    here("init", "--dkim")
    here.configure(ON)
    file = here.data / "dkim-rsa.pem"
    secret = file.read_text()
    file.write_text(secret[:400])
    _, complaint = here("doctor", code=os.EX_CONFIG)
    assert "dkim-rsa.pem: holds no private key in PEM" in complaint
    assert secret.splitlines()[1] not in complaint


async def test_a_server_that_takes_us_is_one_line_and_gets_no_mail(here: Here) -> None:
    async with MailServer() as server:
        name_server(here, server.port, 'tls = "none"')
        await here.beside("init", "--dkim")
        out, _ = await here.beside("doctor")
    line = f"mail server {HOST}:{server.port} (no TLS, on this machine): takes us"
    assert line in out.splitlines()
    assert (server.messages, server.connections) == ([], 1)


@pytest.mark.parametrize(
    ("password", "code", "says"),
    [
        ("correct horse", 0, "takes us"),
        ("open sesame", os.EX_UNAVAILABLE, "does not take us: AUTH: 535 "),
    ],
)
async def test_a_server_takes_us_with_the_right_password_which_is_not_shown(
    here: Here, tmp_path: Path, password: str, code: int, says: str
) -> None:
    good = certified(tmp_path, HOST)
    (here.data / "password").write_text(password)
    login = ['username = "letters"', 'password_file = "password"', f'ca_file = "{good.ca_file}"']
    async with MailServer(tls=good.context, login=("letters", "correct horse")) as server:
        name_server(here, server.port, *login)
        await here.beside("init", "--dkim")
        out, complaint = await here.beside("doctor", code=code)
    assert f"mail server {HOST}:{server.port} (STARTTLS, with a login): {says}" in out
    assert password not in out + complaint


def test_a_server_that_is_not_there_is_told_and_the_records_all_the_same(here: Here) -> None:
    out, complaint = here("doctor", code=os.EX_UNAVAILABLE)
    assert f"mail server {HOST}:{here.port} (no TLS, on this machine): does not take us: " in out
    assert "v=DMARC1" in out
    assert complaint.splitlines()[-1] == "paperround: 1 of 1 mail servers do not take us"
    told = here.json(code=os.EX_UNAVAILABLE)
    assert told["servers"][0]["trouble"].startswith("connect: ")
    here.json("--offline")


async def test_a_maildir_that_is_not_there_is_told(here: Here) -> None:
    async with MailServer() as server:
        name_server(here, server.port, 'tls = "none"', "[returns]", 'maildir = "back"')
        await here.beside("init", "--dkim")
        said, complaint = await here.beside("doctor", code=os.EX_UNAVAILABLE)
        assert "mail that comes back (maildir): " in said
        assert "back: this Maildir cannot be used: No such file or directory" in said
        assert "mail that comes back is not seen: maildir" in complaint
        for name in ("new", "cur", "tmp"):
            (here.data / "back" / name).mkdir(parents=True)
        assert "(maildir): can be looked at" in (await here.beside("doctor"))[0]
