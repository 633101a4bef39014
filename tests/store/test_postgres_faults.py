"""F70: the server crashes, backends are killed, the line is cut in COMMIT; processes side by side.

What is acknowledged is there; what is not may be, once; no delivery is claimed twice.
"""

from __future__ import annotations

import asyncio
import os
import random
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TypeVar

import pytest
from sqlalchemy import Connection, text

from tests import postgres
from tests.made import MONDAY, NOON, paper, pick
from tests.postgres import Postgres
from tests.rawsmtp import CutProxy
from tests.store import victim
from tests.store.ledgers import (
    Stores,
    database_of,
    listening,
    on_sql,
    plan_for,
    settled,
    struck,
)
from tests.store.test_sqlite_processes import _heard, _running
from tests.test_daemon import FAKETIME
from worker.deliveries import Answer, Delivery, DeliveryId, DeliveryState, Reason
from worker.digests import Slot
from worker.model import Refused, SubscriberState
from worker.outcomes import Cause, InDoubt
from worker.pipeline.deliver import recover
from worker.returns import Undelivered
from worker.store.postgres_opening import open_postgres
from worker.store.server import Server


@pytest.fixture(scope="module")
def pg() -> Postgres:
    return postgres.running()


@pytest.fixture
async def server(pg: Postgres, tmp_path: Path) -> Server:
    return await pg.fresh(tmp_path)


@pytest.fixture
async def store(server: Server) -> AsyncIterator[Stores]:
    async with opened(server) as stores:
        yield stores


@asynccontextmanager
async def opened(server: Server, patience: float = 10.0) -> AsyncIterator[Stores]:
    async with open_postgres(server, patience=patience) as database:
        yield on_sql(database)


class Noon:
    """A clock that stands still."""

    def now(self) -> datetime:
        return NOON


async def states(store: Stores) -> list[DeliveryState]:
    return [each.state for each in await store.every_delivery()]


async def attempts(store: Stores, delivery: Delivery) -> int:
    return len(await store.record.attempts(delivery.id))


# --- the server goes, and comes back ----------------------------------------


async def test_a_server_that_crashed_meanwhile_is_not_noticed(pg: Postgres, store: Stores) -> None:
    who = await store.join()
    pg.restart()
    delivery = await store.planned(who)
    pg.restart()
    assert await store.ledger.claim(NOON, 1) == [
        replace(delivery, state=DeliveryState.SENDING, attempts=1)
    ]


async def test_what_is_written_waits_for_a_server_that_comes_back(
    pg: Postgres, store: Stores
) -> None:
    await store.planned(await store.join())
    (claimed,) = await store.ledger.claim(NOON, 1)
    pg.stop()
    with pytest.raises(Refused) as refused:
        await store.every_delivery()
    assert refused.value.exit_code == os.EX_TEMPFAIL
    coming = threading.Timer(4, pg.start)
    coming.start()
    await store.ledger.settle([settled(claimed)])
    coming.join()
    assert await states(store) == [DeliveryState.SENT]


async def test_one_that_does_not_come_back_is_said_in_one_line(
    pg: Postgres, server: Server
) -> None:
    async with opened(server, patience=0.3) as store:
        pg.stop()
        try:
            with pytest.raises(Refused) as refused:
                await store.ledger.claim(NOON, 1)
        finally:
            pg.start()
        assert refused.value.exit_code == os.EX_TEMPFAIL
        assert "\n" not in str(refused.value)
        assert await store.ledger.claim(NOON, 1) == []


# --- killed at every statement ----------------------------------------------

T = TypeVar("T")
Step = Callable[[Stores], Awaitable[object]]


async def plans(store: Stores) -> object:
    everyone = await store.subscribers.everyone()
    return await store.ledger.plan([plan_for(who, pick(1)) for who in everyone], [paper(1)])


async def claims(store: Stores) -> object:
    return [each.id for each in await store.ledger.claim(NOON, 9)]


async def settles(store: Stores) -> object:
    sending = await store.ledger.deliveries([DeliveryState.SENDING])
    await store.ledger.settle([struck(settled(each), 3, NOON) for each in sending])
    return None


async def suppresses(store: Stores) -> object:
    return await store.suppressions.suppress("reader1@example.org", Reason.OPERATOR, NOON)


@contextmanager
def befalls(number: int, fault: Callable[[Connection], None]) -> Iterator[list[str]]:
    """The fault strikes before that statement is sent; gives the statements so far."""
    sent: list[str] = []

    def strike(connection: Connection, _: object, statement: str, *__: object) -> None:
        sent.append(statement)
        if len(sent) == number:
            fault(connection)

    with listening("before_cursor_execute", strike):
        yield sent


@pytest.mark.parametrize("before", [0, 1, 2, 3])
@pytest.mark.parametrize("how", ["backend", "server"])
async def test_killed_at_any_statement_it_is_done_once_all_the_same(
    pg: Postgres, tmp_path: Path, how: str, before: int
) -> None:
    """Plan, claim, settle and suppress: nothing was committed, so each is run again by itself."""
    steps: list[Step] = [plans, claims, settles, suppresses]

    def fault(connection: Connection) -> None:
        if how == "server":
            pg.restart()
        else:
            pid = connection.connection.dbapi_connection.driver_connection.get_server_pid()  # type: ignore[union-attr]
            assert pg.ask(f"SELECT pg_terminate_backend({pid}, 5000)") == "t"

    for number in range(1, 60, 1 if how == "backend" else 4):
        folder = tmp_path / str(number)
        async with opened(await pg.fresh(folder)) as store:
            for joining in (1, 2, 3):
                await store.join(joining)
            for step in steps[:before]:
                await step(store)
            with befalls(number, fault) as sent:
                await steps[before](store)
            for step in steps[before + 1 :]:
                await step(store)
            assert await states(store) == [DeliveryState.SENT] * 3
            for each in await store.every_delivery():
                assert (each.attempts, await attempts(store, each)) == (1, 1)
            who = [each.state for each in await store.subscribers.everyone()]
            assert who == [SubscriberState.SUPPRESSED, *[SubscriberState.ACTIVE] * 2]
        if len(sent) < number:
            break
    assert len(sent) < number > 2


# --- the line is cut in COMMIT ----------------------------------------------


class Cutter(CutProxy):
    """Hangs up when a COMMIT is under way: before it arrives, or before its answer does."""

    def __init__(self, port: int) -> None:
        super().__init__(port)
        self.drops = ""

    async def _pass_up(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while piece := await reader.read(65536):
            if self.drops == "question" and b"COMMIT;" in piece:
                self.drops = ""
                return
            if self.drops == "answer" and b"COMMIT;" in piece:
                self.drops = "this answer"
            writer.write(piece)
            await writer.drain()

    async def _pass_down(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while piece := await reader.read(65536):
            if self.drops == "this answer":
                self.drops = ""
                return
            writer.write(piece)
            await writer.drain()


@asynccontextmanager
async def behind(pg: Postgres, server: Server) -> AsyncIterator[tuple[Stores, Cutter]]:
    async with AsyncExitStack() as stack:
        cutter = await stack.enter_async_context(Cutter(pg.port))
        there = pg.by_tcp(server.name, port=cutter.port)
        yield await stack.enter_async_context(opened(there)), cutter


async def lost(cutter: Cutter, which: str, work: Awaitable[object]) -> None:
    """The COMMIT of this work is not acknowledged."""
    cutter.drops = which
    with pytest.raises(Refused) as refused:
        await work
    assert refused.value.exit_code == os.EX_TEMPFAIL
    assert cutter.drops == ""


@pytest.mark.parametrize("which", ["question", "answer"])
async def test_a_plan_whose_commit_is_not_acknowledged_is_planned_once(
    pg: Postgres, server: Server, which: str
) -> None:
    async with behind(pg, server) as (store, cutter):
        who = await store.join()
        plan = plan_for(who, pick(1))
        await lost(cutter, which, store.ledger.plan([plan], [paper(1)]))
        taken = await store.ledger.plan([plan], [paper(1)])
        assert taken == ([plan] if which == "question" else [])
        assert await states(store) == [DeliveryState.PLANNED]
        assert (await store.now(who)).version == 1


@pytest.mark.parametrize("which", ["question", "answer"])
async def test_a_settlement_whose_commit_is_not_acknowledged_is_noted_once(
    pg: Postgres, server: Server, which: str
) -> None:
    async with behind(pg, server) as (store, cutter):
        await store.planned(await store.join())
        (claimed,) = await store.ledger.claim(NOON, 1)
        refused = struck(settled(claimed, DeliveryState.FAILED), 2, NOON)
        await lost(cutter, which, store.ledger.settle([refused]))
        for _ in range(2):
            await store.ledger.settle([refused])
        assert await states(store) == [DeliveryState.FAILED]
        assert await attempts(store, claimed) == 1


@pytest.mark.parametrize("which", ["question", "answer"])
async def test_a_claim_whose_commit_is_not_acknowledged_is_taken_by_nobody(
    pg: Postgres, server: Server, which: str
) -> None:
    """Committed, it is in doubt when the next round begins; else it still waits."""
    async with behind(pg, server) as (store, cutter):
        await store.planned(await store.join())
        await lost(cutter, which, store.ledger.claim(NOON, 1))
        if which == "question":
            assert len(await store.ledger.claim(NOON, 1)) == 1
            return
        assert await states(store) == [DeliveryState.SENDING]
        assert await store.ledger.claim(NOON, 1) == []
        assert await recover(store.ledger, Noon(), InDoubt.RESEND) == 1
        assert await states(store) == [DeliveryState.UNCERTAIN]


async def test_somebody_who_joins_while_the_commit_is_lost_is_there_once(
    pg: Postgres, server: Server
) -> None:
    async with behind(pg, server) as (store, cutter):
        await lost(cutter, "answer", store.join())
        with pytest.raises(Refused, match="on the list already"):
            await store.join()
        assert len(await store.subscribers.everyone()) == 1


# --- several at once --------------------------------------------------------


async def populate(store: Stores, people: int) -> None:
    everyone = [await store.join(number) for number in range(1, people + 1)]
    await store.ledger.plan([plan_for(who, pick(1)) for who in everyone], [paper(1)])


def named(server: Server) -> str:
    return f"postgres {server.host} {server.port} {server.name}"


async def test_no_two_processes_claim_the_same_delivery(server: Server, store: Stores) -> None:
    await populate(store, 60)
    with (
        _running(victim.claim_all, named(server)) as (_, one),
        _running(victim.claim_all, named(server)) as (_, other),
    ):
        claimed = [*one.recv(), *other.recv()]
    assert len(claimed) == len(set(claimed)) == 60


async def test_two_processes_lose_no_update_of_each_other(server: Server, store: Stores) -> None:
    who = await store.join()
    with (
        _running(victim.read_on, named(server), who.address, 50) as (_, one),
        _running(victim.read_on, named(server), who.address, 50) as (_, other),
    ):
        assert (one.recv(), other.recv()) == (50, 50)
    assert (await store.now(who)).cursor.paper == who.cursor.paper + 100


async def test_no_kill_loses_what_was_acknowledged(
    pg: Postgres, server: Server, store: Stores
) -> None:
    """F1 F70: now the process is killed, now its backend, now the server."""
    chance, acknowledged = random.Random(70), set()
    end = (
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
    )
    for round_ in range(6):
        with _running(victim.serve, named(server), 1 + 1000 * round_) as (process, said):
            for _ in range(chance.randrange(3, 12)):
                acknowledged.add(said.recv())
            if round_ % 3 == 0:
                pg.restart()
            elif round_ % 3 == 1:
                pg.ask(f"{end} AND pid <> pg_backend_pid()", server.name)
            process.kill()
            acknowledged |= set(_heard(said))
    deliveries = {each.subscriber: each.state for each in await store.every_delivery()}
    everyone = {who.id: who for who in await store.subscribers.everyone()}
    for what, who_id in acknowledged:
        assert who_id in everyone
        if what == "sent":
            assert deliveries[who_id] is DeliveryState.SENT
        elif what == "claimed":
            assert deliveries[who_id] in (DeliveryState.SENDING, DeliveryState.SENT)
        elif what == "planned":
            assert who_id in deliveries
    for who_id, who in everyone.items():
        assert (who_id in deliveries) == (who.last_slot is not None)
    assert len(acknowledged) > 20


async def test_many_claim_and_settle_beside_each_other_while_backends_are_killed(
    pg: Postgres, server: Server, store: Stores
) -> None:
    await populate(store, 40)
    carried: list[DeliveryId] = []
    end = (
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )

    async def settle(delivery: Delivery, store: Stores) -> None:
        await store.ledger.settle([settled(delivery)])

    async def carry() -> None:
        while any(state is DeliveryState.PLANNED for state in await patiently(states, store)):
            for claimed in await patiently(lambda s: s.ledger.claim(NOON, 1), store):
                carried.append(claimed.id)
                await patiently(partial(settle, claimed), store)

    async def kill() -> None:
        for _ in range(6):
            await asyncio.to_thread(pg.ask, end, server.name)

    await asyncio.gather(kill(), *(carry() for _ in range(5)))
    assert len(carried) == len(set(carried)), "none was given out twice"
    found = {each.id: each for each in await store.every_delivery()}
    for id_ in carried:
        assert found[id_].state is DeliveryState.SENT
        assert await attempts(store, found[id_]) == 1
    rest = {each.state for each in found.values() if each.id not in carried}
    assert rest <= {DeliveryState.SENDING}, "claimed, and never acknowledged"


async def patiently(ask: Callable[[Stores], Awaitable[T]], store: Stores) -> T:
    """As the pipeline does when the ledger is busy."""
    for _ in range(20):
        try:
            return await ask(store)
        except Refused as refused:
            if refused.exit_code != os.EX_TEMPFAIL:
                raise
    return await ask(store)


async def test_what_is_settled_or_comes_back_several_times_at_once_is_on_record_once(
    store: Stores,
) -> None:
    await store.planned(await store.join())
    (claimed,) = await store.ledger.claim(NOON, 1)
    await asyncio.gather(*(store.ledger.settle([settled(claimed)]) for _ in range(5)))
    assert await attempts(store, claimed) == 1
    back = Undelivered(claimed.id, Cause.ADDRESS, "550 5.1.1 no such user")
    noted = await asyncio.gather(*(store.returns.bounced(back, NOON) for _ in range(5)))
    assert sorted(noted) == [False] * 4 + [True]
    assert await attempts(store, claimed) == 2


async def test_an_answer_that_is_planned_several_times_at_once_is_planned_once(
    store: Stores,
) -> None:
    who = await store.join()
    answer = Answer(who.id, Slot("answer-1", MONDAY), ("done",), "<a@x.org>", "<1@x>", NOON)
    given = await asyncio.gather(*(store.returns.answer(answer) for _ in range(5)))
    assert sorted(map(bool, given)) == [False] * 4 + [True]
    assert len(await store.every_delivery()) == 1


@contextmanager
def meanwhile(beginning: str, server: Server, step: Step) -> Iterator[None]:
    """Once a statement that begins so was executed, the step is taken by somebody else.

    Whoever executed it goes on when the step is done, or waits for a lock of his.
    """

    async def take() -> None:
        async with opened(server) as other:
            await step(other)

    def note(_: object, __: object, statement: str, *___: object) -> None:
        if statement.startswith(beginning) and not taken:
            taken.append(threading.Thread(target=asyncio.run, args=[take()]))
            taken[0].start()
            taken[0].join(0.7)

    taken: list[threading.Thread] = []
    with listening("after_cursor_execute", note):
        yield
    taken[0].join(10)
    assert not taken[0].is_alive()


async def test_two_strikes_at_once_are_both_counted(server: Server, store: Stores) -> None:
    """Each alone does not suppress; noted beside each other they do, as one after the other."""
    who = await store.join()
    for day in (8, 9):
        await store.planned(await store.now(who), day=NOON.date().replace(day=day))
    first, second = await store.ledger.claim(NOON, 2)
    later = NOON.replace(day=NOON.day + 2)

    async def second_strike(other: Stores) -> None:
        await other.ledger.settle([struck(settled(second, DeliveryState.FAILED), 6, later)])

    with meanwhile("SELECT strike.delivery", server, second_strike):
        await store.ledger.settle([struck(settled(first, DeliveryState.FAILED), 6, NOON)])
    assert (await store.now(who)).state is SubscriberState.SUPPRESSED


async def test_who_joins_while_his_address_is_suppressed_is_never_active(
    server: Server, store: Stores
) -> None:
    async def joins(other: Stores) -> None:
        with suppress(Refused):
            await other.join()

    with meanwhile("INSERT INTO suppression", server, joins):
        await store.suppressions.suppress("reader1@example.org", Reason.COMPLAINT, NOON)
    assert await store.subscribers.everyone() == []


async def test_whose_address_is_suppressed_while_he_joins_is_never_active(
    server: Server, store: Stores
) -> None:
    async def complains(other: Stores) -> None:
        await other.suppressions.suppress("reader1@example.org", Reason.COMPLAINT, NOON)

    with meanwhile("INSERT INTO subscriber", server, complains):
        await store.join()
    (who,) = await store.subscribers.everyone()
    assert who.state is SubscriberState.SUPPRESSED


async def test_who_is_suppressed_while_his_digest_is_planned_is_suppressed(
    server: Server, store: Stores
) -> None:
    who = await store.join()
    with meanwhile("SELECT subscriber.id", server, plans):
        await store.suppressions.suppress(who.address, Reason.COMPLAINT, NOON)
    assert (await store.now(who)).state is SubscriberState.SUPPRESSED
    assert await store.ledger.claim(NOON, 9) == []


async def test_what_is_claimed_while_its_reader_leaves_is_sent_or_held_over_and_never_both(
    server: Server, store: Stores
) -> None:
    who = await store.join()
    await store.planned(who, pick(1))
    leaving = replace(await store.now(who), state=SubscriberState.UNSUBSCRIBED)

    async def claims(other: Stores) -> None:
        await other.ledger.claim(NOON, 1)

    with meanwhile("SELECT delivery.id", server, claims):
        assert await store.subscribers.change(leaving)
    is_held_over = bool((await store.now(who)).held_over)
    assert (await states(store) == [DeliveryState.SENDING]) is not is_held_over


async def test_what_is_put_off_while_its_reader_leaves_is_held_over_for_him(
    server: Server, store: Stores
) -> None:
    who = await store.join()
    await store.planned(who, pick(1))
    (sending,) = await store.ledger.claim(NOON, 1)
    leaving = replace(await store.now(who), state=SubscriberState.UNSUBSCRIBED)

    async def puts_off(other: Stores) -> None:
        await other.ledger.settle([settled(sending, DeliveryState.DEFERRED, due_at=NOON)])

    with meanwhile("SELECT delivery.id", server, puts_off):
        assert await store.subscribers.change(leaving)
    assert await store.ledger.claim(NOON, 9) == []
    assert await states(store) == [DeliveryState.CANCELLED]
    assert (await store.now(who)).held_over == (pick(1),)


async def test_what_is_settled_by_two_at_once_is_on_record_once(
    server: Server, store: Stores
) -> None:
    await store.planned(await store.join())
    (claimed,) = await store.ledger.claim(NOON, 1)
    with meanwhile("INSERT INTO attempt", server, settles):
        await store.ledger.settle([settled(claimed)])
    assert await attempts(store, claimed) == 1


async def test_a_lock_that_somebody_keeps_is_waited_for_and_then_said(
    server: Server, store: Stores
) -> None:
    who = await store.join()

    async def keep(connection_held: asyncio.Event, done: asyncio.Event) -> None:
        engine = database_of(store)._engine  # type: ignore[attr-defined]
        async with engine.connect() as other:
            await other.execute(text("SELECT * FROM subscriber FOR UPDATE"))
            connection_held.set()
            await done.wait()

    held, done = asyncio.Event(), asyncio.Event()
    async with opened(server, patience=0.2) as hasty, asyncio.TaskGroup() as group:
        group.create_task(keep(held, done))
        await held.wait()
        with pytest.raises(Refused, match="locked") as refused:
            await hasty.subscribers.change(who)
        assert refused.value.exit_code == os.EX_TEMPFAIL
        assert await hasty.subscribers.everyone() == [who]  # who reads needs no lock
        done.set()
    assert await store.subscribers.change(who) is not None


@pytest.mark.skipif(not FAKETIME, reason="libfaketime is not installed")
async def test_the_clock_of_the_server_counts_for_nothing(pg: Postgres, store: Stores) -> None:
    """F73: the one sender's clock alone says what is due, and strikes and days hang on it."""
    delivery = await store.planned(await store.join())
    pg.stop()
    pg.start(LD_PRELOAD=str(FAKETIME[0]), FAKETIME="+400d", TZ="Asia/Tokyo")
    try:
        assert "2025" not in pg.ask("SELECT now()")
        assert await store.ledger.claim(NOON - timedelta(seconds=1), 1) == []
        (claimed,) = await store.ledger.claim(NOON, 1)
        await store.ledger.settle([settled(claimed)])
        (attempt,) = await store.record.attempts(delivery.id)
        assert attempt.at == NOON
    finally:
        pg.restart()
    assert await states(store) == [DeliveryState.SENT]


async def test_a_task_that_is_cancelled_leaves_nothing_behind(
    server: Server, store: Stores
) -> None:
    who = await store.join()
    begun = asyncio.Event()

    def note(_: object, __: object, statement: str, *___: object) -> None:
        if statement.startswith("INSERT INTO delivery"):
            begun.set()

    with listening("after_cursor_execute", note):
        planning = asyncio.create_task(store.ledger.plan([plan_for(who, pick(1))], [paper(1)]))
        await begun.wait()
        planning.cancel()
        with pytest.raises(asyncio.CancelledError):
            await planning
    assert await store.every_delivery() == []
    assert await store.now(who) == who
