"""Which files of a watched folder are complete, and what they are called where they go. Pure.

There is no sure sign that a writer is done: a file counts as complete when it did not change
between scans for a while. The clock of the file's own times is not ours and is never compared
with it (RELIABILITY B49): only a change between scans counts.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from worker.model import Rejected

PROMISE = ".done"
"""``NAME.done`` beside NAME is its writer's word that NAME is complete."""

MANIFEST = ".sha256"
"""``NAME.sha256`` holds, as sha256sum writes it, the hash that NAME has when it is complete."""

WISH = ".again"
"""``NAME.again`` asks to read NAME though its content was taken in before."""

REASON = ".reason.txt"
"""``NAME.reason.txt`` is what we wrote about NAME when it was refused."""

PATIENCE = 30 * 60.0
"""Seconds that a file which breaks off may stay as it is before it is given up."""

TRIES = 3
"""How often a file is read that its reader perishes of."""

_LONGEST_NAME = 255 - len(REASON) - len("..tmp")
"""In bytes: what most file systems allow, with room for what is written beside a file."""

_HIDDEN = (".", "~syncthing~")
_UNFINISHED = ("~", ".tmp", ".part", ".partial", ".crdownload", ".swp")
_BESIDE = (PROMISE, MANIFEST, WISH, REASON)
_DIGEST = re.compile(rb"\\?([0-9A-Fa-f]{64})(?:[ \t\r\n]|\Z)")  # a backslash: the name is escaped

_WAY_OUT = "Correct the file and put it back into the inbox."


@dataclass(frozen=True, slots=True)
class Mark:
    """What tells that a file changed: if these three are as before, nobody wrote to it."""

    size: int
    mtime_ns: int
    inode: int


@dataclass(frozen=True, slots=True)
class Sighting:
    """A file as last scanned, and the monotonic second since when it is like that."""

    mark: Mark
    since: float


def ignored(name: str) -> bool:
    """Whether the name says that this is no finished daily file (or belongs to one)."""
    small = name.lower()
    return small.startswith(_HIDDEN) or small.endswith(_UNFINISHED + _BESIDE)


def sighted(
    before: Mapping[str, Sighting], marks: Mapping[str, Mark], now: float
) -> dict[str, Sighting]:
    """The files of this scan; one that is as before keeps the second since when it is so."""
    fresh = {name: Sighting(mark, now) for name, mark in marks.items()}
    return {
        name: before[name] if name in before and before[name].mark == sighting.mark else sighting
        for name, sighting in fresh.items()
    }


def settled(
    sightings: Mapping[str, Sighting], promised: Collection[str], now: float, settle: float
) -> list[str]:
    """The names of the complete files, the oldest first: unchanged for ``settle`` seconds."""
    complete = [
        name
        for name, sighting in sightings.items()
        if name in promised or now - sighting.since >= settle
    ]
    return sorted(complete, key=lambda name: (sightings[name].mark.mtime_ns, name))


def digest_said(manifest: bytes) -> str | None:
    """The hash in a manifest, in small letters; None if there is none, or not yet."""
    match = _DIGEST.match(manifest)
    return match[1].decode().lower() if match else None


def readable(name: str) -> str:
    """The name as text that can be stored and sent: what is no UTF-8 becomes ``\\xff``."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def numbered(name: str, number: int) -> str:
    """``paper.txt``, ``paper (2).txt``, …; shortened where the name would be too long."""
    path = PurePosixPath(name)
    sister = f" ({number})" if number > 1 else ""
    if _size(path.suffix) > 20:
        return _shortened(name, _LONGEST_NAME - _size(sister)) + sister
    tail = sister + path.suffix
    return _shortened(path.stem, _LONGEST_NAME - _size(tail)) + tail


def reason_text(reasons: Sequence[Rejected]) -> str:
    """What lies beside a refused file: a line for each reason, then what to do."""
    lines = [_one_line(f"{reason.where}: {reason.why}") for reason in reasons]
    return "\n".join([*lines, _WAY_OUT, ""])


def shown(name: str) -> str:
    """The name for people: nothing in it moves a terminal's cursor or begins a line."""
    text = readable(name)
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def _one_line(text: str) -> str:
    """It may quote a file that anybody wrote."""
    return shown(" ".join(text.split()))


def _size(text: str) -> int:
    return len(text.encode("utf-8", "surrogateescape"))


def _shortened(text: str, room: int) -> str:
    """The text cut to so many bytes, between characters, where it has any (RFC 3629)."""
    content = text.encode("utf-8", "surrogateescape")
    if len(content) <= room:
        return text
    starts = (at for at in range(room, room - 4, -1) if not 0x80 <= content[at] < 0xC0)
    return content[: next(starts, room)].decode("utf-8", "surrogateescape")
