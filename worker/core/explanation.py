"""The words of an explanation: what is known of a paper, and what became of it for somebody."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from worker.core.rulings import Ruling, Says
from worker.deliveries import Delivery, Suppression
from worker.model import Paper, PaperNumber, Pick, Subscriber


@dataclass(frozen=True, slots=True)
class Known:
    """All that is known of one paper.

    ``versions`` are its texts, by their numbers, the newest last; none is left if it is too long
    ago and nobody was ever sent it. ``listed`` are the days on which files named it, the first
    first; ``came`` is when the first of these files was read.
    """

    number: PaperNumber
    came: datetime
    listed: tuple[date, ...]
    versions: Mapping[int, Paper] = field(default_factory=dict)

    @property
    def newest(self) -> Paper | None:
        """As it was last."""
        return list(self.versions.values())[-1] if self.versions else None

    def as_in(self, pick: Pick) -> Paper | None:
        """As it was when it was chosen."""
        return self.versions.get(pick.version, self.newest)


class Footing(StrEnum):
    """What a paper was to a digest."""

    CARRIED = "carried"
    OVER = "over"  # it matched and was over the cap: it is on the digest's page
    REMOVED = "removed"  # a NOT left it out
    MENTIONED = "mentioned"  # there was news of it


@dataclass(frozen=True, slots=True)
class Role:
    """What the paper was to one digest of his; ``place`` counts from 0 among those like it."""

    delivery: Delivery
    footing: Footing
    place: int
    pick: Pick | None = None


class Fate(StrEnum):
    """What became of a paper for somebody, so far."""

    CARRIED = "carried"  # in a digest: the state of its delivery says the rest
    HELD_OVER = "held over"
    REMOVED = "removed"
    BEFORE = "before"  # it came before he subscribed
    PASSED = "passed"  # read past: no rule of his caught it then
    AHEAD = "ahead"  # not read yet: his next digest decides


class Stop(StrEnum):
    """Why no mail goes to him at all."""

    PAUSED = "paused"
    SUPPRESSED = "suppressed"
    PENDING = "pending"
    UNLISTED = "unlisted"
    REMOVED = "removed"
    UNSUBSCRIBED = "unsubscribed"


@dataclass(frozen=True, slots=True)
class Explanation:
    """``roles`` are those of the paper in his digests, the oldest first. ``last`` is the one that
    made its fate, if a digest did. ``stop`` keeps all mail from him, whatever the fate.
    """

    who: Subscriber
    paper: Known
    rulings: tuple[Ruling, ...]
    roles: tuple[Role, ...]
    fate: Fate
    last: Role | None
    stop: Stop | None
    suppression: Suppression | None
    now: datetime

    @property
    def is_caught(self) -> bool:
        """Whether a rule that he has now says yes."""
        now = (one for one in self.rulings if not one.then or one.rule in self.who.rules)
        return any(one.says is Says.YES for one in now)
