"""The ledger on PostgreSQL: how it is begun, brought up to date, and refused in one line."""

from __future__ import annotations

import asyncio
import os
import socket
import ssl
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, text

from tests import postgres
from tests.certificates import certified
from tests.made import NOON, paper, pick
from tests.postgres import Postgres
from tests.rawsmtp import CutProxy, Line
from tests.store.ledgers import Stores, database_of, listening, on_sql, plan_for, stores
from worker.model import Refused
from worker.store import migrate, schema
from worker.store.postgres import PostgresDatabase
from worker.store.postgres_opening import is_begun, open_postgres
from worker.store.server import Server


@pytest.fixture(scope="module")
def pg() -> Postgres:
    return postgres.running()


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Stores]:
    async with stores("postgres", tmp_path) as opened:
        yield opened


@asynccontextmanager
async def begun(server: Server) -> AsyncIterator[Stores]:
    async with open_postgres(server, create=True) as database:
        yield on_sql(database)


async def refusal(server: Server, *, create: bool = True) -> Refused:
    """The line with which this database is refused."""
    with pytest.raises(Refused) as refused:
        async with open_postgres(server, create=create):
            pass
    line = str(refused.value)
    assert line.startswith(f"{server.place}: ")
    assert "\n" not in line
    assert "hunter2" not in line
    return refused.value


# --- the schema -------------------------------------------------------------


async def test_all_migrations_together_make_the_schema(pg: Postgres) -> None:
    """Types, defaults, keys, indexes and checks, as pg_dump writes them."""
    async with begun(pg.empty("migrated")):
        pass
    created = PostgresDatabase(pg.empty("created"))
    await created.write(schema.metadata.create_all)
    await created.close()
    migrated = dumped(pg, "migrated", "--exclude-table=alembic_version")
    assert migrated == dumped(pg, "created")
    assert len([line for line in migrated if line.startswith("CREATE TABLE")]) == 9


def dumped(pg: Postgres, name: str, *options: str) -> list[str]:
    """What makes the tables there; in which order columns were added does not count."""
    where = ("-h", str(pg.folder), "-p", str(pg.port), "-U", "postgres", "-d", name)
    dump = [str(pg.bin / "pg_dump"), "-s", "-O", *options, *where]
    lines = subprocess.run(dump, check=True, capture_output=True, text=True).stdout.splitlines()
    return sorted(line.strip().rstrip(",") for line in lines if "restrict " not in line)


async def test_alembic_finds_no_difference_either(store: Stores) -> None:
    def differences(connection: Connection) -> list[object]:
        options = {"compare_server_default": True, "compare_type": True}
        context = MigrationContext.configure(connection, opts=options)
        assert context.get_current_revision() == schema.REVISION
        return list(compare_metadata(context, schema.metadata))

    assert await database_of(store).read(differences) == []


def first_version(connection: Connection) -> None:
    """A ledger of the first version, with one subscriber."""
    config = migrate._config()
    config.attributes["connection"] = connection
    command.upgrade(config, "0001")
    connection.execute(
        text(
            "INSERT INTO subscriber (uid, address, address_key, schedule, timezone, rules,"
            " created_at, state, when_empty, max_papers, cursor_paper, cursor_intake, held_over,"
            " from_file, version) VALUES (7, 'A@example.org', 'a@example.org', 'daily 08:00',"
            " 'UTC', '[]', now(), 'active', 'skip', 9, 0, 0, '[]', false, 0)"
        )
    )


async def test_a_ledger_of_the_first_version_is_brought_up_to_date(pg: Postgres) -> None:
    server = pg.empty("older")
    older = PostgresDatabase(server)
    await older.write(first_version)
    await older.close()
    async with open_postgres(server) as database:
        store = on_sql(database)
        (who,) = await store.subscribers.everyone()
        assert (who.address, who.version) == ("A@example.org", 0)
        plan = plan_for(who, pick(1))
        assert await store.ledger.plan([plan], [paper(1)]) == [plan]


async def test_a_migration_whose_server_dies_before_the_commit_never_was(pg: Postgres) -> None:
    """F19: DDL is inside the transaction."""
    server = pg.empty("half")

    def work(connection: Connection) -> None:
        migrate.upgrade(connection)
        pg.restart()

    database = PostgresDatabase(server, comes_back=False)
    with pytest.raises(Refused) as refused:
        await database.write(work)
    await database.close()
    assert refused.value.exit_code == os.EX_TEMPFAIL
    assert pg.ask("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'", "half") == "0"
    async with begun(server) as store:
        assert await store.subscribers.everyone() == []


async def test_several_may_begin_the_ledger_at_once(pg: Postgres) -> None:
    server = pg.empty("at_once")

    async def begin(number: int) -> None:
        async with begun(server) as store:
            await store.join(number)

    await asyncio.gather(*(begin(number) for number in range(1, 5)))
    async with open_postgres(server) as database:
        assert len(await on_sql(database).subscribers.everyone()) == 4


# --- what is refused --------------------------------------------------------


async def test_a_database_without_tables_is_only_begun_when_asked(pg: Postgres) -> None:
    server = pg.empty("nothing")
    assert (await refusal(server, create=False)).exit_code == os.EX_NOINPUT
    assert not await is_begun(server)
    assert pg.ask("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'", "nothing") == "0"


async def test_a_database_that_has_tables_is_never_begun_anew(pg: Postgres) -> None:
    server = pg.empty("others")
    pg.ask("CREATE TABLE wiki (page text)", "others")
    assert "wiki" in str(await refusal(server))
    tables = "SELECT string_agg(tablename, ',') FROM pg_tables WHERE schemaname = 'public'"
    assert pg.ask(tables, "others") == "wiki"


async def test_a_ledger_that_lost_its_version_is_not_begun_anew(pg: Postgres) -> None:
    server = pg.empty("lost")
    async with begun(server) as store:
        await store.join()
    pg.ask("DROP TABLE alembic_version", "lost")
    assert "has tables" in str(await refusal(server))
    assert pg.ask("SELECT count(*) FROM subscriber", "lost") == "1"


async def test_a_ledger_that_lost_a_table_is_refused(pg: Postgres) -> None:
    server = pg.empty("holes")
    async with begun(server):
        pass
    pg.ask("DROP TABLE suppression", "holes")
    assert (await refusal(server)).exit_code == os.EX_DATAERR


async def test_a_ledger_from_a_newer_version_is_refused(pg: Postgres) -> None:
    server = pg.empty("newer")
    async with begun(server):
        pass
    pg.ask("UPDATE alembic_version SET version_num = '9999'", "newer")
    assert "newer Paper Round (9999)" in str(await refusal(server))


async def test_a_database_in_another_encoding_is_refused(pg: Postgres) -> None:
    server = pg.empty("latin", "ENCODING 'SQL_ASCII' LOCALE 'C'")
    assert (await refusal(server)).exit_code == os.EX_CONFIG


@pytest.mark.parametrize(
    ("change", "exit_code", "word"),
    [
        ({"name": "no_such_database"}, os.EX_CONFIG, "create it"),
        ({"host": "127.0.0.1", "user": "nobody"}, os.EX_NOPERM, "login"),
        ({"host": "127.0.0.1", "user": "guarded"}, os.EX_NOPERM, "login"),
        ({"host": "127.0.0.1", "user": "guarded", "password": "hunter2"}, os.EX_NOPERM, "login"),
        ({"host": "/nowhere"}, os.EX_TEMPFAIL, "reached"),
        ({"host": "no-such-host.invalid"}, os.EX_TEMPFAIL, "reached"),
        ({"user": "reader"}, os.EX_NOPERM, "grant"),
    ],
)
async def test_what_keeps_us_out_is_said_in_one_line(
    pg: Postgres, change: dict[str, Any], exit_code: int, word: str
) -> None:
    server = pg.empty("closed")
    for role in ("nobody", "guarded", "reader"):
        pg.ask(f"DROP ROLE IF EXISTS {role}")
        pg.ask(f"CREATE ROLE {role} LOGIN PASSWORD 'right'")
    refused = await refusal(replace(server, **change))
    assert (refused.exit_code, word in str(refused)) == (exit_code, True), str(refused)


async def test_a_server_that_is_not_there_is_said_at_once(pg: Postgres) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # and nobody listens
        refused = await refusal(pg.by_tcp("x", port=taken.getsockname()[1]))
    assert refused.exit_code == os.EX_TEMPFAIL


async def test_a_server_without_room_for_one_more_is_busy(pg: Postgres) -> None:
    server = pg.empty("crowded")
    pg.ask("DROP ROLE IF EXISTS one")
    pg.ask("CREATE ROLE one LOGIN CONNECTION LIMIT 0")
    refused = await refusal(replace(server, user="one"))
    assert (refused.exit_code, "room" in str(refused)) == (os.EX_TEMPFAIL, True)


@pytest.mark.parametrize("absent", ["asyncpg", "greenlet"])
async def test_without_its_drivers_the_way_to_install_them_is_said(
    pg: Postgres, monkeypatch: pytest.MonkeyPatch, absent: str
) -> None:
    monkeypatch.setitem(sys.modules, absent, None)
    refused = await refusal(pg.at("x"))
    assert refused.exit_code == os.EX_CONFIG
    assert "pip install 'paperround[postgres]'" in str(refused)


# --- how it is spoken to ----------------------------------------------------


def test_a_password_shows_in_no_text(pg: Postgres) -> None:
    server = pg.at("x", password="hunter2")
    assert "hunter2" not in f"{server} {server!r} {server.place} {PostgresDatabase(server)!r}"


async def test_a_password_opens_what_it_guards(pg: Postgres) -> None:
    pg.empty("guarded")
    pg.ask("DROP ROLE IF EXISTS guarded")
    pg.ask("CREATE ROLE guarded LOGIN PASSWORD 'hunter2'; ALTER DATABASE guarded OWNER TO guarded")
    async with begun(pg.by_tcp("guarded", user="guarded", password="hunter2")) as store:
        await store.join()


async def test_another_machine_is_spoken_to_under_tls_only(pg: Postgres) -> None:
    """The server has no TLS, and by this name it might be anywhere."""
    server = pg.by_tcp(pg.empty("far").name)
    there = replace(server, host="0.0.0.0")  # which is here all the same, but not by its name
    refused = await refusal(there)
    assert (refused.exit_code, "TLS" in str(refused)) == (os.EX_CONFIG, True)


class BehindTls(CutProxy):
    """Stands before a server that speaks none, and speaks TLS for it, as PostgreSQL begins it."""

    def __init__(self, port: int, context: ssl.SSLContext) -> None:
        super().__init__(port)
        self._context = context

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        line = Line(reader, writer)
        assert await reader.readexactly(8) == bytes.fromhex("0000000804d2162f")
        await line.say(b"S")
        try:
            async with asyncio.timeout(1):  # whom a client hangs up on waits a minute otherwise
                await line.begin_tls(self._context)
            await self._relay(line)
        except OSError:
            writer.transport.abort()


async def test_a_certificate_for_the_name_is_trusted_and_no_other(
    pg: Postgres, tmp_path: Path
) -> None:
    server, certificate = pg.empty("secret"), certified(tmp_path, "localhost")
    async with BehindTls(pg.port, certificate.context) as proxy:
        there = replace(server, port=proxy.port, ca_file=Path(certificate.ca_file))
        async with begun(replace(there, host="localhost")) as store:
            await store.join()
        refused = await refusal(replace(there, host="127.0.0.1"))
        assert (refused.exit_code, "certificate" in str(refused)) == (os.EX_CONFIG, True)
        refused = await refusal(replace(there, host="0.0.0.0", ca_file=None))
        assert (refused.exit_code, "certificate" in str(refused)) == (os.EX_CONFIG, True)


async def test_authorities_that_cannot_be_read_are_refused(pg: Postgres, tmp_path: Path) -> None:
    with pytest.raises(Refused, match="certificates cannot be read") as refused:
        PostgresDatabase(replace(pg.at("x"), ca_file=tmp_path / "none.pem"))
    assert refused.value.exit_code == os.EX_CONFIG


# --- much of it -------------------------------------------------------------

MANY = """
    INSERT INTO delivery (subscriber, slot, day, picks, receipt, notes, message_id, planned_at,
                          state, due_at, attempts, doubts, reply, kind)
    SELECT subscriber, slot || n, day, picks, receipt, notes, message_id, planned_at,
           CASE WHEN n % 3 > 0 THEN 'sent' ELSE 'planned' END,
           CASE WHEN n % 3 > 0 THEN NULL ELSE due_at END, 0, 0, '',
           CASE WHEN n % 3 > 1 THEN 'confirm' ELSE 'digest' END
    FROM delivery, generate_series(1, 9000) AS n
"""
"""Confirmations that were sent, and digests, of which a third wait."""


async def test_what_is_awaited_is_not_looked_for_among_all_the_digests_that_wait(
    store: Stores,
) -> None:
    """For each claim is two: a digest run of many would take hours."""
    await store.planned(await store.join())
    await database_of(store).write(lambda c: c.execute(text(MANY)))
    await database_of(store).fold()
    executed: list[tuple[str, Any]] = []

    def note(_: object, __: object, statement: str, parameters: Any, *___: object) -> None:
        executed.append((statement, parameters))

    with listening("before_cursor_execute", note):
        await store.ledger.claim(NOON, 1)
    statement, parameters = next(each for each in executed if each[0].startswith("UPDATE"))

    def explained(connection: Connection) -> str:
        connection.exec_driver_sql("ANALYZE")
        plan = connection.exec_driver_sql(f"EXPLAIN {statement}", parameters)
        return "\n".join(row[0] for row in plan)

    plan = await database_of(store).write(explained)
    assert "ix_delivery_state_kind_planned_at" in plan
    assert "Index Scan using ix_delivery_due_at" not in plan
