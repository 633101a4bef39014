"""The run is killed before and after every call it makes to the outside, and run again.

Everybody has his mail; at most the message in flight came twice, with the same Message-ID.
"""

from __future__ import annotations

import asyncio
import inspect
import itertools
import shutil
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest

from tests.made import KEY, LETTERHEAD, at, subscriber
from tests.plain.reader import PlainReader
from tests.smtpd import MailServer, Received
from worker import shipped
from worker.core.compose import Composer
from worker.core.keys import Keys
from worker.core.render import Templates
from worker.inbox import FolderInbox
from worker.mailer.settings import SmtpSettings
from worker.mailer.smtp import SmtpMailer
from worker.pipeline.deliver import Round, recover
from worker.pipeline.ingest import Ingest, empty_inbox
from worker.pipeline.plan import commit, due
from worker.pipeline.recent import Recent
from worker.store.papers_tinydb import TinyPaperLog
from worker.store.sql import open_ledger

COMPOSER = Composer(LETTERHEAD, Templates(shipped.mail_templates()), Keys(1, {1: KEY}))
READERS = (
    subscriber("*", address="all@example.org", number=1, max_papers=2),
    subscriber("diffusion", address="some@example.org", number=2),
    subscriber("koopman", address="none@example.org", number=3),
)
DAYS = {
    "2025-09-08": ("Diffusion for video", "Neural operators", "More diffusion"),
    "2025-09-09": ("Neural operators", "Diffusion again"),
}
EXPECTED = {
    "all@example.org": {
        "Diffusion for video",
        "Neural operators",
        "More diffusion",
        "Diffusion again",
    },
    "some@example.org": {"Diffusion for video", "More diffusion", "Diffusion again"},
}


class Killed(BaseException):
    """The process is gone: no code of ours may catch this."""


class Fuse:
    """Burns down with each call to the outside, and kills before or after the one it ends at."""

    def __init__(self, calls: int | None) -> None:
        self.left = calls

    def burn(self) -> None:
        if self.left is not None:
            self.left -= 1
            if self.left <= 0:  # and from then on: the dead make no calls, in no finally either
                raise Killed


class Fused:
    """A port whose every call burns the fuse before and after."""

    def __init__(self, port: Any, fuse: Fuse) -> None:
        self._port = port
        self._fuse = fuse

    def __getattr__(self, name: str) -> Callable[..., Any]:
        call: Callable[..., Any] = getattr(self._port, name)
        if not inspect.iscoroutinefunction(call):
            return call  # it only looks at what this process knows

        async def burning(*arguments: Any, **more: Any) -> Any:
            self._fuse.burn()
            result = await call(*arguments, **more)
            self._fuse.burn()
            return result

        return burning


class HandClock:
    def __init__(self, instant: datetime) -> None:
        self.instant = instant

    def now(self) -> datetime:
        return self.instant


class Scene:
    """One installation in a folder, the mail server it uses, and the time of day."""

    def __init__(self, folder: Path, port: int) -> None:
        self.folder = folder
        self.clock = HandClock(at("2025-09-08 05:00"))
        self._smtp = SmtpSettings("127.0.0.1", port, tls="none")

    def drop(self, day: str) -> None:
        """A daily file comes, by rename, with the promise that it is complete."""
        paragraphs = ["Daily Papers", day]
        for title in DAYS[day]:
            paragraphs += [title, f"This is the abstract of a paper, and it is about {title}."]
        (self.folder / "inbox" / f"{day}.txt.done").touch()
        (self.folder / "inbox" / f"{day}.txt").write_text("\n\n".join(paragraphs))

    @asynccontextmanager
    async def open(self, fuse: Fuse) -> AsyncIterator[tuple[Any, ...]]:
        place = self.folder
        async with open_ledger(place / "ledger.db") as (people, ledger):
            log = TinyPaperLog.open(place / "papers.json", new_id="", create=False)
            with closing(log):
                inbox = FolderInbox(place / "inbox", place / "archive", place / "rejected")
                async with SmtpMailer(self._smtp) as mailer:
                    yield tuple(Fused(port, fuse) for port in (inbox, log, people, ledger, mailer))

    async def run(self, fuse: Fuse, connections: int = 1) -> None:
        """A start of the program: recover, take in, plan, deliver."""
        async with self.open(fuse) as (inbox, log, people, ledger, mailer):
            await recover(ledger, self.clock)
            await empty_inbox(inbox, Ingest(PlainReader(), log, self.clock, binding=ledger))
            found = await due(Recent(log), people, ledger, COMPOSER.message_id, self.clock)
            await commit(found, ledger)
            stop = asyncio.Event()
            round_ = Round(ledger, mailer, COMPOSER, self.clock, lambda: 0.0, stop)
            await round_.deliver(connections)


@pytest.fixture
async def installed(tmp_path: Path) -> Path:
    """A new installation with its readers, to be copied: making one anew each time is slow."""
    folder = tmp_path / "installed"
    for place in ("inbox", "archive", "rejected"):
        (folder / place).mkdir(parents=True)
    async with open_ledger(folder / "ledger.db", create=True) as (people, ledger):
        with closing(TinyPaperLog.open(folder / "papers.json", new_id="log", create=True)) as log:
            await ledger.adopt(await log.id())
        for reader in READERS:
            await people.add(reader)
    return folder


async def two_days(scene: Scene, fuse: Fuse, connections: int = 1) -> bool:
    """Both days; whenever the process dies it is started again. Gives whether it ever died."""
    died = False
    for day in DAYS:
        scene.drop(day)
        for hours in (1, 30):
            scene.clock.instant = at(f"{day} 05:00") + timedelta(hours=hours)
            if hours > 24 and day != "2025-09-09":
                continue
            try:
                await scene.run(fuse, connections)
            except Killed:
                died = True
                await scene.run(Fuse(None), connections)
    return died


def titles(message: Received) -> list[str]:
    body = message_from_bytes(message.content, policy=policy.default).get_body(("plain",))
    lines = body.get_content().splitlines() if body else []
    return [
        line.partition(". ")[2].replace("*", "")
        for line in lines
        if line[:1].isdigit() and ". " in line
    ]


def message_id(message: Received) -> str:
    return str(message_from_bytes(message.content, policy=policy.default)["Message-ID"])


def everybody_has_his_mail(messages: list[Received], in_flight: int) -> None:
    copies = Counter((message.rcpt_tos, message_id(message)) for message in messages)
    assert sum(copies.values()) - len(copies) <= in_flight
    different = {
        (message.rcpt_tos[0], message_id(message)): titles(message) for message in messages
    }
    for address, expected in EXPECTED.items():
        got = [title for (to, _), shown in different.items() if to == address for title in shown]
        assert sorted(got) == sorted(expected), f"{address}: each paper exactly once"
    assert {to for to, _ in different} == set(EXPECTED)
    repeats: dict[str, bytes] = {}
    for message in messages:
        assert repeats.setdefault(message_id(message), message.content) == message.content


@pytest.mark.parametrize(("connections", "step"), [(1, 1), (4, 4)])
async def test_wherever_the_run_is_killed_nothing_is_lost_and_only_what_was_in_flight_comes_twice(
    tmp_path: Path, installed: Path, connections: int, step: int
) -> None:
    for calls in itertools.count(1, step):
        folder = tmp_path / str(calls)
        shutil.copytree(installed, folder)
        async with MailServer() as server:
            died = await two_days(Scene(folder, server.port), Fuse(calls), connections)
            everybody_has_his_mail(server.messages, in_flight=connections if died else 0)
        if not died:
            break
    assert calls > 60, "the run makes that many calls at least, so it was killed that often"
