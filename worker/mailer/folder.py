"""A folder in place of a mail server: each message becomes a file that mail programs open."""

from __future__ import annotations

import asyncio
import hashlib
import re
from pathlib import Path

from worker import durable
from worker.deliveries import (
    Envelope,
)
from worker.outcomes import (
    Accepted,
    Outcome,
    Unavailable,
)

_UNSAFE = re.compile(r"[^A-Za-z0-9._#@+=-]+|^\.+")
_NAME_LIMIT = 100


class FolderMailer:
    """A ``ports.Mailer`` that writes ``NAME.eml``; the same name again is the same file.

    Cancelled while the disk is busy it raises CancelledError, and the file may appear yet: to
    write it again changes nothing.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def closed(self) -> str:
        """Nothing keeps it back."""
        return ""

    async def turn(self) -> None:
        """As many a second as can be."""

    async def deliver(self, envelope: Envelope) -> Outcome:
        """Put the message into the folder, whole and synced, or not at all."""
        path = self._folder / file_name(envelope)
        try:
            await asyncio.to_thread(self._write, path, envelope.content)
        except OSError as error:
            return Unavailable(f"{self._folder}: {error.strerror or type(error).__name__}")
        return Accepted(f"written to {path.name}")

    def _write(self, path: Path, content: bytes) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        durable.write(path, content)


def file_name(envelope: Envelope) -> str:
    """The envelope's name if that is safe in a folder; else what is left of it, and a hash.

    Different names never share a file. Without a name the content gives one.
    """
    safe = _UNSAFE.sub("_", envelope.name)[:_NAME_LIMIT]
    if safe != envelope.name or not safe:
        named = envelope.name.encode("utf-8", "surrogatepass") or envelope.content
        safe = f"{safe or 'message'}-{hashlib.sha256(named).hexdigest()[:12]}"
    return f"{safe}.eml"
