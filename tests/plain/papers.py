"""The paper log, said plainly: it reads as the specification of the real one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from worker.model import Cursor, Intake, Paper, PaperNumber, Seen
from worker.sightings import Sighting


class PlainPaperLog:
    """A PaperLog in memory."""

    def __init__(self, log_id: str = "plain", window_days: int = 45) -> None:
        self._id = log_id
        self._window_days = window_days
        self._seen: list[Seen] = []
        self._papers: tuple[Paper, ...] = ()
        self._intakes: tuple[Intake, ...] = ()
        self._sightings: tuple[Sighting, ...] = ()

    async def id(self) -> str:
        return self._id

    async def end(self) -> Cursor:
        return Cursor(PaperNumber(len(self._seen)), len(self._intakes))

    async def taken(self, sha256: str) -> Intake | None:
        newest_first = reversed(self._intakes)
        return next((intake for intake in newest_first if intake.sha256 == sha256), None)

    async def known(self, keys: Iterable[str]) -> Mapping[str, Seen]:
        oldest_first = [(key, seen) for key in keys for seen in self._seen if key in seen.keys]
        return dict(reversed(oldest_first))

    async def papers(self, after: PaperNumber) -> Sequence[Paper]:
        return tuple(paper for paper in self._papers if paper.number > after)

    async def intakes(self, after: int) -> Sequence[Intake]:
        return tuple(intake for intake in self._intakes if intake.number > after)

    async def sightings(self, after: int) -> Sequence[Sighting]:
        kept = {paper.number for paper in self._papers}
        return tuple(one for one in self._sightings if one.intake > after and one.paper in kept)

    async def take_in(
        self,
        intake: Intake,
        fresh: Sequence[Paper],
        learned: Mapping[PaperNumber, Sequence[str]],
        completed: Sequence[Paper] = (),
        unread: PaperNumber | None = None,
        sightings: Sequence[Sighting] = (),
    ) -> None:
        end = await self.end()
        newest = end.paper + len(fresh)
        follows_on = (
            intake.number == end.intake + 1
            and [paper.number for paper in fresh] == list(range(end.paper + 1, newest + 1))
            and intake.newest == newest
            and all(0 < number <= end.paper for number in learned)
            and all(0 < paper.number <= end.paper for paper in completed)
            and all(0 < sighting.paper <= end.paper for sighting in sightings)
        )
        if not follows_on:
            raise ValueError(f"intake {intake.number} does not follow on {end}")

        for number, key in [(n, key) for n in sorted(learned) for key in learned[n]]:
            if not await self.known([key]):
                seen = self._seen[number - 1]
                self._seen[number - 1] = replace(seen, keys=(*seen.keys, key))
        self._seen += [Seen(paper.number, paper.keys) for paper in fresh]

        window = timedelta(days=self._window_days)
        old = [past.newest for past in self._intakes if intake.at - past.at > window]
        last = min(max(old, default=0), end.paper if unread is None else unread)
        better = {paper.number: paper for paper in completed}
        papers = (better.get(paper.number, paper) for paper in self._papers)
        kept = [paper for paper in papers if paper.number > last]
        self._papers = (*kept, *fresh)
        self._intakes = (*self._intakes, intake)
        self._sightings = (*self._sightings, *sightings)
