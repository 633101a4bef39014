"""One start of the program as a process to be hurt: taken in, planned, sent to a real server."""

from __future__ import annotations

import asyncio
import os
import sys
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from tests.installation import daily
from tests.made import KEY, LETTERHEAD, at, delivery, pick, subscriber
from tests.plain.reader import PlainReader
from worker import log as logs
from worker import shipped
from worker.clock import FixedClock
from worker.core.compose import Composer
from worker.core.keys import Keys
from worker.core.render import Templates
from worker.inbox import FolderInbox
from worker.mailer.settings import SmtpSettings, Timeouts
from worker.mailer.smtp import SmtpMailer
from worker.model import Refused, SubscriberState
from worker.pipeline.deliver import Round, recover
from worker.pipeline.ingest import Ingest, empty_inbox
from worker.pipeline.plan import commit, due
from worker.pipeline.recent import Recent
from worker.store.papers_tinydb import TinyPaperLog
from worker.store.sql import open_ledger

COMPOSER = Composer(LETTERHEAD, Templates(shipped.mail_templates()), Keys(1, {1: KEY}))
COMPOSER(delivery(pick(1)))  # so that what is made at first need is there before the fork
DAY = "2025-09-08"
GONE = replace(
    subscriber("*", address="gone@example.org", number=4), state=SubscriberState.UNSUBSCRIBED
)
READERS = (
    subscriber("*", address="all@example.org", number=1),
    subscriber("diffusion", address="some@example.org", number=2),
    subscriber("koopman", address="none@example.org", number=3),
    GONE,
)
LEAVES = "leaves@example.org"
EXPECTED = {
    "all@example.org": ["Diffusion for video", "Neural operators"],
    "some@example.org": ["Diffusion for video"],
}


async def install(folder: Path) -> None:
    """Stores with four readers, one of whom has left, and a daily file in the inbox."""
    for place in ("inbox", "archive", "rejected"):
        (folder / place).mkdir(parents=True)
    async with open_ledger(folder / "ledger.db", create=True) as (people, ledger):
        with closing(TinyPaperLog.open(folder / "papers.json", new_id="log", create=True)) as log:
            await ledger.adopt(await log.id())
        for reader in READERS:
            await people.add(reader)
    file = daily("Sep 8", "Diffusion for video", "Neural operators")
    (folder / "inbox" / f"{DAY}.txt").write_text(file)
    (folder / "inbox" / f"{DAY}.txt.done").touch()


async def join(folder: Path) -> None:
    """One reader more, who will leave."""
    async with open_ledger(folder / "ledger.db") as (people, _):
        await people.add(subscriber("*", address=LEAVES, number=5))


def day_and_leaving(folder: str, port: int, hours: int) -> int:
    """The same day, after somebody has left and has been told so."""
    asyncio.run(_leave(Path(folder)))
    os.write(1, b"left\n")
    return day(folder, port, hours)


async def _leave(folder: Path) -> None:
    async with open_ledger(folder / "ledger.db") as (people, _):
        who = await people.find(LEAVES)
        assert who is not None
        await people.change(replace(who, state=SubscriberState.UNSUBSCRIBED))


def day(folder: str, port: int, hours: int) -> int:
    """A start so many hours after the day's first; gives the exit code, as the command would."""
    logs.configure()
    try:
        asyncio.run(_run(Path(folder), port, hours))
    except Refused as refused:
        sys.stderr.write(f"paperround: {refused}\n")
        return refused.exit_code
    return os.EX_OK


async def _run(folder: Path, port: int, hours: int) -> None:
    clock = FixedClock(at(f"{DAY} 06:00") + timedelta(hours=hours))
    timeouts = Timeouts(connect=5, command=5, data=5, body=5, dot=5, quit=0.2)
    smtp = SmtpSettings("127.0.0.1", port, tls="none", timeouts=timeouts, local_hostname="test")
    async with open_ledger(folder / "ledger.db") as (people, ledger):
        log = TinyPaperLog.open(folder / "papers.json", new_id="", create=False)
        with closing(log):
            places = (folder / name for name in ("inbox", "archive", "rejected"))
            inbox = FolderInbox(*places, settle=0)
            await recover(ledger, clock)
            for _ in range(2):  # a file is complete when it looked the same twice
                await empty_inbox(inbox, Ingest(PlainReader(), log, clock))
            await commit(await due(Recent(log), people, ledger, COMPOSER.message_id, clock), ledger)
            async with SmtpMailer(smtp) as mailer:
                stop = asyncio.Event()
                await Round(ledger, mailer, COMPOSER, clock, lambda: 0.0, stop).deliver(1)
