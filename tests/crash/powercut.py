"""What a disk may hold after the power went: a record of a run, played back with losses.

``Record`` reads strace's account of a run; ``Disk`` plays its operations and knows for each byte
and each name whether it was synced. POSIX promises nothing of the rest: a file's bytes are safe
after its fsync, its name after that of the folder.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator, Mapping, Set
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

TRACE: Final = (
    "-f", "-y", "-xx", "-s", "1000000", "-e",
    "trace=openat,write,pwrite64,ftruncate,fsync,fdatasync,rename,link,unlink,mkdir,sendto",
)  # fmt: skip
"""Options for strace."""

_CALL = re.compile(r"^(\d+) +(?:<\.\.\. )?(\w+)(?:\(| resumed>)(.*)$")
_TEXT = re.compile(r'"((?:\\x[0-9a-f]{2})*)"')
_FILE = re.compile(r"^\d+<((?:\\x[0-9a-f]{2})*)>")
_RESULT = re.compile(r"\)\s+= (-?\d+)")
_UNFINISHED = " <unfinished ...>"
_DOT = b".\r\n"


@dataclass(frozen=True, slots=True)
class Call:
    """One system call that went well: its name, the descriptor or paths it names, what it wrote."""

    name: str
    descriptor: int
    paths: tuple[Path, ...]
    content: bytes
    flags: str
    result: int
    last: int  # the last number among its arguments: an offset or a size

    @property
    def is_dot(self) -> bool:
        """Whether a message became the server's with it."""
        return self.name == "sendto" and self.content.endswith(_DOT)


def calls(trace: Path) -> Iterator[Call]:
    """The calls in the order in which they ended."""
    begun: dict[str, str] = {}
    for line in trace.read_text().splitlines():
        found = _CALL.match(line)
        if not found:
            continue
        process, name, rest = found.groups()
        rest = begun.pop(process, "") + rest
        if rest.endswith(_UNFINISHED):
            begun[process] = rest.removesuffix(_UNFINISHED)
        elif (result := _RESULT.search(rest)) and int(result[1]) >= 0:
            yield _call(name, rest[: result.start()], int(result[1]))


def _call(name: str, arguments: str, result: int) -> Call:
    of = _FILE.match(arguments)
    texts = [_bytes(text) for text in _TEXT.findall(arguments)]
    if of:
        paths, content = [_bytes(of[1])], b"".join(texts)
    else:
        paths, content = texts, b""
    plain = _TEXT.sub("", arguments)
    numbers = re.findall(r"\b\d+\b", plain)
    return Call(
        name=name,
        descriptor=int(numbers[0]) if of else -1,
        paths=tuple(Path(path.decode()) for path in paths),
        content=content,
        flags=plain,
        result=result,
        last=int(numbers[-1]) if numbers else 0,
    )


def _bytes(text: str) -> bytes:
    return bytes.fromhex(text.replace("\\x", ""))


@dataclass(slots=True)
class _File:
    """``now`` is what the program sees, ``safe`` what is on the disk for sure."""

    now: bytearray = field(default_factory=bytearray)
    safe: bytes = b""
    unsynced: list[tuple[int, bytes | None]] = field(default_factory=list)

    def write(self, offset: int, content: bytes) -> None:
        self.unsynced.append((offset, content))
        _put(self.now, offset, content)

    def sync(self) -> None:
        self.safe, self.unsynced = bytes(self.now), []

    def torn(self, chance: random.Random) -> bytes:
        """Some of what was not synced is there, in any order."""
        content = bytearray(self.safe)
        for offset, piece in self.unsynced:
            if chance.random() < 0.5:
                _put(content, offset, piece)
        return bytes(content)


def _put(content: bytearray, offset: int, piece: bytes | None) -> None:
    if piece is None:
        del content[offset:]
        return
    content.extend(bytes(max(0, offset - len(content))))
    content[offset : offset + len(piece)] = piece


class Disk:
    """The files below a folder; at first as they lie there, and all of them safe."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._positions: dict[int, int] = {}
        self._folders = {path for path in folder.rglob("*") if path.is_dir()} | {folder}
        self._names = {path: _File() for path in folder.rglob("*") if path.is_file()}
        for path, file in self._names.items():
            file.now[:] = path.read_bytes()
            file.sync()
        self._safe_names = dict(self._names)
        self._safe_folders = set(self._folders)

    def play(self, call: Call) -> bool:
        """Do it. False if it is none of this folder's business."""
        mine = [path for path in call.paths if path.is_relative_to(self._folder)]
        if len(mine) != len(call.paths) or not mine or mine[0].name.endswith("-shm"):
            return False
        match call.name:
            case "openat":
                return self._open(mine[0], call)
            case "write" | "pwrite64" | "ftruncate":
                return self._write(mine[0], call)
            case "fsync" | "fdatasync":
                self._sync(mine[0])
            case "mkdir":
                self._folders.add(mine[0])
            case "unlink":
                self._names.pop(mine[0], None)
            case "rename":
                self._names[mine[1]] = self._names.pop(mine[0])
            case "link":
                self._names[mine[1]] = self._names[mine[0]]
            case _:
                return False
        return True

    def _open(self, path: Path, call: Call) -> bool:
        made = "O_CREAT" in call.flags and path not in self._names
        if made:
            self._names[path] = _File()
        if path not in self._names:
            return False
        if "O_TRUNC" in call.flags:
            file = self._names[path]
            file.unsynced.append((0, None))
            file.now.clear()
        self._positions[call.result] = 0
        return made

    def _write(self, path: Path, call: Call) -> bool:
        file = self._names.get(path)
        if file is None:
            return False
        if call.name == "ftruncate":
            file.unsynced.append((call.last, None))
            _put(file.now, call.last, None)
        elif call.name == "pwrite64":
            file.write(call.last, call.content)
        else:
            place = self._positions.get(call.descriptor, 0)
            self._positions[call.descriptor] = place + len(call.content)
            file.write(place, call.content)
        return True

    def _sync(self, path: Path) -> None:
        if path in self._names:
            self._names[path].sync()
            return
        self._safe_folders |= {one for one in self._folders if one.parent == path}
        kept = {one: file for one, file in self._safe_names.items() if one.parent != path}
        now = {one: file for one, file in self._names.items() if one.parent == path}
        self._safe_names = {**kept, **now}

    def states(self, seed: int) -> Mapping[str, dict[Path, bytes]]:
        """What may be found after the power went right now: files by name, relative."""
        names, safe, chance = self._names, self._safe_names, random.Random(seed)
        everywhere, synced = self._folders, self._safe_folders
        return {
            "only what was synced": self._found(safe, synced, lambda file: file.safe),
            "names without bytes": self._found(names, everywhere, lambda file: file.safe),
            "bytes without names": self._found(safe, synced, lambda file: bytes(file.now)),
            "bytes in any order": self._found(names, everywhere, lambda file: file.torn(chance)),
        }

    def _found(
        self,
        names: Mapping[Path, _File],
        folders: Set[Path],
        content: Callable[[_File], bytes],
    ) -> dict[Path, bytes]:
        return {
            path.relative_to(self._folder): content(file)
            for path, file in sorted(names.items())
            if path.parent in folders
        }


def lay_out(files: Mapping[Path, bytes], folder: Path) -> None:
    """Put these files there."""
    for path, content in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
