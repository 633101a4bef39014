"""Which adapters stand behind the ports, and in which order they are opened and checked."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
import random
import secrets
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from worker import pair, premises, roll, templates, whereabouts
from worker.config.settings import Settings
from worker.core.compose import Composer, Keys
from worker.core.letterhead import Letterhead
from worker.core.render import Templates
from worker.inbox import FolderInbox
from worker.ledgers import (
    Binding,
    Holds,
    Record,
    Returns,
    Suppressions,
)
from worker.model import (
    PaperNumber,
    Preferences,
    Refused,
    Subscriber,
    SubscriberState,
)
from worker.pipeline.deliver import Round, recover
from worker.pipeline.domains import Domains
from worker.pipeline.ingest import Ingest
from worker.pipeline.plan import Due, commit, due
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
from worker.store import keys
from worker.store.ballast import Ballast
from worker.store.engine import Database
from worker.store.papers_tinydb import TinyPaperLog
from worker.store.sql_holds import SqlHolds
from worker.store.sql_ledger import SqlLedger
from worker.store.sql_record import SqlRecord
from worker.store.sql_returns import SqlReturns
from worker.store.sql_subscribers import SqlSubscribers
from worker.store.sql_suppressions import SqlSuppressions
from worker.turns import Locked, daemon_runs

TRIES = 10
TURN = 20.0
"""Seconds to wait for a command that has the stores at this moment."""


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
    binding: Binding
    composer: Composer
    ledger_file: tuple[int, int] | None

    async def unread(self) -> PaperNumber | None:
        """How far all who are mailed have read: the log must keep what comes after it."""
        everyone = await self.subscribers.everyone()
        active = [who for who in everyone if who.state is SubscriberState.ACTIVE]
        return min((who.cursor.paper for who in active), default=None)

    def ingest(self, clock: Clock) -> Ingest:
        """Takes daily files in, as the configuration wants it."""
        return Ingest(self.reader, self.papers, clock, self.settings.wanted, self.binding)

    async def due(self, clock: Clock) -> Due:
        """Who is due at this instant, and what for; nothing is written."""
        name = self.composer.message_id
        return await due(self.papers, self.subscribers, self.ledger, name, clock)

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


@contextlib.asynccontextmanager
async def opened(
    settings: Settings,
    named: Sequence[Preferences] | None,
    clock: Clock,
    *,
    as_daemon: bool = False,
) -> AsyncIterator[Opened]:
    """Open the stores as their one writer, make them the first time, follow the subscribers file.

    A command that holds them for a moment is waited for. Raises Locked if the daemon has them, or
    a command that does not end; Refused if a store is broken or missing beside its sibling, or if
    the two do not belong together.
    """
    there = await whereabouts.is_there(settings)
    pair.refuse_orphan(settings, there=there)
    premises.ready(settings.data)
    secret = _keys(settings, there=there)
    async with whereabouts.open_there(settings, create=True) as database:
        subscribers, ledger = SqlSubscribers(database), SqlLedger(database)
        known = await ledger.paper_log()
        log_ = await _in_turn(settings, create=known is None, as_daemon=as_daemon)
        with contextlib.closing(log_) as papers:
            if known is None:
                await ledger.adopt(await papers.id())
            await pair.belong_together(settings, papers, subscribers, ledger)
            if await ledger.expected() is None:  # made before there was such a note
                await ledger.expect((await papers.end()).intake)
            if settings.database is None:
                await asyncio.to_thread(Ballast(settings.ledger.parent).take)
            if named is not None:
                await roll.follow(named, subscribers, papers, clock, uids())
            yield _assembled(settings, papers, database, secret)


@contextlib.asynccontextmanager
async def beside(settings: Settings) -> AsyncIterator[Opened]:
    """Open the stores beside whoever is their one writer: the ledger as ever, the log to read.

    Nothing is created or followed. Raises Refused as ``opened`` does.
    """
    there = await whereabouts.is_there(settings)
    pair.refuse_orphan(settings, there=there)
    pair.refuse_nothing(settings, there=there)
    secret = keys.load(settings.keys)
    async with whereabouts.open_there(settings) as database:
        with contextlib.closing(_paper_log(settings, read_only=True)) as papers:
            subscribers, ledger = SqlSubscribers(database), SqlLedger(database)
            await pair.belong_together(settings, papers, subscribers, ledger)
            yield _assembled(settings, papers, database, secret)


@contextlib.asynccontextmanager
async def opened_or_beside(
    settings: Settings, named: Sequence[Preferences] | None, clock: Clock
) -> AsyncIterator[Opened]:
    """As the one writer if nobody is, else beside him: for what only changes the ledger."""
    async with contextlib.AsyncExitStack() as stack:
        try:
            stores = await stack.enter_async_context(opened(settings, named, clock))
        except Locked:
            stores = await stack.enter_async_context(beside(settings))
        yield stores


async def found(stores: Opened, address: str) -> Subscriber:
    """The subscriber of that address. Raises Refused if there is none."""
    who = await stores.subscribers.find(address.strip())
    if who is None:
        raise Refused(f"{address}: no such subscriber; see `paperround subscribers list`")
    return who


async def changed(
    stores: Opened, address: str, change: Callable[[Subscriber], Subscriber]
) -> Subscriber:
    """Change a subscriber, also while the daemon changes him. Raises Refused if there is none."""
    for _ in range(TRIES):
        if after := await stores.subscribers.change(change(await found(stores, address))):
            return after
    raise Refused(f"{address}: changed by others all the time; try again", os.EX_TEMPFAIL)


async def go_on_restored(settings: Settings, *, skip: bool) -> None:
    """Accept a ledger that is older than its log. ``skip``: mail nothing of what came since.

    Without it, everybody reads on from where the ledger left him.
    """
    pair.refuse_nothing(settings, there=await whereabouts.is_there(settings))
    async with whereabouts.open_there(settings) as database:
        ledger = SqlLedger(database)
        with contextlib.closing(_paper_log(settings)) as papers:
            await pair.refuse_newer(settings, papers, ledger)
            end = await papers.end()
            await (ledger.skip(end) if skip else ledger.expect(end.intake))


async def adopt_log(settings: Settings) -> None:
    """Accept the paper log as it is now: everybody reads on from its end."""
    async with whereabouts.open_there(settings) as database:
        ledger = SqlLedger(database)
        with contextlib.closing(_paper_log(settings, create=True)) as papers:
            await ledger.adopt(await papers.id(), await papers.end())


def inbox(settings: Settings) -> FolderInbox:
    """The watched folder, and where its files are put."""
    return FolderInbox(
        settings.inbox,
        settings.archive,
        settings.rejected,
        settle=settings.settle_seconds,
        rescan=settings.rescan_seconds,
    )


def uids() -> Iterator[int]:
    """Random numbers of 63 bits, one for each new subscriber."""
    return (secrets.randbits(63) for _ in itertools.count())


def _assembled(
    settings: Settings,
    papers: TinyPaperLog,
    database: Database,
    secret: Keys,
) -> Opened:
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
        binding=ledger,
        composer=Composer(_letterhead(settings), usable, secret, settings.signing),
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
    )


def _paper_log(
    settings: Settings, *, create: bool = False, read_only: bool = False
) -> TinyPaperLog:
    return TinyPaperLog.open(
        settings.papers,
        new_id=secrets.token_hex(16),
        create=create,
        window_days=settings.window_days,
        read_only=read_only,
    )


def new_keys(settings: Settings) -> None:
    """Make keys where they are lost; those that exist stay."""
    keys.create(settings.keys, secrets.token_bytes(32))


async def _in_turn(settings: Settings, *, create: bool, as_daemon: bool) -> TinyPaperLog:
    for _ in range(int(TURN / 0.1)):
        try:
            return _paper_log(settings, create=create)
        except Locked:
            if not as_daemon and daemon_runs(settings.data):
                raise
            await asyncio.sleep(0.1)
    return _paper_log(settings, create=create)


def _keys(settings: Settings, *, there: bool) -> Keys:
    """The keys, made before anything that could depend on them."""
    if there or settings.keys.exists():
        return keys.load(settings.keys)
    return keys.create(settings.keys, secrets.token_bytes(32))
