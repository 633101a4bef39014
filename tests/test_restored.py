"""F76: what comes back from a backup: both stores, or one that the other has outgrown."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import sqlite3
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from email import message_from_bytes, policy
from pathlib import Path

import pytest

from tests.installation import Installation, daily, subscriber
from tests.smtpd import MailServer
from worker.cli.main import run

PEOPLE = subscriber("a@example.org", schedule="daily 08:00")


class House(Installation):
    """An installation whose days are played by hand, by commands in this process: it is faster."""

    capture: pytest.CaptureFixture[str]

    async def command(self, *words: str, **environ: str) -> tuple[int, str, str]:
        self.capture.readouterr()
        code = await asyncio.to_thread(run, self.arguments(*words)[3:])
        return (code, *self.capture.readouterr())

    async def well(self, *words: str) -> str:
        """A command that goes well; gives what it complained of."""
        code, _, complaint = await self.command(*words)
        assert code == 0, complaint
        return complaint

    async def day(self, number: int, *titles: str) -> None:
        """A daily file comes, and its digest goes out."""
        file = self.home / f"2025-09-{number:02}.txt"
        file.write_text(daily(f"Sep {number}", *titles))
        await self.well("ingest", str(file))
        await self.well("send", "--now", f"2025-09-{number:02}T08:00Z")

    async def listed(self) -> list[dict[str, str]]:
        """All subscribers."""
        code, printed, _ = await self.command("subscribers", "list", "--json")
        assert code == 0
        people: list[dict[str, str]] = json.loads(printed)
        return people

    def copy(self, name: str, to: str) -> None:
        """Copy a store as a backup does, its journal folded into it."""
        with closing(sqlite3.connect(self.data / "ledger.db")) as ledger:
            ledger.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        shutil.copy(self.data / name, self.home / to)

    def restore(self, name: str, copy: str) -> None:
        """Put the copy back in the store's place."""
        for old in self.data.glob(f"{name}-*"):
            old.unlink()
        shutil.copy(self.home / copy, self.data / name)


def mailed(server: MailServer) -> Counter[str]:
    """How often each title was mailed."""
    bodies = (
        message_from_bytes(message.content, policy=policy.default).get_body(("plain",))
        for message in server.messages
    )
    lines = (line for body in bodies if body for line in body.get_content().splitlines())
    return Counter(line.partition(". ")[2].replace("*", "") for line in lines if line[:2] == "1.")


Build = Callable[..., House]


@pytest.fixture
def build(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Build:
    """Gives a house whose mail goes to that server, or nowhere."""

    def build(server: MailServer | None = None, people: str = PEOPLE) -> House:
        house = House(tmp_path, server.port if server else 1, people)
        house.capture = capsys
        return house

    return build


async def older_ledger(build: Build, server: MailServer) -> House:
    """Three days were mailed; then the ledger of the first one is put back."""
    house = build(server, PEOPLE + subscriber("gone@example.org"))
    await house.day(8, "One")
    await house.well("subscribers", "remove", "gone@example.org")
    house.copy("ledger.db", "ledger.backup")
    await house.day(9, "Two")
    await house.day(10, "Three")
    house.restore("ledger.db", "ledger.backup")
    server.messages.clear()
    return house


async def test_a_ledger_older_than_its_log_is_refused_by_every_command(
    tmp_path: Path, build: Build
) -> None:
    async with MailServer() as server:
        house = await older_ledger(build, server)
        for words in (("status",), ("send",), ("init",), ("ingest", str(tmp_path))):
            code, _, complaint = await house.command(*words)
            assert (code, complaint.count("\n")) == (os.EX_DATAERR, 1), complaint
            for said in ("ledger.db", "papers.json", "--restored skip", "--restored repeat"):
                assert said in complaint
        code, _, complaint = await Installation.command(house, "run")
        assert (code, complaint.count("\n")) == (os.EX_DATAERR, 1), complaint
        assert server.messages == []


@pytest.mark.parametrize(
    ("way", "mails"),
    [("skip", {"Four": 1}), ("repeat", {"Two": 1, "Four": 1})],
)
async def test_the_operator_says_whether_what_came_since_is_mailed(
    build: Build, way: str, mails: dict[str, int]
) -> None:
    """One digest carries both of the days that are repeated, so only its first title counts."""
    async with MailServer() as server:
        house = await older_ledger(build, server)
        assert await house.well("init", "--restored", way) == "", "nothing is left to do by hand"
        await house.well("send", "--now", "2025-09-10T08:00Z")
        await house.day(11, "Four")
        assert mailed(server) == mails
        assert set(server.recipients) <= {"a@example.org"}, "who had left before stays away"


async def test_without_gone_log_the_operator_is_told_what_is_left_to_do(build: Build) -> None:
    async with MailServer() as server:
        house = await older_ledger(build, server)
        (house.data / "gone.log").unlink()
        complaint = await house.well("init", "--restored", "skip")
        assert "gone.log is lost too" in complaint
        assert "subscribers remove" in complaint, "who left since then is on the list again"
        assert (house.data / "gone.log").exists()


LEAVERS = ("removed", "suppressed", "erased", "late")


@pytest.mark.parametrize("way", ["", "skip", "repeat"])
async def test_a_restored_ledger_brings_nobody_back(tmp_path: Path, build: Build, way: str) -> None:
    """Neither in silence, no daily file having come since, nor where the operator was asked."""
    people = PEOPLE + "".join(subscriber(f"{name}@example.org") for name in LEAVERS[:3])
    async with MailServer() as server:
        house = build(server, people)
        await house.day(8, "One")
        house.copy("ledger.db", "ledger.backup")
        add = ("subscribers", "add", "late@example.org", "--rule", "*")
        send = ("send", "--now", "2025-09-08T20:00Z")
        await house.well(*add)
        await house.well("subscribers", "remove", "late@example.org")
        await house.well("subscribers", "remove", "removed@example.org")
        await house.well("suppress", "suppressed@example.org")
        await house.well("subscribers", "erase", "erased@example.org", "--yes")
        if way:
            await house.day(9, "Two")
        house.restore("ledger.db", "ledger.backup")
        server.messages.clear()
        late = subscriber("late@example.org")
        (house.home / "subscribers.toml").write_text(people + late)
        said = await house.well(*(("init", "--restored", way) if way else send))
        assert said.count("who had left is gone again") == 1
        assert "by 3 of them" in said
        assert await house.well(*send) == "", "said once"
        await house.day(11, "Four")
        assert set(server.recipients) == {"a@example.org"} == set(_to(server))
        states = {who["address"]: who["state"] for who in await house.listed()}
        assert {
            address: states[address]
            for address in ("removed@example.org", "suppressed@example.org")
        } == {"removed@example.org": "removed", "suppressed@example.org": "suppressed"}
        assert not {"erased@example.org", "late@example.org"} & set(states)
        code, _, complaint = await house.command(*add)
        assert (code, "left before the ledger was restored" in complaint) == (os.EX_DATAERR, True)
        csv = tmp_path / "people.csv"
        csv.write_text(
            'address,rules,schedule,timezone\nlate@example.org,"[""*""]",daily 08:00,UTC\n'
        )
        assert "1 left_alone" in (await house.command("subscribers", "import", str(csv)))[1]
        await house.well(*add, "--again")
        assert await house.well(*send) == ""
        assert b"example.org" not in (house.data / "gone.log").read_bytes()


def _to(server: MailServer) -> list[str]:
    return [
        str(message_from_bytes(m.content, policy=policy.default)["To"]) for m in server.messages
    ]


async def test_a_whole_folder_restored_works_without_a_question(
    tmp_path: Path, build: Build
) -> None:
    async with MailServer() as server:
        house = build(server)
        await house.day(8, "One")
        shutil.copytree(house.data, tmp_path / "backup")
        await house.day(9, "Two")
        shutil.rmtree(house.data)
        shutil.copytree(tmp_path / "backup", house.data)
        server.messages.clear()
        await house.well("send", "--now", "2025-09-08T20:00Z")
        assert server.messages == [], "the slot that was served is a key in the ledger"
        await house.day(9, "Two")
        assert mailed(server) == {"Two": 1}


async def test_a_log_older_than_its_ledger_by_more_than_a_write_is_refused(
    tmp_path: Path, build: Build
) -> None:
    """Also if nobody has read so far: what it had would be forgotten in silence."""
    house = build()
    for number, title in ((8, "One"), (9, "Two"), (10, "Three")):
        house.drop(f"2025-09-{number:02}.txt", daily(f"Sep {number}", title))
        await house.well("ingest", str(house.inbox / f"2025-09-{number:02}.txt"))
        house.copy("papers.json", f"papers.{number}")
    house.restore("papers.json", "papers.9")
    await house.well("status")  # as after a kill between the two writes
    house.restore("papers.json", "papers.8")
    code, _, complaint = await house.command("status")
    assert code == os.EX_DATAERR
    assert "papers.json: ends at daily file 1, but 3 were begun" in complaint
    code, _, complaint = await house.command("init", "--restored", "skip")
    assert code == os.EX_DATAERR
    assert "not the older" in complaint


async def test_an_installation_from_before_there_was_such_a_note_takes_the_log_as_it_is(
    tmp_path: Path, build: Build
) -> None:
    house = build()
    file = tmp_path / "2025-09-08.txt"
    file.write_text(daily("Sep 8", "One"))
    await house.well("ingest", str(file))
    noted = "select value from meta where key = 'intake_expected'"
    with closing(sqlite3.connect(house.data / "ledger.db")) as ledger:
        ledger.execute("delete from meta where key = 'intake_expected'")
        ledger.commit()
    await house.well("status")
    await house.well("init")
    with closing(sqlite3.connect(house.data / "ledger.db")) as ledger:
        assert ledger.execute(noted).fetchone() == ("1",)
