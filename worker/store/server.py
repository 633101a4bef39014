"""Where a PostgreSQL database is, and how it is logged in to."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from worker.core.host import is_loopback


@dataclass(frozen=True, slots=True)
class Server:
    """Where the database is. A ``host`` that begins with a slash is the folder of a socket.

    Without ``ca_file``, the system's certificates. The password shows in no ``repr``.
    """

    host: str
    port: int
    name: str
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    ca_file: Path | None = None

    @property
    def place(self) -> str:
        """The same as one may be told."""
        return f"postgresql://{self.host}:{self.port}/{self.name}"

    @property
    def is_local(self) -> bool:
        """Whether nobody else hears what is said to it."""
        return self.host.startswith("/") or is_loopback(self.host)
