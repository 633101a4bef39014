"""Opening the ledger on PostgreSQL: a database that is reached, ours, and of this version.

Nothing is concluded from a failure: a server that is not reached, or does not let us look, has all
that it had. Tables are made where there are none, and nowhere else.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

from sqlalchemy import Connection, inspect, text

from worker.model import Refused
from worker.store.departures import Departures
from worker.store.engine import Database
from worker.store.postgres import PATIENCE, PostgresDatabase
from worker.store.schema import REVISION
from worker.store.server import Server
from worker.store.sql import check_tables, is_older, revision_of

_LOCK = text("SELECT pg_advisory_xact_lock(8097877241837282336)")  # "paprrnd " as a number


@asynccontextmanager
async def open_postgres(
    server: Server,
    *,
    create: bool = False,
    patience: float = PATIENCE,
    departures: Departures | None = None,
) -> AsyncIterator[PostgresDatabase]:
    """The database that all of the ledger is in, brought to the newest schema.

    Raises Refused if it cannot be reached at once, holds no ledger (unless one is to be made, in a
    database or schema without tables), or one from a newer Paper Round.
    """
    at_once = PostgresDatabase(server, patience=patience, comes_back=False)
    try:
        await _bring_up_to_date(at_once, create)
    finally:
        await at_once.close()
    database = PostgresDatabase(server, patience=patience, departures=departures)
    try:
        yield database
    finally:
        await database.close()


async def is_begun(server: Server) -> bool:
    """Whether there is a ledger. Raises Refused if it cannot be reached, or is not ours to use."""
    database = PostgresDatabase(server, comes_back=False)
    try:
        return await database.read(partial(_looked_at, database.place)) is not None
    finally:
        await database.close()


async def _bring_up_to_date(database: Database, create: bool) -> None:
    revision = await database.read(partial(_looked_at, database.place))
    if revision is None and not create:
        line = f"{database.place}: no ledger is there; run `paperround init`, or restore a backup"
        raise Refused(line, os.EX_NOINPUT)
    if revision is None or is_older(revision, database.place):
        await database.write(partial(_upgrade, database.place))
    await check_tables(database)


def _looked_at(place: str, connection: Connection) -> str | None:
    """The version that is there; None if nothing is. Raises Refused if it is not ours."""
    encoding = connection.scalar(text("SHOW server_encoding"))
    if encoding != "UTF8":
        line = f"{place}: keeps text in {encoding}; make a database in UTF8"
        raise Refused(line, os.EX_CONFIG)
    revision = revision_of(connection)
    if revision is None and (found := inspect(connection).get_table_names()):
        line = f"{place}: has tables ({_some(found)}) but no ledger of Paper Round"
        raise Refused(f"{line}; give it a database of its own")
    return revision


def _upgrade(place: str, connection: Connection) -> None:
    """Run the migrations that are missing, one process at a time; all or nothing."""
    connection.execute(_LOCK)
    revision = _looked_at(place, connection)  # another one may have been quicker
    if revision is not None and not is_older(revision, place):
        return
    from worker.store import migrate  # Alembic takes as long to import as the rest of an opening

    migrate.upgrade(connection)
    if (made := revision_of(connection)) != REVISION:
        raise AssertionError(f"migrated to {made}")


def _some(names: list[str]) -> str:
    return ", ".join(sorted(names)[:3])
