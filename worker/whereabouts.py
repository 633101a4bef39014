"""Where the ledger of an installation is: in a file of its own, or in a database on a server."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from pathlib import Path

from worker.config.settings import Settings
from worker.config.store import Postgres
from worker.store.departures import NAME, Departures
from worker.store.engine import Database
from worker.store.server import Server
from worker.store.sql import open_database


def place(settings: Settings) -> str:
    """The same as one may be told."""
    return str(settings.database or settings.ledger)


def departures_of(settings: Settings) -> Path:
    """The file that has who left: in the data folder of whoever sends, also with a database."""
    return settings.ledger.with_name(NAME)


async def is_there(settings: Settings) -> bool:
    """Whether there is a ledger. Nothing is made or changed.

    Raises Refused if that cannot be known: from a server that is not reached nothing follows.
    """
    if settings.database is None:
        return settings.ledger.exists()
    from worker.store.postgres_opening import is_begun  # loaded by those only who have one

    return await is_begun(_server(settings.database))


def open_there(
    settings: Settings, *, create: bool = False
) -> AbstractAsyncContextManager[Database]:
    """The ledger, opened, and brought to the newest schema. Raises Refused."""
    if settings.database is None:
        return open_database(settings.ledger, create=create)
    from worker.store.postgres_opening import open_postgres

    departures = Departures(departures_of(settings))
    return open_postgres(_server(settings.database), create=create, departures=departures)


def _server(database: Postgres) -> Server:
    return Server(
        host=database.host,
        port=database.port,
        name=database.name,
        user=database.user,
        password=database.password,
        ca_file=database.ca_file,
    )
