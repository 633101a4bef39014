"""What was sent is made again, to the byte; and what is shown anywhere is what is sent."""

from __future__ import annotations

import ast
import os
import time
from datetime import date
from email import message_from_bytes, policy
from email.utils import parsedate_to_datetime
from pathlib import Path

import pytest

from tests.installation import Installation, daily
from tests.smtpd import MailServer

NOW = ("--now", "2025-09-08T09:00Z")
SITE = '\n[web]\nlisten = "127.0.0.1:0"\n'


async def mailed(installation: Installation, *rules: str, now: tuple[str, ...] = NOW) -> None:
    """Somebody is there, a daily file comes, and he is sent its papers."""
    asked = [word for rule in rules or ("*",) for word in ("--rule", rule)]
    add = ("subscribers", "add", "a@example.org", "--schedule", "immediately")
    await installation.here(*add, *asked)
    await taken_in(installation, "2025-09-08.txt", daily("Sep 8", "One gate", "Two gates"))
    await installation.here("send", *now)


async def taken_in(installation: Installation, name: str, text: str) -> None:
    file = installation.home / name
    file.write_text(text)
    await installation.here("ingest", str(file))


async def replayed(installation: Installation, *more: str, day: str = "2025-09-08") -> bytes:
    out = installation.home / "again.eml"
    words = ("replay", "--date", day, "--subscriber", "a@example.org")
    await installation.here(*words, "--out", str(out), *more)
    return out.read_bytes()


def content(server: MailServer) -> bytes:
    (message,) = server.messages
    return message.content


async def test_what_was_sent_is_made_again_whatever_became_of_it_since(tmp_path: Path) -> None:
    async with MailServer() as server:
        installation = Installation(tmp_path, server.port)
        installation.configure(SITE)
        await mailed(installation, "gate", "title:two", now=())
        today = str(message_day(server))
        assert await replayed(installation, day=today) == content(server)
        change = ("subscribers", "set", "a@example.org")
        await installation.here(*change, "--rule", "nothing", "--language", "ja", "--plain")
        await installation.here(*change, "--abstracts", "none", "--order", "upvotes")
        more = daily("Sep 9", "One gate").replace("at length", "at another length altogether")
        await taken_in(installation, "2025-09-09.txt", more)
        assert await replayed(installation, day=today) == content(server)
        code, out, complaint = await installation.command(
            "replay", "--date", today, "--subscriber", "a@example.org"
        )  # another process, as after a restart
        assert (code, complaint) == (os.EX_OK, "")
        assert out.encode() == content(server)


async def test_what_it_is_made_of_is_looked_at_and_changes_are_told(tmp_path: Path) -> None:
    async with MailServer() as server:
        installation = Installation(tmp_path, server.port)
        await mailed(installation, now=())
        folder = installation.data / "templates" / "mail"
        folder.mkdir(parents=True)
        (folder / "digest.subject.j2").write_text("Mine")
        later = time.time() + 60
        os.utime(folder / "digest.subject.j2", (later, later))
        today = str(message_day(server))
        words = ("replay", "--date", today, "--subscriber", "a@example.org")
        code, out, complaint = await installation.command(*words)
        assert code == os.EX_OK
        assert "\nSubject: Mine\r\n" in out
        assert "changed after this was sent, so it may not be what it was: " in complaint
        assert complaint.rstrip().endswith("/digest.subject.j2")
        assert complaint.count("\n") == 1


async def test_several_of_one_day_are_told_apart_by_number(tmp_path: Path) -> None:
    async with MailServer() as server:
        installation = Installation(tmp_path, server.port)
        await mailed(installation)
        await taken_in(installation, "more.txt", daily("Sep 8", "One gate", "A third"))
        await installation.here("send", "--now", "2025-09-08T11:00Z")
        first, second = (message.content for message in server.messages)
        words = ("replay", "--date", "2025-09-08", "--subscriber", "a@example.org")
        code, out, complaint = await installation.command(*words)
        assert (code, out) == (os.EX_DATAERR, "")
        assert "2 digests of 2025-09-08; say which with --number" in complaint
        assert "  2: planned 2025-09-08 11:00 UTC, 1 paper, sent" in complaint
        assert await replayed(installation, "--number", "1") == first
        assert await replayed(installation, "--number", "2") == second
        _, _, complaint = await installation.command(*words, "--number", "3")
        assert "only 2 digests of 2025-09-08" in complaint


async def test_a_day_without_one_is_refused_with_the_days_that_have_one(tmp_path: Path) -> None:
    async with MailServer() as server:
        installation = Installation(tmp_path, server.port)
        await mailed(installation)
        words = ("replay", "--date", "2025-09-07", "--subscriber", "a@example.org")
        code, _, complaint = await installation.command(*words)
        assert code == os.EX_DATAERR
        assert "no digest of 2025-09-07 was sent; the last were of 2025-09-08" in complaint
        await installation.here("subscribers", "add", "b@example.org", "--rule", "*")
        _, _, complaint = await installation.command(*words[:-1], "b@example.org")
        assert "no digest of 2025-09-07 was sent; none ever was" in complaint


def message_day(server: MailServer) -> date:
    """The day it was planned on; its reader is in UTC."""
    planned = message_from_bytes(content(server), policy=policy.default)["Date"]
    return parsedate_to_datetime(planned).date()


# --- one code path ----------------------------------------------------------


def part(message: bytes, kind: str) -> str:
    body = message_from_bytes(message, policy=policy.default).get_body((kind,))
    assert body is not None
    return str(body.get_content())


async def test_preview_dry_run_message_and_replay_are_the_same(tmp_path: Path) -> None:
    async with MailServer() as server:
        installation = Installation(tmp_path, server.port)
        add = ("subscribers", "add", "a@example.org", "--schedule", "immediately")
        await installation.here(*add, "--rule", "gate", "--rule", "title:two")
        await taken_in(installation, "2025-09-08.txt", daily("Sep 8", "One gate", "Two gates"))
        text = await installation.here("preview", "a@example.org")
        html = await installation.here("preview", "a@example.org", "--out", str(tmp_path / "p"))
        await installation.here("send", *NOW, "--dry-run", str(tmp_path / "dry"))
        await installation.here("send", *NOW)
        sent = content(server)
        (dry,) = (tmp_path / "dry").glob("*.eml")
        assert dry.read_bytes() == sent
        assert await replayed(installation) == sent
        for previewed, kind in ((text, "plain"), (Path(html.strip()).read_text(), "html")):
            today = _without_days(previewed)
            assert today == _without_days(part(sent, kind)), "it is as of today, and else the same"


def _without_days(text: str) -> list[str]:
    """The preview is of today's slot, the message of that of the file."""
    return [line.rstrip() for line in text.strip().splitlines() if " 20" not in line]


WORKER = Path(__file__).parent.parent / "worker"


def callers(wanted: set[str]) -> set[str]:
    """The modules in which something of one of these names is called, or handed on."""
    found = set()
    for file in WORKER.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            names: set[str] = set()
            if isinstance(node, ast.Attribute):
                names = {node.attr}
            elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("worker.core"):
                names = {alias.name for alias in node.names}
            if names & wanted:
                found.add(str(file.relative_to(WORKER)))
    return found


@pytest.mark.parametrize(
    ("names", "where"),
    [
        ({"letter"}, {"core/compose.py", "templates.py"}),
        ({"assemble"}, {"core/compose.py"}),
        ({"view"}, {"core/render.py", "web/digest.py"}),
        ({"entry"}, {"core/entries.py", "core/view.py"}),
    ],
)
def test_letters_and_entries_are_made_in_one_place_only(names: set[str], where: set[str]) -> None:
    """``templates`` is where they are tried. Whatever sends or shows mail asks the composer."""
    assert callers(names) == where
