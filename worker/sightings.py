"""What is known of papers after their first listing: who had them, and where they came up again."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from worker.manner import Relation
from worker.model import Paper, PaperNumber, PaperVersion, SubscriberId


@dataclass(frozen=True, slots=True)
class Sighting:
    """A paper of the log that the file ``intake`` listed once more, on the edition ``day``.

    ``upvotes`` is the most that any file counted of it until then, ``before`` until the file
    before; None where nobody counts.
    """

    intake: int
    paper: PaperNumber
    relation: Relation
    day: date
    upvotes: int | None = None
    before: int | None = None


class Sightings(Protocol):
    """What a paper log remembers of listings that were no new papers."""

    async def sightings(self, after: int) -> Sequence[Sighting]:
        """Those of the intakes after this number, oldest first, of papers that are still kept."""
        ...


@dataclass(frozen=True, slots=True)
class Had:
    """A paper as somebody was sent it first: in the digest of that day, in that version."""

    day: date
    paper: Paper


class Carried(Protocol):
    """What a ledger has of the papers that digests were planned with."""

    async def papers(self, wanted: Iterable[PaperVersion]) -> Mapping[PaperVersion, Paper]:
        """Those of these papers that were ever planned for somebody in that version."""
        ...

    async def versions(self, papers: Collection[PaperNumber]) -> Sequence[Paper]:
        """Every version of these papers that was ever planned, the first ones first."""
        ...

    async def had(
        self,
        subscribers: Collection[SubscriberId],
        papers: Collection[PaperNumber],
        since: datetime,
    ) -> Mapping[tuple[SubscriberId, PaperNumber], Had]:
        """Which of these were sent which of these papers, in digests planned ``since`` then.

        What is in doubt counts as sent; what was held over, superseded or refused does not.
        """
        ...
