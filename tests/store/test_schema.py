"""The tables, and the migrations that make them."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from dataclasses import replace
from datetime import date, datetime, timedelta, timezone
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, Engine, create_engine, insert, select

from tests.made import NOON, paper, subscriber
from tests.store.ledgers import Stores, database_of, listening, stores
from worker.deliveries import DeliveryKind, Reason
from worker.model import SubscriberState
from worker.ports import Suppressed
from worker.store import migrate, schema
from worker.store.address_hash import SALT
from worker.store.rows import subscriber_values

MANNER = ("language", "plain", "epoch", "abstracts", "ordering", "related")
ON_SUBSCRIBERS = ("domain", "address_hash", *MANNER)
ON_DELIVERIES = (
    *("kind", "held", "small", "answers", "waiting_since", "domain"),
    *(*MANNER, "ask", "rest", "removed", "mentions", "told"),
)
NEWER = (
    *(f"subscriber DROP COLUMN {name}" for name in ON_SUBSCRIBERS),
    *(f"delivery DROP COLUMN {name}" for name in ON_DELIVERIES),
)


_SALT = select(schema.meta.c.value).where(schema.meta.c.key == SALT)


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
        hand.execute("DROP INDEX ix_subscriber_address_hash")
        hand.execute("DROP INDEX ix_delivery_due_at_id_domain")
        hand.execute("CREATE INDEX ix_delivery_due_at ON delivery (due_at)")
        hand.execute("DROP INDEX ix_delivery_state_kind_planned_at")
        hand.execute("CREATE INDEX ix_delivery_state ON delivery (state)")
        for column in NEWER:
            hand.execute(f"ALTER TABLE {column}")
        hand.executescript(
            "CREATE TABLE paper (number BIGINT NOT NULL, document TEXT NOT NULL,"
            " CONSTRAINT pk_paper PRIMARY KEY (number));"
            "INSERT INTO paper SELECT number, document FROM paper_as_planned;"
            "DROP TABLE paper_as_planned;"
            "UPDATE delivery SET picks = replace(picks, ',1,0,[]]]', ']]');"
            "DROP TABLE ask;"
            "DROP TABLE attempt; DROP TABLE strike; DROP TABLE suppression; DROP TABLE breaker;"
            "DELETE FROM meta WHERE key = 'suppression_salt';"
            "UPDATE alembic_version SET version_num = '0001';"
        )
    async with stores("sqlite", tmp_path) as again:
        assert await again.every_delivery() == [planned]


def _of_revision(path: Path, revision: str) -> None:
    """A ledger as an older Paper Round left it, with somebody in every state and a digest each."""
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        config = migrate._config()
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
    table = "paper" if revision == "0001" else "paper_as_planned"
    version, named = ("", "") if revision == "0001" else (", 1", ",1")
    document = msgspec.json.encode(paper(1)).decode()
    with closing(sqlite3.connect(path)) as hand, hand:
        hand.execute(f"INSERT INTO {table} VALUES (1{version}, ?)", (document,))  # noqa: S608
        for number, state in enumerate(SubscriberState, start=1):
            who = subscriber(address=f"{state.value}@Example.ORG", number=number)
            values = subscriber_values(replace(who, state=state))
            row = {
                name: str(value) if isinstance(value, datetime | date) else value
                for name, value in values.items()
                if name not in ON_SUBSCRIBERS
            }
            _insert(hand, "subscriber", row)
            digest = {
                "subscriber": number, "slot": "2025-09-08", "day": "2025-09-08",
                "picks": f'[[1,[["*","*"]]{named}]]', "receipt": "{}", "notes": "[]",
                "message_id": f"<{number}@x.org>", "planned_at": str(NOON),
                "state": "planned", "due_at": str(NOON), "attempts": 0, "doubts": 0, "reply": "",
            }  # fmt: skip
            _insert(hand, "delivery", digest)
    engine.dispose()


def _insert(hand: sqlite3.Connection, table: str, row: dict[str, Any]) -> None:
    names, marks = ", ".join(row), ", ".join("?" * len(row))
    hand.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", tuple(row.values()))  # noqa: S608


@pytest.mark.parametrize("revision", ["0001", "0002"])
async def test_an_older_ledger_is_brought_up_to_date_with_everybody_in_it(
    tmp_path: Path, revision: str
) -> None:
    _of_revision(tmp_path / "ledger.db", revision)
    async with stores("sqlite", tmp_path) as store:
        everyone = await store.subscribers.everyone()
        assert [who.state for who in everyone] == list(SubscriberState)
        listed = await store.suppressions.listed()
        assert [(entry.address, entry.reason) for entry in listed] == [
            ("suppressed@Example.ORG", Reason.OPERATOR)
        ]
        with pytest.raises(Suppressed):
            await store.subscribers.add(subscriber(address="SUPPRESSED@example.org", number=9))
        assert await store.suppressions.suppress("active@example.org", Reason.COMPLAINT, NOON)
        active = await store.subscribers.find("active@example.org")
        assert active is not None
        assert active.state is SubscriberState.SUPPRESSED


@pytest.mark.parametrize("revision", ["0001", "0002"])
async def test_what_waits_in_an_older_ledger_goes_to_who_is_active_and_to_nobody_else(
    tmp_path: Path, revision: str
) -> None:
    _of_revision(tmp_path / "ledger.db", revision)
    async with stores("sqlite", tmp_path) as store:
        assert await store.ledger.claim(NOON, 9, ["example.org"]) == []
        (claimed,) = await store.ledger.claim(NOON, 9)
        assert (claimed.address, claimed.papers) == ("active@Example.ORG", (paper(1),))
        assert (claimed.kind, claimed.held, claimed.small) == (DeliveryKind.DIGEST, False, False)
        assert await store.record.attempts(claimed.id) == []
        counts = await store.ledger.counts()
        assert (counts["sending"], counts["cancelled"]) == (1, len(SubscriberState) - 1)


async def test_a_ledger_brought_up_to_date_is_whole_and_opens_again(tmp_path: Path) -> None:
    _of_revision(tmp_path / "ledger.db", "0001")
    async with stores("sqlite", tmp_path) as store:
        salt = await database_of(store).read(lambda c: c.execute(_SALT).scalar())
        assert (
            await database_of(store).read(
                lambda c: c.exec_driver_sql("PRAGMA foreign_key_check").all()
            )
            == []
        )
    async with stores("sqlite", tmp_path) as store:
        assert await database_of(store).read(lambda c: c.execute(_SALT).scalar()) == salt
        assert await store.suppressions.find("suppressed@example.org")


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
    claims = [each for each in executed if each[0].startswith("UPDATE")]
    awaited, at_all = [await steps_of(store, *each) for each in claims]
    assert "ix_delivery_state_kind_planned_at (state=? AND kind=?)" in awaited
    assert "ix_delivery_due_at_id_domain (due_at<?)" in at_all
    assert "TEMP B-TREE" not in at_all


async def steps_of(store: Stores, statement: str, parameters: Any) -> str:
    """How the database goes about it."""
    plan = await database_of(store).read(
        lambda c: c.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).all()
    )
    return "\n".join(step[3] for step in plan)


async def test_counting_the_mails_of_some_days_reads_none_of_those_before(store: Stores) -> None:
    await store.planned(await store.join())
    executed: list[tuple[str, Any]] = []

    def note(_: object, __: object, statement: str, parameters: Any, *___: object) -> None:
        executed.append((statement, parameters))

    with listening("before_cursor_execute", note):
        await store.statistics.figures(NOON)
    counted = [each for each in executed if "count(*)" in each[0] and "FROM delivery" in each[0]]
    assert len(counted) == 3
    for statement, parameters in counted[:2]:
        plan = await database_of(store).read(partial(explained, statement, parameters))
        used = "COVERING INDEX ix_delivery_state_kind_planned_at (state=? AND kind=? AND planned"
        assert used in plan


def explained(statement: str, parameters: Any, connection: Connection) -> str:
    plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
    return "\n".join(step[3] for step in plan)
