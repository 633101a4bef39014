"""Where the ledger is: a file, or a database on a PostgreSQL server."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from worker.config import values
from worker.config.smtp import read_password
from worker.config.source import Section
from worker.config.values import NotAllowed

SCHEMES = ("postgresql", "postgres")
PORT = 5432


@dataclass(frozen=True, slots=True)
class Postgres:
    """A database. A ``host`` that begins with a slash is the folder of the server's socket.

    Without ``ca_file``, the system's certificates. The password shows in no ``repr``, and so in no
    log and no traceback.
    """

    host: str
    port: int
    name: str
    user: str | None
    password: str | None = field(repr=False)
    ca_file: Path | None

    def __str__(self) -> str:
        return f"postgresql://{self.host}:{self.port}/{self.name}"


USUAL: Path | Postgres = Path("ledger.db")


def read_ledger(section: Section, data: Path) -> Path | Postgres:
    """Read where the ledger is; what is wrong with it is noted there."""
    given = section.read("ledger", _ledger, USUAL)
    secret = read_password(section, data, "ledger_")
    if isinstance(given, Path):
        if secret:
            section.refuse("is for a ledger on PostgreSQL; set ledger", "ledger_password")
        return data / given
    if given.password and secret:
        section.refuse("holds a password, beside ledger_password; keep one of them", "ledger")
    ca_file = data / given.ca_file if given.ca_file else None
    return replace(given, password=given.password or secret or None, ca_file=ca_file)


def _ledger(raw: object) -> Path | Postgres:
    written = values.text(raw)
    return _postgres(written) if "://" in written else values.path(raw)


def _postgres(url: str) -> Postgres:
    try:
        parts = urlsplit(url)
        asked = parse_qs(parts.query, strict_parsing=bool(parts.query))
        database = Postgres(
            host=_host(parts.hostname or "", asked.pop("host", [])),
            port=parts.port or PORT,
            name=unquote(parts.path.removeprefix("/")),
            user=unquote(parts.username or "") or None,
            password=unquote(parts.password or "") or None,
            ca_file=_ca_file(asked.pop("sslrootcert", [])),
        )
    except ValueError:
        raise _not_allowed() from None
    if parts.scheme not in SCHEMES or asked or parts.fragment or not database.name.isprintable():
        raise _not_allowed()
    if not database.name or "/" in database.name:
        raise _not_allowed()
    return database


def _host(named: str, asked: list[str]) -> str:
    if named and not asked:
        return values.host(named)
    (folder,) = asked  # ValueError if it is not one
    if named or not folder.startswith("/"):
        raise _not_allowed()
    return folder


def _ca_file(asked: list[str]) -> Path | None:
    (file,) = asked or [""]
    return values.path_or_none(file)


def _not_allowed() -> NotAllowed:
    return NotAllowed(
        "a path, or postgresql://user@host/database; for a server's socket"
        " postgresql://user@/database?host=/folder; ?sslrootcert=FILE names its authority"
    )
