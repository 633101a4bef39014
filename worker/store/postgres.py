"""A PostgreSQL database as two kinds of transaction, and its failures as one line each.

One that reads sees one consistent view (REPEATABLE READ, READ ONLY). One that writes is READ
COMMITTED: each statement sees what is committed by then, and what a decision hangs on is locked
first, row by row; so writers do not queue up, and ``claim`` passes over what others hold (SKIP
LOCKED). Two that lock each other out are told by the server; one of them is run again.
"""

from __future__ import annotations

import asyncio
import logging
import os
import ssl
from collections.abc import Callable
from functools import partial
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Final, TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolExhausted

from worker.model import Refused
from worker.store.departures import Departures, saying
from worker.store.failures import UNIQUE, passes, refusal, sqlstate, undone
from worker.store.schema import metadata
from worker.store.server import Server

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

PATIENCE: Final = 10.0
"""Seconds to wait for a lock, and for a server that has gone to come back."""

PAUSE: Final = 0.25
TRIES: Final = 10
"""How often a transaction is run that others keep getting in the way of."""

CONNECTIONS: Final = 5
REACHING: Final = 5.0
HANGING: Final = 60.0
"""Seconds after which a statement, or a transaction that does nothing, is given up."""

Result = TypeVar("Result")

_FAILED = (DBAPIError, PoolExhausted, OSError)


class PostgresDatabase:
    """One database: transactions run beside each other, each on a connection of its own.

    ``patience`` is how many seconds a write waits for a lock, and for a server that has gone if
    that ``comes_back``. Raises Refused if the drivers are not installed, or the certificates cannot
    be read.
    """

    def __init__(
        self,
        server: Server,
        *,
        patience: float = PATIENCE,
        comes_back: bool = True,
        departures: Departures | None = None,
    ) -> None:
        self.place = server.place
        self.departures = departures
        self._patience = patience if comes_back else 0.0
        self._engine = _engine(server, patience)
        self._reading = self._engine.execution_options(
            isolation_level="REPEATABLE READ", postgresql_readonly=True
        )

    async def read(self, work: Callable[[Connection], Result]) -> Result:
        """Run the work on one consistent view of the database; once more, if that was lost."""
        try:
            return await self._read(work)
        except _FAILED as error:
            if not passes(error):
                raise refusal(error, self.place) from None  # the server's own words may quote a row
        try:
            return await self._read(work)
        except _FAILED as error:
            raise refusal(error, self.place) from None

    async def _read(self, work: Callable[[Connection], Result]) -> Result:
        async with self._reading.connect() as connection:
            return await connection.run_sync(partial(saying, self.departures, work))

    async def write(self, work: Callable[[Connection], Result], *, must: bool = False) -> Result:
        """Run the work and commit it; again, if nothing of it was committed and it may be.

        Lost in COMMIT, it is Refused: whether it was committed only its key can tell, and that the
        caller has. Nothing is written if the task is cancelled, unless the commit had begun. Room
        on its disk the server keeps itself, or does not: ``must`` changes nothing.
        """
        until = asyncio.get_running_loop().time() + self._patience
        tried = 0
        while True:
            tried += 1
            attempt = _Attempt(self._engine)
            try:
                return await attempt.run(partial(saying, self.departures, work))
            except _FAILED as error:
                late = asyncio.get_running_loop().time() >= until
                if attempt.committing or not _again(error, tried, late=late):
                    raise refusal(error, self.place) from None
            await asyncio.sleep(PAUSE)

    async def fold(self) -> None:
        """Have the server overwrite what it holds of old rows.

        Its journal and its backups are in the hands of whoever runs it.
        """
        tables = ", ".join(table.name for table in metadata.sorted_tables)
        try:
            async with self._engine.connect() as connection:
                alone = await connection.execution_options(isolation_level="AUTOCOMMIT")
                await alone.exec_driver_sql(f"VACUUM {tables}")
        except _FAILED as error:
            raise refusal(error, self.place) from None

    async def close(self) -> None:
        """Give back every connection."""
        await self._engine.dispose()


class _Attempt:
    """One run of a transaction; ``committing`` from when it may have been committed."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self.committing = False

    async def run(self, work: Callable[[Connection], Result]) -> Result:
        async with self._engine.connect() as connection:
            transaction = await connection.begin()  # ours: nothing in the work commits
            result = await connection.run_sync(work)
            self.committing = True
            await transaction.commit()
        return result


def _again(error: BaseException, tried: int, *, late: bool) -> bool:
    """Whether the transaction, of which nothing was committed, may be run once more.

    A key that is there already may have been written by somebody else at this very moment: the
    second run meets it.
    """
    if sqlstate(error) == UNIQUE:
        return tried == 1
    return tried < TRIES if undone(error) else passes(error) and not late


def _engine(server: Server, patience: float) -> AsyncEngine:
    if not (find_spec("asyncpg") and find_spec("greenlet")):
        line = "needs more to be installed: pip install 'paperround[postgres]'"
        raise Refused(f"{server.place}: {line}", os.EX_CONFIG)
    from sqlalchemy.ext.asyncio import create_async_engine  # cannot be imported without them

    logging.getLogger("sqlalchemy.pool").setLevel(logging.CRITICAL)  # what is lost, we say
    return create_async_engine(
        "postgresql+asyncpg://",
        connect_args=_arguments(server, patience),
        hide_parameters=True,  # they hold addresses
        pool_size=CONNECTIONS,
        max_overflow=CONNECTIONS,
        pool_timeout=patience,
        pool_pre_ping=True,  # those of before a restart are replaced unseen
    )


def _arguments(server: Server, patience: float) -> dict[str, Any]:
    return {
        "host": server.host,
        "port": server.port,
        "database": server.name,
        "user": server.user,
        "password": server.password,
        "ssl": _tls(server),
        "timeout": REACHING,
        "command_timeout": HANGING,
        "server_settings": {
            "application_name": "paperround",
            "TimeZone": "UTC",
            "lock_timeout": f"{patience * 1000:.0f}",
            "idle_in_transaction_session_timeout": f"{HANGING * 1000:.0f}",
        },
    }


def _tls(server: Server) -> ssl.SSLContext | bool:
    """Verified TLS, or nothing is said, but to this very machine."""
    if server.ca_file is None and server.is_local:
        return False
    try:
        return ssl.create_default_context(cafile=server.ca_file)
    except OSError as error:
        line = f"{server.ca_file}: the certificates cannot be read ({error.strerror})"
        raise Refused(line, os.EX_CONFIG) from None
