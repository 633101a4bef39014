"""A paper is looked for, and what became of it for somebody; nothing is written."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from worker.core.exemplars import likes_in
from worker.core.explain import explain
from worker.core.explanation import Explanation, Known
from worker.core.rulesets import NO_SETS, RuleSets, as_applied
from worker.core.rulings import ALONE, Company
from worker.core.topmost import of_same_days
from worker.core.whichpaper import keys_in, nearest, number_in, titled
from worker.deliveries import Delivery, DeliveryKind, DeliveryState
from worker.ledgers import Suppressions
from worker.model import Intake, Paper, PaperNumber, Subscriber
from worker.pipeline.exemplars import likeness
from worker.pipeline.recent import Recent
from worker.ports import Clock, Ledger, PaperLog

MOST_OFFERED: Final = 10


@dataclass(frozen=True, slots=True)
class Choice:
    """Papers to choose from, of ``total`` that have all the words; if that is 0, the nearest."""

    papers: tuple[Paper, ...]
    total: int


@dataclass(frozen=True, slots=True)
class Inquiry:
    """All that it takes to say what became of a paper."""

    papers: PaperLog
    ledger: Ledger
    suppressions: Suppressions
    clock: Clock
    recent: Recent
    sets: RuleSets = NO_SETS

    async def ask(self, who: Subscriber, wanted: str) -> Explanation | Choice:
        """``wanted`` is a number, an arXiv id, a DOI or words of a title."""
        who = as_applied(who, self.sets)
        history = await self._history(who)
        kept = await self.papers.papers(PaperNumber(0))
        number = await self._number(wanted)
        if number is None:
            choice = await asyncio.to_thread(_choice, wanted, kept, history)
            if choice.total != 1:
                return choice
            number = choice.papers[0].number
        known = await self._known(number, kept, history)
        entry = await self.suppressions.find(who.address)
        now, company = self.clock.now(), await self._company(who, known.newest, kept)
        return await asyncio.to_thread(explain, who, known, history, now, entry, company)

    async def _company(
        self, who: Subscriber, paper: Paper | None, kept: Sequence[Paper]
    ) -> Company:
        if paper is None:
            return ALONE
        beside = of_same_days((paper,), kept)
        rules = [rule.query for rule in who.rules]
        if not likes_in(rules):
            return Company(beside)
        alike, _ = await likeness(rules, await self.recent.past(), self.papers, self.ledger)
        return Company(beside, alike)

    async def _history(self, who: Subscriber) -> Sequence[Delivery]:
        found = await self.ledger.deliveries(DeliveryState, who.id)
        return [one for one in found if one.kind is DeliveryKind.DIGEST]

    async def _number(self, wanted: str) -> PaperNumber | None:
        """The one paper that this must be; None if it may be words of any."""
        number = number_in(wanted)
        if number is not None and number <= (await self.papers.end()).paper:
            return number
        keys = keys_in(wanted)
        seen = await self.papers.known(keys)
        return next((seen[key].number for key in keys if key in seen), None)

    async def _known(
        self, number: PaperNumber, kept: Sequence[Paper], history: Sequence[Delivery]
    ) -> Known:
        """As it was first, as he had it, and as it is now: a version's number tells no order."""
        stored = await self.ledger.versions((number,))
        his = [paper for one in history for paper in one.papers]
        texts = [*stored, *his, *kept]
        # Of equal versions the last one has the place: the log has the newest.
        told = {each.version: each for each in reversed(texts) if each.number == number}
        versions = dict(reversed(told.items()))
        first = _first(number, await self.papers.intakes(0))
        again = [one.day for one in await self.papers.sightings(0) if one.paper == number]
        day = next((paper.day for paper in versions.values()), first.day)
        listed = tuple(dict.fromkeys((day, *sorted(again))))
        return Known(number, first.at, listed, versions)


def _choice(wanted: str, kept: Sequence[Paper], history: Sequence[Delivery]) -> Choice:
    carried = {paper.number: paper for one in history for paper in one.papers}
    papers = carried | {paper.number: paper for paper in kept}
    found = titled(wanted, papers.values())
    if found:
        return Choice(found[:MOST_OFFERED], len(found))
    return Choice(nearest(wanted, papers.values()), 0)


def _first(number: PaperNumber, intakes: Sequence[Intake]) -> Intake:
    """The file that brought it."""
    return next(intake for intake in intakes if intake.newest >= number)
