"""The paper log in memory: what its file says, and what follows from a file taken in."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

import msgspec

from worker.model import Cursor, Intake, Paper, PaperNumber, Refused, Seen
from worker.sightings import Sighting
from worker.store.storage import Tables

SCHEMA = 1


class Sighted(msgspec.Struct, frozen=True):
    """The sightings of one intake."""

    number: int
    sightings: tuple[Sighting, ...]


class Head(msgspec.Struct, frozen=True):
    """What the log says of itself."""

    id: str
    schema: int


_Numbered = TypeVar("_Numbered", Seen, Paper, Intake, Sighted)


@dataclass(slots=True)
class Contents:
    """The log in memory. ``owners`` tells under which paper a key was first seen."""

    id: str
    seen: dict[PaperNumber, Seen] = field(default_factory=dict)
    owners: dict[str, PaperNumber] = field(default_factory=dict)
    papers: list[Paper] = field(default_factory=list)
    intakes: list[Intake] = field(default_factory=list)
    by_hash: dict[str, Intake] = field(default_factory=dict)
    sighted: dict[int, tuple[Sighting, ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, tables: Tables, path: Path) -> Contents:
        """Raises Refused for the file of a later version, or of something else."""
        try:
            return cls._of(tables, path)
        except (KeyError, msgspec.ValidationError) as error:
            line = f"{path} is not a paper log ({error}): correct the path, or restore a backup"
            raise Refused(line, os.EX_DATAERR) from error

    @classmethod
    def _of(cls, tables: Tables, path: Path) -> Contents:
        head = msgspec.convert(tables["log"]["1"], Head)
        if head.schema != SCHEMA:
            line = f"{path} has schema {head.schema}, not {SCHEMA}: run the version that wrote it"
            raise Refused(line, os.EX_DATAERR)
        contents = cls(head.id)
        contents._remember(_all(tables, "seen", Seen))
        contents._note(_all(tables, "intakes", Intake))
        contents.papers = _all(tables, "papers", Paper)
        contents.sighted = {one.number: one.sightings for one in _all(tables, "sightings", Sighted)}
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

    def sightings(self, after: int) -> Iterator[Sighting]:
        """Those of later intakes, of papers that have not left."""
        oldest = self.papers[0].number if self.papers else self.end().paper + 1
        for number in self.sighted:  # in the order of their intakes
            if number > after:
                yield from (one for one in self.sighted[number] if one.paper >= oldest)

    def spent(self, expired: Sequence[int]) -> list[int]:
        """The intakes all of whose sightings are of papers that leave, or have left."""
        last = max(expired, default=0)
        return [n for n, some in self.sighted.items() if max(one.paper for one in some) <= last]

    def sight(self, intake: Intake, sightings: Sequence[Sighting], spent: Iterable[int]) -> None:
        """Note those of an intake; the ``spent`` ones are forgotten."""
        for number in spent:
            del self.sighted[number]
        if sightings:
            self.sighted[intake.number] = tuple(sightings)

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


def _all(tables: Tables, name: str, kind: type[_Numbered]) -> list[_Numbered]:
    documents = tables.get(name, {}).values()
    return sorted((msgspec.convert(one, kind) for one in documents), key=lambda one: one.number)
