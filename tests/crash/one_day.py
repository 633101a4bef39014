"""One start of the program, as a process to be killed: a file is taken in, planned, delivered.

The messages are written to ``FOLDER/mailbox``.
"""

from __future__ import annotations

import asyncio
import os
from contextlib import closing
from pathlib import Path

from tests.made import KEY, LETTERHEAD, at, subscriber
from tests.plain.reader import PlainReader
from worker import shipped
from worker.clock import FixedClock
from worker.core.compose import Composer
from worker.core.keys import Keys
from worker.core.render import Templates
from worker.inbox import FolderInbox
from worker.mailer.folder import FolderMailer
from worker.pipeline.deliver import Round, recover
from worker.pipeline.ingest import Ingest, empty_inbox
from worker.pipeline.plan import commit, due
from worker.pipeline.recent import Recent
from worker.store.papers_tinydb import TinyPaperLog
from worker.store.sql import open_ledger

COMPOSER = Composer(LETTERHEAD, Templates(shipped.mail_templates()), Keys(1, {1: KEY}))
READERS = (
    subscriber("*", address="all@example.org", number=1),
    subscriber("diffusion", address="some@example.org", number=2),
    subscriber("koopman", address="none@example.org", number=3),
)


async def install(folder: Path) -> None:
    """Stores with three readers, and an inbox."""
    for place in ("inbox", "archive", "rejected", "mailbox"):
        (folder / place).mkdir(parents=True)
    async with open_ledger(folder / "ledger.db", create=True) as (people, ledger):
        with closing(TinyPaperLog.open(folder / "papers.json", new_id="log", create=True)) as log:
            await ledger.adopt(await log.id())
        for reader in READERS:
            await people.add(reader)


async def run(folder: Path) -> None:
    """Recover, take in, plan, deliver; then the end."""
    clock = FixedClock(at("2025-09-08 06:00"))
    async with open_ledger(folder / "ledger.db") as (people, ledger):
        log = TinyPaperLog.open(folder / "papers.json", new_id="", create=False)
        with closing(log):
            places = (folder / name for name in ("inbox", "archive", "rejected"))
            inbox = FolderInbox(*places, settle=0)
            await recover(ledger, clock)
            for _ in range(2):  # a file is complete when it looked the same twice
                await empty_inbox(inbox, Ingest(PlainReader(), log, clock, binding=ledger))
            await commit(await due(Recent(log), people, ledger, COMPOSER.message_id, clock), ledger)
            mailer = FolderMailer(folder / "mailbox")
            await Round(ledger, mailer, COMPOSER, clock, lambda: 0.0, asyncio.Event()).deliver(1)


def start(folder: str) -> int:
    """The run, to its end."""
    asyncio.run(run(Path(folder)))
    return os.EX_OK
