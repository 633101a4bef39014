"""The program with its ledger on PostgreSQL, from the command line."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from tests import postgres
from tests.installation import Installation, daily, stopped, subscriber
from tests.postgres import Postgres
from tests.smtpd import MailServer
from tests.test_daemon import arrived


@pytest.fixture(scope="module")
def pg() -> Postgres:
    return postgres.running()


def url(pg: Postgres, name: str, port: int | None = None) -> str:
    return f"postgresql://postgres@127.0.0.1:{port or pg.port}/{name}"


def on_postgres(home: Path, ledger: str, port: int = 9) -> Installation:
    installation = Installation(home, port, subscriber("all@example.org"))
    installation.configure(f'\n[store]\nledger = "{ledger}"\n')
    return installation


def left_in(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def unheard() -> socket.socket:
    """A port that is taken, and nobody listens on it."""
    taken = socket.socket()
    taken.bind(("127.0.0.1", 0))
    return taken


async def test_a_day_is_delivered_while_the_server_crashes_between_and_amid(
    pg: Postgres, tmp_path: Path
) -> None:
    """F70, the whole program: two files, two mails, each paper once."""
    pg.empty("daemon")
    async with MailServer() as server:
        installation = on_postgres(tmp_path, url(pg, "daemon"), server.port)
        async with installation.daemon() as process:
            await installation.logged("daemon started")
            installation.drop("2025-09-08.txt", daily("Sep 8", "A first paper"))
            await arrived(server, 1)
            pg.stop()
            installation.drop("2025-09-09.txt", daily("Sep 9", "A second paper"))
            await installation.logged("step refused")
            assert process.returncode is None
            pg.start()
            await arrived(server, 2)
            await installation.logged("delivery attempted", 2)
            assert await stopped(process) == os.EX_OK
        assert set(server.recipients) == {"all@example.org"}
        assert (await installation.status())["sent"] == 2
    bodies = [message.content.decode() for message in server.messages]
    assert [("A first paper" in body, "A second paper" in body) for body in bodies] == [
        (True, False),
        (False, True),
    ]
    assert not (installation.data / "ledger.db").exists()
    logs = installation.errors.read_text()
    assert "@example.org" not in logs
    assert "Traceback" not in logs


async def test_commands_work_beside_the_daemon_and_without_it(pg: Postgres, tmp_path: Path) -> None:
    pg.empty("commands")
    installation = on_postgres(tmp_path, url(pg, "commands"))
    code, said, _ = await installation.command("init")
    assert (code, "ready" in said) == (os.EX_OK, True)
    assert (await installation.command("check"))[0] == os.EX_OK
    added = await installation.command("subscribers", "add", "b@example.org", "--rule", "*")
    assert added[0] == os.EX_OK, added
    async with installation.daemon() as process:
        await installation.logged("daemon started")
        paused = await installation.command("subscribers", "remove", "b@example.org")
        assert paused[0] == os.EX_OK, paused
        assert await stopped(process) == os.EX_OK
    assert " gone removed " in (installation.data / "gone.log").read_text()
    states = pg.ask("SELECT string_agg(state, ',' ORDER BY id) FROM subscriber", "commands")
    assert states.split(",")[0] == "active"
    assert "active" not in states.split(",")[1]


@pytest.mark.parametrize("command", ["init", "run", "send", "check", "status"])
async def test_a_database_that_is_not_reached_aborts_with_one_line_and_changes_nothing(
    pg: Postgres, tmp_path: Path, command: str
) -> None:
    """F74."""
    with unheard() as taken:
        ledger = url(pg, "x", taken.getsockname()[1]).replace("postgres@", "postgres:hunter2@")
        installation = on_postgres(tmp_path, ledger)
        before = left_in(tmp_path)
        code, _, complaint = await installation.command(command)
    assert code == os.EX_TEMPFAIL
    (line,) = [line for line in complaint.splitlines() if "warning" not in line]
    assert "cannot be reached" in line
    assert "hunter2" not in complaint
    assert [name for name in left_in(tmp_path) if not name.endswith(".lock")] == before


async def test_an_empty_database_beside_a_paper_log_is_not_begun(
    pg: Postgres, tmp_path: Path
) -> None:
    """Else everybody who ever unsubscribed would be mailed again."""
    pg.empty("forgotten")
    installation = on_postgres(tmp_path, url(pg, "forgotten"))
    assert (await installation.command("init"))[0] == os.EX_OK
    pg.empty("forgotten")
    for command in ("init", "run", "status"):
        code, _, complaint = await installation.command(command)
        assert (code, "missing beside" in complaint) == (os.EX_NOINPUT, True), complaint
    tables = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"
    assert pg.ask(tables, "forgotten") == "0"


async def test_keys_that_are_lost_are_not_made_anew_beside_the_database(
    pg: Postgres, tmp_path: Path
) -> None:
    pg.empty("keyless")
    installation = on_postgres(tmp_path, url(pg, "keyless"))
    assert (await installation.command("init"))[0] == os.EX_OK
    (installation.data / "keys.json").unlink()
    code, _, complaint = await installation.command("init")
    assert (code, "--new-keys" in complaint) == (os.EX_CONFIG, True), complaint


async def test_two_installations_never_share_one_database(pg: Postgres, tmp_path: Path) -> None:
    """Each would send: the cursors in there belong to the paper log of one of them."""
    pg.empty("shared")
    for name, expected in (("one", os.EX_OK), ("other", os.EX_CONFIG)):
        (tmp_path / name).mkdir()
        installation = on_postgres(tmp_path / name, url(pg, "shared"))
        code, _, complaint = await installation.command("init")
        assert code == expected, complaint
