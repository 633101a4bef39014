"""``subscribers invite``: the operator asks, and only the yes of the address itself counts."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.desk import links
from tests.installation import Installation, stopped
from tests.returning import text_of
from tests.smtpd import MailServer
from tests.test_daemon import arrived
from worker.cli.main import run

SITE = '\n[web]\nlisten = "127.0.0.1:0"\n'


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Installation:
    for name in [name for name in os.environ if name.startswith("PAPERROUND")]:
        monkeypatch.delenv(name)
    made = Installation(tmp_path, 25)
    made.configure(SITE)
    return made


def say(here: Installation, *words: str, code: int = os.EX_OK) -> None:
    """Run the command."""
    assert run(here.arguments("subscribers", *words)[3:]) == code


async def test_who_is_invited_beside_the_daemon_is_mailed_a_confirmation(tmp_path: Path) -> None:
    async with MailServer() as server:
        here = Installation(tmp_path, server.port)
        here.configure(SITE)
        async with here.daemon() as process:
            await here.logged("daemon started")
            said = await here.here("subscribers", "invite", "ann@x.org", "--rule", "secret")
            assert said == "ann@x.org: to be asked by mail; it has two days to confirm\n"
            await arrived(server, 1)
            assert await stopped(process) == os.EX_OK
    (mail,) = server.messages
    assert mail.rcpt_tos == ("ann@x.org",)
    assert links(mail, "c")
    assert "secret" not in text_of(mail)
    assert "network" not in text_of(mail)


def test_who_may_not_be_invited_is_said_with_the_reason(
    here: Installation, capsys: pytest.CaptureFixture[str]
) -> None:
    say(here, "invite", "ann@x.org", "--rule", "a")
    say(here, "invite", "Ann@x.org", "--rule", "b", code=os.EX_TEMPFAIL)
    assert "Ann@x.org: was asked a short while ago" in capsys.readouterr().err
    say(here, "invite", "postmaster@x.org", "--rule", "a", code=os.EX_DATAERR)
    assert "no reader" in capsys.readouterr().err
    assert run(here.arguments("suppress", "bob@x.org")[3:]) == os.EX_OK
    say(here, "invite", "bob@x.org", "--rule", "a", code=os.EX_DATAERR)
    assert "unsuppress bob@x.org" in capsys.readouterr().err


def test_without_a_site_nobody_is_invited(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    say(Installation(tmp_path, 25), "invite", "ann@x.org", "--rule", "a", code=os.EX_CONFIG)
    assert "[web] listen" in capsys.readouterr().err
