"""Logs as JSON lines: one event a line, past tense, with its fields; never an address.

Everything that is logged comes through one formatter, which takes out whatever looks like a
mailbox, also in the words of a mail server or of a library's exception.
"""

from __future__ import annotations

import json
import logging
import re
from datetime import UTC, datetime
from typing import TextIO

_MAILBOX = re.compile(r"[^\s<>\"'(),;:=]+@[^\s<>\"'(),;:]+")
_OURS = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "taskName"}
_NOISY = (
    "apscheduler",
    "aiosmtplib",
    "httpcore",
    "httpx",  # it logs whole addresses, and what follows a host may be a secret
    "alembic",
    "flufl.bounce",
    "sqlalchemy",
    "watchfiles",
    "tzlocal",
)


def configure(stream: TextIO | None = None, level: int = logging.INFO) -> None:
    """Send every event to the stream. A log that cannot be written never stops the work."""
    handler = logging.StreamHandler(stream)
    handler.setFormatter(_JsonLines())
    logging.basicConfig(level=level, handlers=[handler], force=True)
    logging.raiseExceptions = False
    for name in _NOISY:
        logging.getLogger(name).setLevel(logging.WARNING)
    # That a tick is skipped while the last one runs is as it should be.
    logging.getLogger("apscheduler.scheduler").setLevel(logging.ERROR)


def for_people(stream: TextIO | None = None) -> None:
    """For commands that end: only errors, each as one line like every other complaint."""
    handler = logging.StreamHandler(stream)
    handler.setFormatter(_Lines("paperround: %(message)s"))
    logging.basicConfig(level=logging.ERROR, handlers=[handler], force=True)


def scrubbed(text: str) -> str:
    """The text with every mailbox in it taken out."""
    return _MAILBOX.sub("<address>", text)


class _Lines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        why = record.__dict__.get("why") or record.__dict__.get("reply")
        line = super().format(record)
        return scrubbed(f"{line}: {why}" if why else line)


class _JsonLines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        event: dict[str, object] = {
            "ts": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "event": scrubbed(record.getMessage()),
        }
        for name, value in record.__dict__.items():
            if name not in _OURS:
                event[name] = scrubbed(value) if isinstance(value, str) else value
        if record.exc_info:
            event["error"] = scrubbed(self.formatException(record.exc_info))
        return json.dumps(event, default=lambda value: scrubbed(str(value)))
