"""Which adapters stand behind the ports, and in which order they are opened and checked."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import logging
import os
import secrets
from collections.abc import AsyncIterator, Callable, Iterator, Sequence

from worker import pair, premises, roll, whereabouts
from worker.config.settings import Settings
from worker.core.keys import Keys
from worker.model import (
    Preferences,
    Refused,
    Subscriber,
)
from worker.opened import Opened, assembled
from worker.ports import (
    Clock,
)
from worker.store import keys, sql_departures
from worker.store.ballast import Ballast
from worker.store.engine import Database
from worker.store.papers_tinydb import TinyPaperLog
from worker.store.sql_ledger import SqlLedger
from worker.store.sql_subscribers import SqlSubscribers
from worker.turns import Locked, daemon_runs

log = logging.getLogger(__name__)

TRIES = 10
TURN = 20.0
"""Seconds to wait for a command that has the stores at this moment."""


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
            await asyncio.to_thread(Ballast(settings.ledger.parent).take)
            await _keep_away(database, clock)
            if named is not None:
                await roll.follow(named, subscribers, papers, clock, uids())
            yield assembled(settings, papers, database, secret)


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
            yield assembled(settings, papers, database, secret)


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


async def go_on_restored(settings: Settings, *, skip: bool) -> bool:
    """Accept a ledger that is older than its log. ``skip``: mail nothing of what came since.

    Without it, everybody reads on from where the ledger left him. Gives whether it is known who
    left since then, so that it can be opened without bringing anybody back.
    """
    pair.refuse_nothing(settings, there=await whereabouts.is_there(settings))
    async with whereabouts.open_there(settings) as database:
        ledger = SqlLedger(database)
        with contextlib.closing(_paper_log(settings)) as papers:
            await pair.refuse_newer(settings, papers, ledger)
            end = await papers.end()
            await (ledger.skip(end) if skip else ledger.expect(end.intake))
    return whereabouts.departures_of(settings).exists()


async def adopt_log(settings: Settings) -> None:
    """Accept the paper log as it is now: everybody reads on from its end."""
    async with whereabouts.open_there(settings) as database:
        ledger = SqlLedger(database)
        with contextlib.closing(_paper_log(settings, create=True)) as papers:
            await ledger.adopt(await papers.id(), await papers.end())


async def _keep_away(database: Database, clock: Clock) -> None:
    """Whoever left stays away, whatever ledger was put here since."""
    if gone := await sql_departures.follow(database, clock.now()):
        why = f"the ledger is older than gone.log, by {gone} of them"
        log.error("who had left is gone again", extra={"subscribers": gone, "why": why})


def uids() -> Iterator[int]:
    """Random numbers of 63 bits, one for each new subscriber."""
    return (secrets.randbits(63) for _ in itertools.count())


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
