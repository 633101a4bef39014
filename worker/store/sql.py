"""Opening the ledger: a file that is whole, ours, and of this version of the schema."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import Connection, inspect, select, text
from sqlalchemy.exc import OperationalError

from worker import durable
from worker.model import Refused
from worker.store.engine import DAMAGED, Database, SqliteDatabase
from worker.store.schema import REVISION, metadata
from worker.store.sql_ledger import SqlLedger
from worker.store.sql_subscribers import SqlSubscribers

PATIENCE = 10.0
"""Seconds to wait for a lock of another process."""

CHECKED_UP_TO = 64 * 2**20
"""Bytes of a file whose every page is checked when it is opened."""

_MAGIC = b"SQLite format 3\0"


@asynccontextmanager
async def open_database(
    path: Path, *, create: bool = False, patience: float = PATIENCE
) -> AsyncIterator[SqliteDatabase]:
    """The SQLite file that all of the ledger is in, brought to the newest schema.

    Raises Refused if the file is missing (unless it is to be created), empty, damaged, not ours or
    from a newer Paper Round. Never is a file that exists begun anew.
    """
    if not path.exists():
        _check_absence(path, create)
        await _create(path, patience)
    _check_header(path)
    database = SqliteDatabase(path, patience=patience)
    try:
        await _check_pages(database, path)
        if await _outdated(database):
            await _migrate(path, patience)
        await check_tables(database)
        yield database
    finally:
        await database.close()


@asynccontextmanager
async def open_ledger(
    path: Path, *, create: bool = False, patience: float = PATIENCE
) -> AsyncIterator[tuple[SqlSubscribers, SqlLedger]]:
    """The subscribers and their deliveries in such a file. Raises Refused as it does."""
    async with open_database(path, create=create, patience=patience) as database:
        yield SqlSubscribers(database), SqlLedger(database)


# --- is it there, and whole? ------------------------------------------------


def _check_absence(path: Path, create: bool) -> None:
    """A journal without its ledger would be played into the new one."""
    journal = path.with_name(f"{path.name}-wal")
    if journal.exists():
        line = f"{path}: the ledger is missing beside its journal {journal.name}; restore a backup"
        raise Refused(line, os.EX_NOINPUT)
    if not create:
        raise Refused(f"{path}: no ledger is there; run `paperround init`", os.EX_NOINPUT)


def _check_header(path: Path) -> None:
    try:
        with path.open("rb") as file:
            header = file.read(len(_MAGIC))
    except OSError as error:
        line = f"{path}: the ledger cannot be read ({error.strerror}); check the owner and mode"
        raise Refused(line, os.EX_NOPERM) from None
    if header != _MAGIC:
        what = "no SQLite file" if header else "empty, which a ledger never is"
        raise Refused(f"{path}: is {what}; restore a backup, or move it away to begin anew")


async def _check_pages(database: Database, path: Path) -> None:
    if path.stat().st_size > CHECKED_UP_TO:
        return
    found = await database.read(
        lambda connection: connection.exec_driver_sql("PRAGMA quick_check(1)").scalar()
    )
    if found != "ok":
        raise Refused(f"{path}: the ledger {DAMAGED}")


async def check_tables(database: Database) -> None:
    """Raises Refused if a table or a column is not there.

    The names in the schema are bytes of the file too, and no check of pages looks at them.
    """
    try:
        await database.read(
            lambda connection: [
                connection.execute(select(table).limit(0)).all() for table in metadata.sorted_tables
            ]
        )
    except OperationalError:  # no such table, or no such column
        raise Refused(f"{database.place}: the ledger {DAMAGED}") from None


# --- is it of this version? -------------------------------------------------


async def _outdated(database: Database) -> bool:
    """Whether migrations are missing. Raises Refused if the schema is not one of ours."""
    revision = await database.read(revision_of)
    if revision is None:
        raise Refused(f"{database.place}: is no ledger of Paper Round; move it away to begin anew")
    return is_older(revision, database.place)


def is_older(revision: str, place: str) -> bool:
    """Whether a ledger of that version has to be migrated. Raises Refused if it is newer."""
    if revision == REVISION:
        return False
    from worker.store import migrate  # as in _migrate

    if revision not in migrate.revisions():
        raise Refused(f"{place}: the ledger is from a newer Paper Round ({revision}); upgrade")
    return True


def revision_of(connection: Connection) -> str | None:
    """The version of the schema there; None if there is none of ours."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    revision: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return revision


# --- begun and brought up to date -------------------------------------------


async def _create(path: Path, patience: float) -> None:
    """Make the file elsewhere and give it its name when it is whole: it is never there in part.

    If another process was quicker, its file stays.
    """
    try:
        with TemporaryDirectory(prefix=f".{path.name}.", dir=path.parent) as folder:
            beside = Path(folder, path.name)
            beside.touch(0o600)
            await _migrate(beside, patience)
            with suppress(FileExistsError):
                os.link(beside, path)
            durable.sync_folder(path.parent)
    except OSError as error:
        line = f"{path}: the ledger cannot be created ({error.strerror}); check the folder"
        raise Refused(line, os.EX_CANTCREAT) from None


async def _migrate(path: Path, patience: float) -> None:
    """All or nothing. Foreign keys rest, so that a migration may rebuild a table."""
    from worker.store import migrate  # Alembic takes as long to import as the rest of an opening

    database = SqliteDatabase(path, patience=patience, foreign_keys=False)
    try:
        await database.write(migrate.upgrade)
    finally:
        await database.close()
