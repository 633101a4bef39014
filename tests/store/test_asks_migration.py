"""A ledger from before anybody could ask on the site, brought up to date: nothing else changed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from sqlalchemy import Connection, MetaData, create_engine, insert, text
from sqlalchemy.exc import IntegrityError

from tests import postgres
from tests.made import MONDAY, NOON, paper, subscriber
from tests.store.ledgers import Stores, database_of, on_sql
from worker.deliveries import Brake, DeliveryKind, DeliveryState, Reason
from worker.manner import USUAL
from worker.model import SubscriberState
from worker.store import migrate, rows
from worker.store.address_hash import SALT, address_hash
from worker.store.failures import Unexpected
from worker.store.postgres import PostgresDatabase
from worker.store.postgres_opening import open_postgres
from worker.store.sql import open_database

Contents = dict[str, list[dict[str, Any]]]

TABLES = (
    *("subscriber", "delivery", "paper_as_planned", "attempt", "strike", "suppression"),
    *("breaker", "meta"),
)
REFUSED = (IntegrityError, Unexpected)
MANNER = {
    "language": "en", "plain": False, "abstracts": "full", "ordering": "rules", "related": "",
}  # fmt: skip
ADDED = {
    "subscriber": {**MANNER, "epoch": 0},
    "delivery": {
        **MANNER, "epoch": 0, "ask": None, "rest": "[]", "removed": "[]", "mentions": "[]",
        "told": "{}",
    },
}  # fmt: skip
STATES = [(who, what) for who in SubscriberState for what in DeliveryState]
KINDS = ("digest", "answer")


def as_it_was(connection: Connection) -> Contents:
    """A ledger of revision 0004 with rows in every state; gives all that is in it."""
    config = migrate._config()
    config.attributes["connection"] = connection
    command.upgrade(config, "0004")
    tables = MetaData()
    tables.reflect(connection)
    salt = connection.scalar(text(f"SELECT value FROM meta WHERE key = '{SALT}'"))  # noqa: S608

    def add(table: str, **row: Any) -> None:
        connection.execute(insert(tables.tables[table]).values(row))

    add("paper_as_planned", **rows.paper_values(paper(1)))
    for number, state in enumerate(SubscriberState, start=1):
        who = subscriber(address=f"{state.value}@Example.ORG", number=number)
        values = rows.subscriber_values(replace(who, state=state))
        old = {name: value for name, value in values.items() if name not in ADDED["subscriber"]}
        add("subscriber", **old, address_hash=address_hash(str(salt), who.address))
        for place, (what, kind) in enumerate((w, k) for w in DeliveryState for k in KINDS):
            add(
                "delivery", subscriber=number, slot=f"{kind} {what}", day=MONDAY, kind=kind,
                picks='[[1,[["*","*"]],1]]' if kind == "digest" else "[]", receipt="{}",
                notes='["A note."]', message_id=f"<{number}.{place}@x.org>", planned_at=NOON,
                state=what.value, due_at=NOON if what is DeliveryState.PLANNED else None,
                attempts=1, doubts=0, reply="250 kept", domain="example.org",
            )  # fmt: skip
    add("attempt", delivery=1, at=NOON, state="sent", server="mx", reply="250 kept")
    add("strike", delivery=1, via="smtp", day=MONDAY, subscriber=1, at=NOON, points=6, reply="550")
    add("breaker", brake=Brake.DOMAIN, name="x.org", since=NOON, failures=1, reply="", ours=False)
    add("suppression", address_hash="0" * 64, address="a@b.org", reason=Reason.BOUNCES,
        at=NOON, note="")  # fmt: skip
    return contents(connection)


def contents(connection: Connection) -> Contents:
    found = {}
    for table in TABLES:
        query = text(f"SELECT * FROM {table} ORDER BY 1")  # noqa: S608  # our own words
        found[table] = [dict(row) for row in connection.execute(query).mappings()]
    return found


@asynccontextmanager
async def brought_up_to_date(kind: str, folder: Path) -> AsyncIterator[tuple[Stores, Contents]]:
    """Such a ledger as it is opened now, and what was in it before."""
    if kind == "sqlite":
        engine = create_engine(f"sqlite:///{folder / 'ledger.db'}")
        with engine.begin() as connection:
            before = as_it_was(connection)
        engine.dispose()
        async with open_database(folder / "ledger.db") as opened:
            yield on_sql(opened), before
        return
    server = postgres.running().empty("before_asks")
    older = PostgresDatabase(server)
    before = await older.write(as_it_was)
    await older.close()
    async with open_postgres(server) as database:
        yield on_sql(database), before


@pytest.fixture(params=["sqlite", "postgres"])
async def updated(
    request: pytest.FixtureRequest, tmp_path: Path
) -> AsyncIterator[tuple[Stores, Contents]]:
    async with brought_up_to_date(request.param, tmp_path) as both:
        yield both


async def test_every_row_is_as_it_was_and_what_is_new_is_as_usual(
    updated: tuple[Stores, Contents],
) -> None:
    store, before = updated
    after = await database_of(store).read(contents)
    for table in TABLES:
        assert after[table] == [row | ADDED.get(table, {}) for row in before[table]]
    assert len(after["delivery"]) == len(STATES) * len(KINDS)
    assert [who.state for who in await store.subscribers.everyone()] == list(SubscriberState)
    for each in await store.every_delivery():
        assert (each.manner, each.epoch, each.ask, each.digest.rest) == (USUAL, 0, None, ())
    assert await store.signups.waiting(9) == []


async def test_deliveries_may_be_of_the_new_kinds_and_of_no_others(
    updated: tuple[Stores, Contents],
) -> None:
    store, before = updated
    database = database_of(store)
    for kind in DeliveryKind:
        await database.write(of_kind(kind.value))
    with pytest.raises(REFUSED):
        await database.write(of_kind("other"))
    with pytest.raises(REFUSED):  # the other constraints are there still
        await database.write(lambda c: c.execute(text("UPDATE delivery SET state = 'other'")))
    assert len(await store.every_delivery()) == len(before["delivery"]) + len(DeliveryKind)


def of_kind(kind: str) -> Any:
    """Writes a copy of the first delivery as one of that kind."""
    names = "day, picks, receipt, notes, message_id, planned_at, state, attempts, doubts, reply"
    copy = f"SELECT subscriber, :slot, {names}, :kind FROM delivery WHERE id = 1"  # noqa: S608
    statement = text(f"INSERT INTO delivery (subscriber, slot, {names}, kind) {copy}")
    return lambda connection: connection.execute(statement, {"slot": f"new {kind}", "kind": kind})


async def test_what_waits_goes_on_as_before(updated: tuple[Stores, Contents]) -> None:
    store, _ = updated
    claimed = await store.ledger.claim(NOON, 99)
    assert {(each.kind.value, each.address.partition("@")[0]) for each in claimed} == {
        ("digest", "active"),
        ("answer", "active"),
        ("answer", "unsubscribed"),
    }


async def test_sqlite_finds_the_file_whole(tmp_path: Path) -> None:
    async with brought_up_to_date("sqlite", tmp_path) as (store, _):
        for check, expected in (("integrity_check", [("ok",)]), ("foreign_key_check", [])):
            found = await database_of(store).read(partial(checked, check))
            assert found == expected
    async with open_database(tmp_path / "ledger.db") as again:
        assert len(await on_sql(again).every_delivery()) == len(STATES) * len(KINDS)


def checked(check: str, connection: Connection) -> list[tuple[Any, ...]]:
    return list(map(tuple, connection.exec_driver_sql(f"PRAGMA {check}").all()))
