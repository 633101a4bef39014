"""Which listings of a daily file are sightings: of papers that the log had before that file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from worker.core.diff import Diff
from worker.manner import Relation
from worker.model import Intake, Kind, Paper, PaperNumber
from worker.sightings import Sighting

RELATIONS: Final = {
    Kind.NEW: Relation.AGAIN,
    Kind.CROSS: Relation.CROSS,
    Kind.REPLACEMENT: Relation.REPLACED,
}

RANKS: Final = (Relation.REPLACED, Relation.CROSS, Relation.AGAIN)
"""What there is to say first of a paper that several listings are of."""


def sightings(
    found: Diff, intake: Intake, kept: Mapping[PaperNumber, Paper]
) -> tuple[Sighting, ...]:
    """One for each paper that the log has ``kept`` whole and that this file lists once more.

    A repeat of a paper that is fresh in this very file is none: nobody can have had it.
    """
    now = dict(kept) | {paper.number: paper for paper in found.completed}
    relations: dict[PaperNumber, Relation] = {}
    for listing, number in found.seen:
        if number in kept:
            relation = RELATIONS[listing.kind]
            relations[number] = min(relation, relations.get(number, relation), key=RANKS.index)
    return tuple(
        Sighting(
            intake=intake.number,
            paper=number,
            relation=relations[number],
            day=intake.day,
            upvotes=now[number].counts.upvotes,
            before=kept[number].counts.upvotes,
        )
        for number in sorted(relations)
    )
