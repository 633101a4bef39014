"""One installation in the storm: its stores on disk, its process that may die."""

from __future__ import annotations

import asyncio
import sqlite3
from collections import Counter, defaultdict
from contextlib import AsyncExitStack, closing
from pathlib import Path
from random import Random
from typing import Any, cast

from tests.hand import HandClock
from tests.made import at
from tests.mailer.talk import clear
from tests.plain.papers import PlainPaperLog
from tests.returning import COMPOSER
from tests.smtpd import Received
from tests.storm.story import Story
from tests.storm.weather import (
    HEARD,
    Mortal,
    StormyServer,
    WatchedLedger,
    Weather,
    Witness,
    ended,
)
from worker.core.quota import Limits
from worker.deliveries import (
    DeliveryId,
    DeliveryKind,
    DeliveryState,
    Envelope,
)
from worker.mailer.servers import Server, Servers
from worker.mailer.settings import Timeouts
from worker.mailer.smtp import SmtpMailer
from worker.model import SubscriberState
from worker.outcomes import Outcome
from worker.pipeline.deliver import Round, recover
from worker.pipeline.domains import Domains, Pace, Paces
from worker.pipeline.plan import commit, due
from worker.pipeline.recent import Recent
from worker.store.engine import Database
from worker.store.sql import open_database
from worker.store.sql_holds import SqlHolds
from worker.store.sql_record import SqlRecord
from worker.store.sql_subscribers import SqlSubscribers
from worker.store.sql_suppressions import SqlSuppressions

SHORT = Timeouts(connect=5, command=5, data=5, body=5, dot=2 * HEARD, quit=0.05)
DOMAINS = ("big.org", "slow.org", "small.net", "strict.edu")
PACES = {"slow.org": Pace(1), "strict.edu": Pace(3, per_hour=3)}
USUAL = Pace(2)
LIMITS = {"a": Limits(per_hour=12), "b": Limits(), "c": Limits(per_day=40)}
SIZES = {"a": 2, "b": 3, "c": 1}
SCHEDULES = (
    "immediately",
    "immediately",
    "daily 08:00",
    "weekdays 12:00",
    "weekly fri 16:00",
    "daily 20:00",
)
WORDS = ("diffusion", "sheep", "flow")
COMMANDS = ("pause 2 weeks", "resume", "stop", "rules", "add sheep", "remove 1", "weekly", "help")
READERS = 24
ACTIVE = SubscriberState.ACTIVE
Q = DeliveryKind.DIGEST


class CountedMailer(SmtpMailer):
    """Counts what is in flight, by domain and by server."""

    def __init__(self, name: str, port: int, witness: Witness) -> None:
        super().__init__(clear(port, timeouts=SHORT, connections=SIZES[name]))
        self._name, self._witness = name, witness

    async def deliver(self, envelope: Envelope) -> Outcome:
        flying, most = self._witness.flying, self._witness.most
        keys = (envelope.rcpt_to.rpartition("@")[2], self._name)
        flying.update(keys)
        for key in keys:
            most[key] = max(most[key], flying[key])
        try:
            return await super().deliver(envelope)
        finally:
            flying.subtract(keys)


class Office:
    """The stores, the servers, the hour, and what is known without asking the program."""

    def __init__(self, seed: int, path: Path) -> None:
        self.random = Random(seed)
        self.path = path
        self.clock = HandClock(at("2025-09-08 05:00"))
        self.weather = Weather(self.random)
        self.story = Story(self.clock.now)
        self.witness = Witness(self.story)
        self.log = PlainPaperLog()
        self.servers = [
            StormyServer(name, self.weather, self.witness, self.clock.now, self.meddle)
            for name in SIZES
        ]
        self.words: dict[int, str] = {}  # of each paper
        self.owed: defaultdict[str, set[int]] = defaultdict(set)
        self.edited: set[str] = set()
        self.gone: set[str] = set()
        self.dropped: set[DeliveryId] = set()
        self.forced: set[DeliveryId] = set()
        self.bounced: set[DeliveryId] = set()
        self.excused: Counter[str] = Counter()
        self.suppressed_by_hand: set[str] = set()
        self.wrong: list[Exception] = []
        self.deaths = 0
        self.looked_at = 0
        self.first: dict[str, Received] = {}  # of each Message-ID
        self.shown: dict[str, list[str]] = {}
        self.copies: Counter[str] = Counter()
        self.dying = asyncio.Event()
        self._meddling = False
        self._round: Round | None = None

    # --- the process -------------------------------------------------------------

    async def start(self) -> None:
        """Open the stores on disk, as a new process does."""
        self.stack = AsyncExitStack()
        self.database = await self.stack.enter_async_context(open_database(self.path, create=True))
        self.mortal = Mortal(self.database)
        self.stores = cast("Database", self.mortal)
        self.people = SqlSubscribers(self.stores)
        self.ledger = WatchedLedger(self.stores, self.witness, lambda: set(self.gone))
        self.holds = SqlHolds(self.stores)
        self.record = SqlRecord(self.stores)
        self.suppressions = SqlSuppressions(self.stores)
        self.domains = Domains(Paces(USUAL, PACES), self.clock, self.holds)
        await self.domains.recall(self.record)
        weights = {"a": 2, "b": 1, "c": 1}
        self.mailer = await self.stack.enter_async_context(
            Servers(
                [
                    Server(
                        each.name, CountedMailer(each.name, each.port, self.witness),
                        SIZES[each.name], weights[each.name], 0, LIMITS[each.name],
                    )
                    for each in self.servers
                ],
                self.clock, self.holds, self.record,
            )
        )  # fmt: skip
        await recover(self.ledger, self.clock)

    async def stop(self) -> None:
        await self.stack.aclose()

    async def die(self, before: set[asyncio.Task[Any]]) -> None:
        """As by SIGKILL: what was not committed is not there, what was in flight is in doubt."""
        self.mortal.is_dead = True
        self.story.tell("", "the process dies")
        self.deaths += 1
        for _ in range(5):  # who is cancelled begins a note, which comes to nothing
            await ended({task for task in asyncio.all_tasks() - before if is_clients(task)})
        self.witness.flying.clear()
        await self.stack.aclose()
        self.dying.clear()
        self.doubt()
        await self.start()

    def doubt(self) -> None:
        """What the dead process had taken and not settled. It may have heard of neither."""
        with closing(sqlite3.connect(self.path)) as book:
            found = book.execute("SELECT id, domain FROM delivery WHERE state = 'sending'")
            for id_, domain in found.fetchall():
                self.witness.doubts[DeliveryId(id_)] += 1
                self.excused[domain] += 1
                self.story.tell(DeliveryId(id_), "in doubt after the death")

    async def tick(self) -> None:
        """Plan what is due."""
        await commit(
            await due(Recent(self.log), self.people, self.ledger, COMPOSER.message_id, self.clock),
            self.ledger,
        )
        if self._round:
            self._round.stir()

    async def round(self) -> None:
        """One round, which may be cut off by the process's death."""
        before = asyncio.all_tasks()
        stop = asyncio.Event()
        jitter = lambda: self.random.uniform(-1, 1)  # noqa: E731
        self._round = Round(
            self.ledger, self.mailer, COMPOSER, self.clock, jitter, stop, domains=self.domains
        )
        running = asyncio.create_task(self._round.deliver(sum(SIZES.values())))
        death = asyncio.create_task(self.dying.wait())
        async with asyncio.timeout(60):
            await asyncio.wait({running, death}, return_when=asyncio.FIRST_COMPLETED)
        self._round = None
        if self.dying.is_set():
            await self.die(before)
        else:
            await running
            assert not self.ledger.in_flight, "at rest something is in flight"
            assert not await self.ledger.deliveries([DeliveryState.SENDING])
        await ended({death})

    async def meddle(self) -> None:
        """What happens while a server is being spoken to."""
        raise NotImplementedError


def is_clients(task: asyncio.Task[Any]) -> bool:
    """Whether it belongs to the program, not to a server of this test."""
    where = repr(task.get_coro())
    return "SMTP._handle_client" not in where and "Storm" not in where
