"""The adapters of one installation, put behind the ports, and what is done with all of them."""

from __future__ import annotations

import asyncio
import os
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from pathlib import Path

from worker import templates
from worker.asks import Limit, Limits
from worker.config.settings import Settings
from worker.core.compose import Composer
from worker.core.keys import Keys
from worker.core.letterhead import Letterhead
from worker.core.render import Templates
from worker.inbox import FolderInbox
from worker.ledgers import (
    Binding,
    Holds,
    Record,
    Returns,
    Signups,
    Statistics,
    Suppressions,
)
from worker.model import (
    PaperNumber,
    Refused,
)
from worker.pipeline.deliver import Round, recover
from worker.pipeline.domains import Domains
from worker.pipeline.ingest import Ingest
from worker.pipeline.inquire import Inquiry
from worker.pipeline.plan import Due, commit, due
from worker.pipeline.recent import Recent
from worker.pipeline.returns import Returning
from worker.ports import (
    Clock,
    Ledger,
    Mailer,
    Reader,
    Subscribers,
)
from worker.reader import ChildReader
from worker.returned.mailboxes import Mailboxes
from worker.signup import Signup
from worker.store.engine import Database
from worker.store.papers_tinydb import TinyPaperLog
from worker.store.sql_figures import SqlStatistics
from worker.store.sql_holds import SqlHolds
from worker.store.sql_ledger import SqlLedger
from worker.store.sql_record import SqlRecord
from worker.store.sql_returns import SqlReturns
from worker.store.sql_signups import SqlSignups
from worker.store.sql_subscribers import SqlSubscribers
from worker.store.sql_suppressions import SqlSuppressions


@dataclass(frozen=True, slots=True)
class Opened:
    """The adapters of one installation, opened and found to belong together."""

    settings: Settings
    inbox: FolderInbox
    reader: Reader
    papers: TinyPaperLog
    subscribers: Subscribers
    ledger: Ledger
    suppressions: Suppressions
    record: Record
    holds: Holds
    returns: Returns
    signups: Signups
    statistics: Statistics
    binding: Binding
    composer: Composer
    recent: Recent
    ledger_file: tuple[int, int] | None

    async def unread(self) -> PaperNumber | None:
        """How far all who are mailed have read: the log must keep what comes after it."""
        return (await self.subscribers.extent()).least_read

    def ingest(self, clock: Clock) -> Ingest:
        """Takes daily files in, as the configuration wants it."""
        return Ingest(self.reader, self.papers, clock, self.settings.wanted, self.binding)

    async def due(self, clock: Clock) -> Due:
        """Who is due at this instant, and what for; nothing is written."""
        name, sets = self.composer.message_id, self.settings.rule_sets
        return await due(self.recent, self.subscribers, self.ledger, name, clock, sets)

    async def plan(self, clock: Clock) -> Counter[str]:
        """Plan what is due and commit it: the tick. Gives the counts."""
        return await commit(await self.due(clock), self.ledger)

    def round(
        self,
        mailer: Mailer,
        clock: Clock,
        stop: asyncio.Event | None = None,
        domains: Domains | None = None,
    ) -> Round:
        """One pass of delivering all that waits."""
        return Round(
            self.ledger,
            mailer,
            self.composer,
            clock,
            partial(random.uniform, -1, 1),
            stop or asyncio.Event(),
            domains=domains,
            in_doubt=self.settings.in_doubt,
        )

    async def recover(self, clock: Clock) -> None:
        """Put in doubt what was left half-sent."""
        await recover(self.ledger, clock, self.settings.in_doubt)

    def going_by(self, settings: Settings, templates: Templates) -> Opened:
        """The same stores, gone on with by other settings and templates."""
        self.papers.keep_for(settings.window_days)
        keys_ = self.composer.keys
        composer = Composer(_letterhead(settings), templates, keys_, settings.signing)
        return replace(self, settings=settings, inbox=inbox(settings), composer=composer)

    def returning(self, clock: Clock) -> Returning:
        """Acts on mail that comes back."""
        settings = self.settings
        return Returning(
            keys=self.composer.keys.by_id,
            mailboxes=Mailboxes(settings.bounce_domain, settings.unsubscribe, settings.commands),
            subscribers=self.subscribers,
            suppressions=self.suppressions,
            returns=self.returns,
            name=self.composer.message_id,
            clock=clock,
            sets=settings.rule_sets,
        )

    def inquiry(self, clock: Clock) -> Inquiry:
        """Says what became of a paper for somebody."""
        return Inquiry(self.papers, self.ledger, self.suppressions, clock, self.recent)

    def signup(self, clock: Clock, chance: Callable[[int], int]) -> Signup:
        """Has strangers come, change and go. ``chance`` gives random numbers of so many bits."""
        settings = self.settings
        bounces = f"b@{settings.bounce_domain}"
        ours = (settings.from_address, settings.unsubscribe, settings.commands, bounces)
        in_all = (Limit(settings.web.confirmations_per_hour, timedelta(hours=1)),)
        return Signup(
            signups=self.signups,
            subscribers=self.subscribers,
            returns=self.returns,
            suppressions=self.suppressions,
            ledger=self.ledger,
            papers=self.papers,
            keys=self.composer.keys,
            name=self.composer.message_id,
            clock=clock,
            chance=chance,
            limits=Limits(all=in_all),
            ours=tuple(filter(None, ours)),
        )

    def refuse_replaced(self) -> None:
        """Raises Refused if another ledger lies where ours was, or none: we write to nowhere.

        A database tells by itself: it cannot be taken away from under a connection.
        """
        if self.ledger_file is None:
            return
        if _identity(self.settings.ledger) != self.ledger_file:
            line = f"{self.settings.ledger}: was replaced or removed while in use; start again"
            raise Refused(line, os.EX_IOERR)


def assembled(
    settings: Settings,
    papers: TinyPaperLog,
    database: Database,
    secret: Keys,
) -> Opened:
    """All of them, over these stores."""
    usable = templates.usable(settings.data)
    ledger = SqlLedger(database)
    return Opened(
        settings=settings,
        inbox=inbox(settings),
        reader=ChildReader(),
        papers=papers,
        subscribers=SqlSubscribers(database),
        ledger=ledger,
        suppressions=SqlSuppressions(database),
        record=SqlRecord(database),
        holds=SqlHolds(database),
        returns=SqlReturns(database),
        signups=SqlSignups(database),
        statistics=SqlStatistics(database),
        binding=ledger,
        composer=Composer(_letterhead(settings), usable, secret, settings.signing),
        recent=Recent(papers),
        ledger_file=None if settings.database else _identity(settings.ledger),
    )


def _identity(path: Path) -> tuple[int, int]:
    """Which file this is, whatever its name; that of none if there is none."""
    try:
        status = path.stat()
    except FileNotFoundError:
        return (0, 0)
    return (status.st_dev, status.st_ino)


def _letterhead(settings: Settings) -> Letterhead:
    return Letterhead(
        from_name=settings.from_name,
        from_address=settings.from_address,
        reply_to=settings.reply_to,
        base_url=settings.base_url,
        list_id=settings.list_id,
        list_name=settings.from_name if settings.from_name.isascii() else "",
        bounce_domain=settings.bounce_domain,
        unsubscribe_mailbox=settings.unsubscribe,
        owner=settings.reply_to,
        commands_mailbox=settings.commands,
        has_site=settings.web.listen is not None,
    )


def inbox(settings: Settings) -> FolderInbox:
    """The watched folder, and where its files are put."""
    return FolderInbox(
        settings.inbox,
        settings.archive,
        settings.rejected,
        settle=settings.settle_seconds,
        rescan=settings.rescan_seconds,
    )
