"""The paper log in TinyDB: one human-readable file, written once per daily file.

Tables: ``log`` (the log's id and the schema version), ``seen`` (each paper's keys, for ever),
``papers`` (whole papers, for a window of days), ``sightings`` (which of those a file listed once
more; an older program leaves the table as it is) and ``intakes`` (all, for ever).

Reading never waits: what is asked often lies in memory. Writing is done in place and not in a
thread: it happens once a day (half a second at 100,000 papers ever seen), and without an
``await`` no other coroutine can come between the check and the write, nor a cancellation part
them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, MutableMapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
from tinydb import TinyDB
from tinydb.table import Document

from worker.model import Cursor, Intake, Paper, PaperNumber, Refused, Seen
from worker.sightings import Sighting
from worker.store.papers_contents import SCHEMA, Contents, Head, Sighted
from worker.store.storage import AtomicStorage, Tables


class TinyPaperLog:
    """A PaperLog in one file. ``close`` gives up its lock."""

    def __init__(self, storage: AtomicStorage, loaded: Contents, window_days: int) -> None:
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
            return cls(storage, Contents.of(tables, storage.path), window_days)
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

    async def sightings(self, after: int) -> Sequence[Sighting]:
        return tuple(self._contents().sightings(after))

    async def take_in(
        self,
        intake: Intake,
        fresh: Sequence[Paper],
        learned: Mapping[PaperNumber, Sequence[str]],
        completed: Sequence[Paper] = (),
        unread: PaperNumber | None = None,
        sightings: Sequence[Sighting] = (),
    ) -> None:
        contents = self._contents()
        named = (*learned, *(one.number for one in completed), *(one.paper for one in sightings))
        contents.refuse_gaps(intake, fresh, named)
        gained = contents.gained(learned)
        expired = contents.expired(intake, self._window_days, unread)
        better = contents.kept(completed)
        spent = contents.spent(expired)
        with self._storage.one_write():
            self._insert("intakes", intake.number, intake)
            self._change("seen", gained)
            self._change("papers", better)
            self._insert_all("seen", [Seen(paper.number, paper.keys) for paper in fresh])
            self._insert_all("papers", fresh)
            self._database.table("papers").remove(doc_ids=expired)
            if sightings:
                self._insert("sightings", intake.number, Sighted(intake.number, tuple(sightings)))
            if spent:
                self._database.table("sightings").remove(doc_ids=spent)
        contents.append(intake, fresh, gained, better, expired)
        contents.sight(intake, sightings, spent)

    def _contents(self) -> Contents:
        """What is in memory; for a reader, read again if the writer has written since."""
        if self._storage.read_only and self._storage.changed():
            self._loaded = Contents.of(self._storage.read() or {}, self._storage.path)
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


def _create(storage: AtomicStorage, new_id: str) -> Tables:
    with storage.one_write():
        head = _plain(Head(new_id, SCHEMA))
        TinyDB(storage=lambda: storage).table("log").insert(Document(head, 1))
    return storage.read() or {}


def _plain(what: object) -> dict[str, Any]:
    document: dict[str, Any] = msgspec.to_builtins(what)
    return document
