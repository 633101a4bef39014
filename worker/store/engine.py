"""A database as two kinds of transaction; SQLite as one, and its failures as one line each.

A transaction is a plain function of a connection. On SQLite it runs in a thread from its BEGIN to
its COMMIT: asked of aiosqlite instead, each step of it crosses to a thread and back, which costs
more than the work (measured, claim and settle together: 92 a second, not 440). On an asynchronous
driver (``postgres.py``) the same function is what SQLAlchemy's ``run_sync`` takes.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import sqlite3
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any, Protocol, TypeVar
from urllib.parse import quote

from sqlalchemy import URL, Connection, Engine, Executable, RowMapping, create_engine, event
from sqlalchemy.exc import DBAPIError

from worker.model import Refused
from worker.store.ballast import Ballast
from worker.store.departures import NAME, Departures, saying

BATCH = 1000
"""How many keys one statement names: databases take some thousand parameters."""

READERS = 4

Key = TypeVar("Key")
Result = TypeVar("Result")

_BEGIN = "paperround_begin"

DAMAGED = "is damaged; stop, keep the file, and restore a backup in its place"

_TOO_MANY_FILES = -1  # SQLite has no code of its own for it

_FAILURES = {
    sqlite3.SQLITE_BUSY: (os.EX_TEMPFAIL, "stayed locked by another process; try again later"),
    sqlite3.SQLITE_FULL: (os.EX_TEMPFAIL, "cannot grow, the disk is full; make room"),
    sqlite3.SQLITE_READONLY: (os.EX_TEMPFAIL, "cannot be written; make file and folder writable"),
    sqlite3.SQLITE_IOERR: (os.EX_IOERR, "cannot be read or written; check the disk"),
    sqlite3.SQLITE_CANTOPEN: (os.EX_IOERR, "cannot be opened; check that it is there and is ours"),
    _TOO_MANY_FILES: (os.EX_TEMPFAIL, "cannot be opened, too many files are; raise the limit"),
    sqlite3.SQLITE_PERM: (os.EX_NOPERM, "may not be opened; check the owner and mode"),
    sqlite3.SQLITE_NOTADB: (os.EX_DATAERR, "is no ledger; restore a backup in its place"),
    sqlite3.SQLITE_CORRUPT: (os.EX_DATAERR, DAMAGED),
}

_FULL = (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_SHMSIZE)  # the latter: it cannot even be opened


class Full(Refused):
    """The disk takes nothing more."""


class Database(Protocol):
    """Two kinds of transaction. What goes wrong with the database itself is Refused, in one line.

    Work may be run again when nothing of its first run was committed: what it does, it does to the
    connection only.
    """

    place: str
    """Where it is, as one may be told."""
    departures: Departures | None
    """What is said of those who leave, before that is committed here."""

    async def read(self, work: Callable[[Connection], Result]) -> Result:
        """Run the work on one consistent view of the database."""
        ...

    async def write(self, work: Callable[[Connection], Result], *, must: bool = False) -> Result:
        """Run the work and commit it. What it raises is raised here, and nothing was written.

        What ``must`` be written has the room that is kept for it, where any is kept. Refused
        with EX_TEMPFAIL, it may have been committed all the same, if that is when the connection
        was lost: so what is written must be such that twice is once.
        """
        ...

    async def fold(self) -> None:
        """See to it that what was overwritten is gone, as far as that is in our hands."""
        ...

    async def close(self) -> None:
        """Give back every connection, when what was begun has ended."""
        ...


class SqliteDatabase:
    """One SQLite file: transactions that write queue up, those that only read run beside them.

    ``patience`` is how many seconds to wait for a lock that another process holds. A file that has
    gone is never begun anew. Beside it lies what is said of those who leave.
    """

    def __init__(self, path: Path, *, patience: float, foreign_keys: bool = True) -> None:
        self.place = str(path)
        self.departures: Departures | None = Departures(path.with_name(NAME))
        self._engine = _engine(path, patience, foreign_keys)
        self._writing = self._engine.execution_options(**{_BEGIN: "BEGIN IMMEDIATE"})
        self._writer = ThreadPoolExecutor(1, "ledger-writer")
        self._readers = ThreadPoolExecutor(READERS, "ledger-reader")
        self._ballast = Ballast(path.parent)
        self._room = threading.Lock()
        self._without_ballast = False

    async def read(self, work: Callable[[Connection], Result]) -> Result:
        """Run the work on one consistent view of the database.

        Opening it takes a little room too, which a full disk does not have.
        """
        run = partial(self._ballasted, self._engine, work)
        return await asyncio.get_running_loop().run_in_executor(self._readers, run)

    async def write(self, work: Callable[[Connection], Result], *, must: bool = False) -> Result:
        """Run the work under the write lock from its first statement on, and commit it.

        What it raises is raised here, and then nothing was written. Nor is anything if the task is
        cancelled, unless the commit had begun. What ``must`` be written, also on a full disk, has
        the room that is kept for it.
        """
        given_up = threading.Event()
        transaction = self._ballasted if must else self._transaction
        run = partial(transaction, self._writing, partial(_unless, given_up, work))
        try:
            return await asyncio.get_running_loop().run_in_executor(self._writer, run)
        except asyncio.CancelledError:
            given_up.set()
            raise

    async def fold(self) -> None:
        """Write the journal back into the file and empty it: what was overwritten is gone then.

        As far as no other process is in the way; the journal ends with the last connection anyhow.
        """
        await asyncio.get_running_loop().run_in_executor(self._writer, self._fold)

    async def close(self) -> None:
        """Give back every connection, when what was begun has ended."""
        await asyncio.get_running_loop().run_in_executor(self._writer, self._end)
        self._writer.shutdown()

    def _fold(self) -> None:
        connection = self._engine.raw_connection()
        try:
            connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
        except sqlite3.Error as error:
            if refused := _refusal(error, self.place):
                raise refused from None
            raise
        finally:
            connection.close()

    def _end(self) -> None:
        self._readers.shutdown()
        self._engine.dispose()

    def _ballasted(self, engine: Engine, work: Callable[[Connection], Result]) -> Result:
        try:
            return self._transaction(engine, work)
        except Full:
            with self._room:  # which whoever ends meanwhile would take back
                if not self._ballast.give_up():
                    raise
                self._without_ballast = True
                self._checkpoint()
                return self._transaction(engine, work)
        finally:
            if self._without_ballast:
                with self._room:
                    self._ballast.take()
                    self._without_ballast = not self._ballast.is_whole()

    def _checkpoint(self) -> None:
        """Move the journal's pages into the ledger, so that it begins anew and need not grow."""
        with contextlib.suppress(DBAPIError), self._engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(PASSIVE)")

    def _transaction(self, engine: Engine, work: Callable[[Connection], Result]) -> Result:
        try:
            with engine.begin() as connection:
                return saying(self.departures, work, connection)
        except DBAPIError as error:
            if refused := _refusal(error.orig, self.place):
                raise refused from None  # SQLite's own words may quote a row
            raise
        except UnicodeDecodeError:  # SQLite's own words, quoting a broken schema
            raise Refused(f"{self.place}: the ledger {DAMAGED}") from None


def fetch(
    connection: Connection, statement: Executable, parameters: Mapping[str, Any] | None = None
) -> Sequence[RowMapping]:
    """All rows of a query. Raises Refused if a column holds what its type cannot be."""
    try:
        return connection.execute(statement, parameters).mappings().all()
    except (ValueError, TypeError):  # a date or an instant: what we bind fails otherwise
        raise Refused("ledger: a row cannot be read; restore a backup") from None


def many(connection: Connection, statement: Executable, rows: Sequence[dict[str, Any]]) -> None:
    """Execute the statement once for each row, which may be none."""
    if rows:
        connection.execute(statement, rows)


def chunks(keys: Sequence[Key]) -> Iterator[Sequence[Key]]:
    """As many at a time as may be named in one statement."""
    return (keys[start : start + BATCH] for start in range(0, len(keys), BATCH))


def _engine(path: Path, patience: float, foreign_keys: bool) -> Engine:
    """Transactions are begun by us, never by the driver.

    Its own way leaves DDL and reads outside them, and lets two who have read and now want to write
    lock each other out.
    """
    url = URL.create(
        "sqlite",
        database=f"file:{quote(str(path.absolute()))}",
        query={"mode": "rw", "uri": "true"},
    )
    engine = create_engine(
        url,
        connect_args={"isolation_level": None, "timeout": patience},
        hide_parameters=True,  # they hold addresses
    )
    pragmas = (
        "journal_mode=WAL",
        "synchronous=FULL",
        "secure_delete=ON",  # what is erased is overwritten, not only forgotten
        f"foreign_keys={foreign_keys:d}",
    )

    def connected(connection: sqlite3.Connection, _: object) -> None:
        for pragma in pragmas:
            connection.execute(f"PRAGMA {pragma}")

    event.listen(engine, "connect", connected)
    event.listen(engine, "begin", _begin)
    return engine


def _unless(
    given_up: threading.Event, work: Callable[[Connection], Result], connection: Connection
) -> Result:
    result = work(connection)
    if given_up.is_set():
        raise asyncio.CancelledError  # for the rollback: nobody waits for it any more
    return result


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql(connection.get_execution_options().get(_BEGIN, "BEGIN"))


def _refusal(error: BaseException | None, place: str) -> Refused | None:
    if not isinstance(error, sqlite3.Error):
        return None
    code = getattr(error, "sqlite_errorcode", None)
    if code is None and "decode" in str(error):  # text that is no UTF-8 comes without a code
        return Refused(f"{place}: the ledger {DAMAGED}")
    if code is None or (code & 0xFF) not in _FAILURES:
        return None
    exit_code, why = _FAILURES[_told_apart(code, place)]
    kind = Full if code in _FULL else Refused
    return kind(f"{place}: the ledger {why} ({error.sqlite_errorname})", exit_code)


def _told_apart(code: int, place: str) -> int:
    """What SQLite means, where it says no more than that a file cannot be opened.

    The ledger itself must not be opened to find out: closing it would give up SQLite's locks.
    """
    if code in _FULL:
        return sqlite3.SQLITE_FULL
    if code & 0xFF != sqlite3.SQLITE_CANTOPEN:
        return code & 0xFF
    try:
        os.close(os.open(os.devnull, os.O_RDONLY | os.O_CLOEXEC))
        is_read_only = os.statvfs(Path(place).parent).f_flag & os.ST_RDONLY
    except OSError:
        return _TOO_MANY_FILES
    return sqlite3.SQLITE_READONLY if is_read_only else sqlite3.SQLITE_CANTOPEN
