"""What crosses the border between the program and the child that reads: a file, an edition back.

Both come through files without a name, so that nobody waits for the other to read on.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime
from typing import BinaryIO, Final

import msgspec

from worker.model import DailyFile, Edition, Incomplete, Rejected, Unreadable

OUT_OF_MEMORY: Final = os.EX_OSERR
"""The exit code of a child that needed more memory than it may have."""

PATIENCE: Final = 2
"""A child that works so many seconds may take this many times as long, on a busy machine."""

ANSWER_LIMIT: Final = 256 * 2**20  # bytes


class Head(msgspec.Struct, frozen=True):
    """What is said of a file before its content."""

    name: str
    sha256: str
    modified: datetime
    newest: date | None


class Answer(msgspec.Struct, frozen=True):
    """An edition, or the reasons why there is none; ``breaks_off``: the file may yet go on."""

    edition: Edition | None = None
    reasons: tuple[Rejected, ...] = ()
    breaks_off: bool = False


def nameless() -> BinaryIO:
    """A file that is nowhere, in memory where the system has such, and gone when it is closed."""
    if hasattr(os, "memfd_create"):
        return open(os.memfd_create("paperround"), "w+b")
    return tempfile.TemporaryFile()


def put_question(out: BinaryIO, file: DailyFile, newest: date | None) -> None:
    """Write the question, for a reader who begins at the beginning."""
    head = msgspec.json.encode(Head(file.name, file.sha256, file.modified, newest))
    out.write(head + b"\n")  # JSON has no bare line feed
    out.write(file.content)
    out.seek(0)


def take_question(given: BinaryIO) -> tuple[DailyFile, date | None]:
    """The file that is to be read, and the newest day known."""
    head = msgspec.json.decode(given.readline(), type=Head)
    return DailyFile(head.name, given.read(), head.sha256, head.modified), head.newest


def answered(edition: Edition) -> bytes:
    """The answer of a file that could be read."""
    told = replace(
        edition,
        source=_text(edition.source),
        rejected=_texts(edition.rejected),
        notes=tuple(map(_text, edition.notes)),
    )
    return msgspec.msgpack.encode(Answer(told))


def refused(no: Unreadable) -> bytes:
    """The answer of a file that could not."""
    return msgspec.msgpack.encode(
        Answer(None, _texts(no.reasons), breaks_off=isinstance(no, Incomplete))
    )


def edition_in(answer: bytes) -> Edition:
    """The edition of the answer. Raises Unreadable or Incomplete, if it says so; ValueError if it
    is no answer at all.
    """
    told = msgspec.msgpack.decode(answer, type=Answer)
    if told.edition is None:
        raise (Incomplete if told.breaks_off else Unreadable)(*told.reasons)
    return told.edition


def _texts(reasons: Iterable[Rejected]) -> tuple[Rejected, ...]:
    return tuple(Rejected(_text(reason.where), _text(reason.why)) for reason in reasons)


def _text(text: str) -> str:
    """What quotes a file may have halves of characters in it, which no encoding has."""
    return text.encode("utf-8", "backslashreplace").decode()
