"""The tables, and the migrations that make them."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from dataclasses import replace
from datetime import timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Engine, create_engine, insert

from tests.made import NOON, subscriber
from tests.store.ledgers import Stores, database_of, listening, stores
from worker.store import migrate, schema
from worker.store.rows import subscriber_values

NEWER = (
    *(f"subscriber DROP COLUMN {name}" for name in ("domain", "address_hash")),
    *(f"delivery DROP COLUMN {name}" for name in ("kind", "held", "small", "answers")),
)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Stores]:
    async with stores("sqlite", tmp_path) as opened:
        yield opened


def _tables(make_them: Callable[[Engine], None]) -> dict[str, str]:
    """The name of each table and index, and the SQL that made it, white space aside."""
    engine = create_engine("sqlite://")
    make_them(engine)
    with engine.connect() as connection:
        query = "SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL"
        found = connection.exec_driver_sql(query).all()
    engine.dispose()
    return {name: "".join(sorted(sql.split())) for name, sql in found}


def _migrated(engine: Engine) -> None:
    with engine.begin() as connection:
        migrate.upgrade(connection)


def test_all_migrations_together_make_the_schema() -> None:
    migrated = _tables(_migrated)
    assert migrated.pop("alembic_version")
    assert migrated == _tables(schema.metadata.create_all)


def test_alembic_finds_no_difference_either() -> None:
    engine = create_engine("sqlite://")
    _migrated(engine)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection)
        assert compare_metadata(context, schema.metadata) == []
        assert context.get_current_revision() == schema.REVISION
    engine.dispose()


async def test_a_ledger_of_the_first_version_keeps_its_digests_to_the_byte(tmp_path: Path) -> None:
    async with stores("sqlite", tmp_path) as first:
        planned = await first.planned(await first.join())
    with closing(sqlite3.connect(tmp_path / "ledger.db")) as hand, hand:
        for column in NEWER:
            hand.execute(f"ALTER TABLE {column}")
        hand.executescript(
            "CREATE TABLE paper (number BIGINT NOT NULL, document TEXT NOT NULL,"
            " CONSTRAINT pk_paper PRIMARY KEY (number));"
            "INSERT INTO paper SELECT number, document FROM paper_as_planned;"
            "DROP TABLE paper_as_planned;"
            "UPDATE delivery SET picks = replace(picks, ',1]]', ']]');"
            "DROP TABLE attempt; DROP TABLE strike; DROP TABLE suppression; DROP TABLE breaker;"
            "DELETE FROM meta WHERE key = 'suppression_salt';"
            "UPDATE alembic_version SET version_num = '0001';"
        )
    async with stores("sqlite", tmp_path) as again:
        assert await again.every_delivery() == [planned]


def test_a_naive_instant_is_never_stored() -> None:
    engine = create_engine("sqlite://")
    schema.metadata.create_all(engine)
    naive = {**subscriber_values(subscriber()), "created_at": NOON.replace(tzinfo=None)}
    with engine.begin() as connection, pytest.raises(Exception, match="without a time zone"):
        connection.execute(insert(schema.subscriber), naive)
    engine.dispose()


async def test_an_instant_keeps_its_microseconds_and_comes_back_in_utc(store: Stores) -> None:
    at = NOON.replace(microsecond=1).astimezone(timezone(timedelta(hours=2)))
    await store.subscribers.add(replace(subscriber(), created_at=at))
    (found,) = await store.subscribers.everyone()
    assert (found.created_at, found.created_at.utcoffset()) == (at, timedelta(0))


async def test_claiming_reads_what_is_due_in_order_and_sorts_nothing(store: Stores) -> None:
    await store.planned(await store.join())
    executed: list[tuple[str, Any]] = []

    def note(_: object, __: object, statement: str, parameters: Any, *___: object) -> None:
        executed.append((statement, parameters))

    with listening("before_cursor_execute", note):
        await store.ledger.claim(NOON, 1)
    (claim,) = [each for each in executed if each[0].startswith("UPDATE")]
    plan = await database_of(store).read(
        lambda c: c.exec_driver_sql(f"EXPLAIN QUERY PLAN {claim[0]}", claim[1]).all()
    )
    steps = "\n".join(step[3] for step in plan)
    assert "ix_delivery_due_at (due_at<?)" in steps
    assert "TEMP B-TREE" not in steps
