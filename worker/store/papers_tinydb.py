"""The paper log in TinyDB: one human-readable file, written once per daily file.

Tables: ``log`` (the log's id and the schema version), ``seen`` (each paper's keys, for ever),
``papers`` (whole papers, for a window of days) and ``intakes`` (all, for ever).

Reading never waits: what is asked often lies in memory. Writing is done in place and not in a
thread: it happens once a day (half a second at 100,000 papers ever seen), and without an
``await`` no other coroutine can come between the check and the write, nor a cancellation part
them.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

import msgspec
from tinydb import TinyDB
from tinydb.table import Document

from worker.model import Cursor, Intake, Paper, PaperNumber, Refused, Seen
from worker.store.storage import AtomicStorage, Tables

SCHEMA = 1

_Numbered = TypeVar("_Numbered", Seen, Paper, Intake)


class TinyPaperLog:
    """A PaperLog in one file. ``close`` gives up its lock."""

    def __init__(self, storage: AtomicStorage, loaded: _Contents, window_days: int) -> None:
        self._storage = storage
        self._database = TinyDB(storage=lambda: storage)
        self._loaded = loaded
        self._window_days = window_days

    @classmethod
    def open(
        cls,
        path: Path,
        *,
        new_id: str,
        create: bool,
        window_days: int = 45,
        read_only: bool = False,
    ) -> TinyPaperLog:
        """Open the log at ``path``, as its one writer or, ``read_only``, as one of many readers.

        With ``create`` a missing log is made and called ``new_id`` (chance is an argument).
        A reader sees each daily file as soon as it was taken in. Raises Refused.
        """
        storage = AtomicStorage(path, create=create, read_only=read_only)
        try:
            tables = storage.read() or _create(storage, new_id)
            return cls(storage, _Contents.of(tables, storage.path), window_days)
        except Refused:
            storage.close()
            raise

    def close(self) -> None:
        self._database.close()

    def keep_for(self, window_days: int) -> None:
        """From the next daily file on, papers are kept for so many days."""
        self._window_days = window_days

    async def id(self) -> str:
        return self._contents().id

    async def end(self) -> Cursor:
        return self._contents().end()

    async def taken(self, sha256: str) -> Intake | None:
        return self._contents().by_hash.get(sha256)

    async def known(self, keys: Iterable[str]) -> Mapping[str, Seen]:
        contents = self._contents()
        owners = {key: contents.owners[key] for key in keys if key in contents.owners}
        return {key: contents.seen[number] for key, number in owners.items()}

    async def papers(self, after: PaperNumber) -> Sequence[Paper]:
        return tuple(paper for paper in self._contents().papers if paper.number > after)

    async def intakes(self, after: int) -> Sequence[Intake]:
        return tuple(self._contents().intakes[max(after, 0) :])

    async def take_in(
        self,
        intake: Intake,
        fresh: Sequence[Paper],
        learned: Mapping[PaperNumber, Sequence[str]],
        completed: Sequence[Paper] = (),
        unread: PaperNumber | None = None,
    ) -> None:
        contents = self._contents()
        contents.refuse_gaps(intake, fresh, [*learned, *(paper.number for paper in completed)])
        gained = contents.gained(learned)
        expired = contents.expired(intake, self._window_days, unread)
        better = contents.kept(completed)
        with self._storage.one_write():
            self._insert("intakes", intake.number, intake)
            self._change("seen", gained)
            self._change("papers", better)
            self._insert_all("seen", [Seen(paper.number, paper.keys) for paper in fresh])
            self._insert_all("papers", fresh)
            self._database.table("papers").remove(doc_ids=expired)
        contents.append(intake, fresh, gained, better, expired)

    def _contents(self) -> _Contents:
        """What is in memory; for a reader, read again if the writer has written since."""
        if self._storage.read_only and self._storage.changed():
            self._loaded = _Contents.of(self._storage.read() or {}, self._storage.path)
        return self._loaded

    def _insert(self, table: str, number: int, what: object) -> None:
        self._database.table(table).insert(Document(_plain(what), number))

    def _insert_all(self, table: str, numbered: Sequence[Paper] | Sequence[Seen]) -> None:
        documents = [Document(_plain(one), one.number) for one in numbered]
        self._database.table(table).insert_multiple(documents)

    def _change(
        self, table: str, changed: Mapping[PaperNumber, Seen] | Mapping[PaperNumber, Paper]
    ) -> None:
        if not changed:
            return

        def change(document: MutableMapping[Any, Any]) -> None:
            document.update(_plain(changed[document["number"]]))

        self._database.table(table).update(change, doc_ids=list(changed))  # one pass for all


@dataclass(slots=True)
class _Contents:
    """The log in memory. ``owners`` tells under which paper a key was first seen."""

    id: str
    seen: dict[PaperNumber, Seen] = field(default_factory=dict)
    owners: dict[str, PaperNumber] = field(default_factory=dict)
    papers: list[Paper] = field(default_factory=list)
    intakes: list[Intake] = field(default_factory=list)
    by_hash: dict[str, Intake] = field(default_factory=dict)

    @classmethod
    def of(cls, tables: Tables, path: Path) -> _Contents:
        """Raises Refused for the file of a later version, or of something else."""
        try:
            return cls._of(tables, path)
        except (KeyError, msgspec.ValidationError) as error:
            line = f"{path} is not a paper log ({error}): correct the path, or restore a backup"
            raise Refused(line, os.EX_DATAERR) from error

    @classmethod
    def _of(cls, tables: Tables, path: Path) -> _Contents:
        head = msgspec.convert(tables["log"]["1"], _Head)
        if head.schema != SCHEMA:
            line = f"{path} has schema {head.schema}, not {SCHEMA}: run the version that wrote it"
            raise Refused(line, os.EX_DATAERR)
        contents = cls(head.id)
        contents._remember(_all(tables, "seen", Seen))
        contents._note(_all(tables, "intakes", Intake))
        contents.papers = _all(tables, "papers", Paper)
        return contents

    def end(self) -> Cursor:
        return Cursor(PaperNumber(len(self.seen)), len(self.intakes))

    def refuse_gaps(
        self, intake: Intake, fresh: Sequence[Paper], changed: Iterable[PaperNumber]
    ) -> None:
        end = self.end()
        if intake.number != end.intake + 1:
            raise ValueError(f"intake {intake.number} does not follow on intake {end.intake}")
        numbers = [paper.number for paper in fresh]
        if numbers != list(range(end.paper + 1, end.paper + 1 + len(fresh))):
            raise ValueError(f"papers {numbers} do not follow on paper {end.paper}")
        if intake.newest != end.paper + len(fresh):
            raise ValueError(f"paper {intake.newest} is not the newest after {numbers}")
        if unknown := [number for number in changed if number not in self.seen]:
            raise ValueError(f"papers {unknown} were never seen")

    def gained(self, learned: Mapping[PaperNumber, Sequence[str]]) -> dict[PaperNumber, Seen]:
        """The papers with keys that nobody had: a key stays with the paper first seen under it."""
        gained: dict[PaperNumber, Seen] = {}
        taken: set[str] = set()
        for number, key in [(n, key) for n in sorted(learned) for key in learned[n]]:
            if key not in self.owners and key not in taken:
                taken.add(key)
                seen = gained.get(number, self.seen[number])
                gained[number] = Seen(number, (*seen.keys, key))
        return gained

    def kept(self, completed: Iterable[Paper]) -> dict[PaperNumber, Paper]:
        """Those that have not left with the window."""
        given = {paper.number: paper for paper in completed}
        return {one.number: given[one.number] for one in self.papers if one.number in given}

    def expired(self, intake: Intake, window_days: int, unread: PaperNumber | None) -> list[int]:
        """The papers taken in more than the window before this file was; the oldest ones, always.

        By when they came and not by their edition's day: a file that comes months late is new to
        everybody, and who reads monthly has not seen it yet.
        """
        window = timedelta(days=window_days)
        old = [past.newest for past in self.intakes if intake.at - past.at > window]
        last = max(old, default=0) if unread is None else min(max(old, default=0), unread)
        return [paper.number for paper in self.papers if paper.number <= last]

    def append(
        self,
        intake: Intake,
        fresh: Sequence[Paper],
        gained: Mapping[PaperNumber, Seen],
        better: Mapping[PaperNumber, Paper],
        expired: Iterable[int],
    ) -> None:
        self._remember(gained.values())
        self._remember(Seen(paper.number, paper.keys) for paper in fresh)
        self._note([intake])
        gone = set(expired)
        kept = (paper for paper in self.papers if paper.number not in gone)
        self.papers = [better.get(paper.number, paper) for paper in kept]
        self.papers.extend(fresh)

    def _remember(self, seen: Iterable[Seen]) -> None:
        for one in seen:
            self.seen[one.number] = one
            for key in one.keys:
                self.owners.setdefault(key, one.number)

    def _note(self, intakes: Iterable[Intake]) -> None:
        for intake in intakes:
            self.intakes.append(intake)
            self.by_hash[intake.sha256] = intake


class _Head(msgspec.Struct, frozen=True):
    id: str
    schema: int


def _create(storage: AtomicStorage, new_id: str) -> Tables:
    with storage.one_write():
        head = _plain(_Head(new_id, SCHEMA))
        TinyDB(storage=lambda: storage).table("log").insert(Document(head, 1))
    return storage.read() or {}


def _plain(what: object) -> dict[str, Any]:
    document: dict[str, Any] = msgspec.to_builtins(what)
    return document


def _all(tables: Tables, name: str, kind: type[_Numbered]) -> list[_Numbered]:
    documents = tables.get(name, {}).values()
    return sorted((msgspec.convert(one, kind) for one in documents), key=lambda one: one.number)
