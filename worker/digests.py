"""What one subscriber gets for one slot: its papers, its counts, and what is told around them.

All of it is decided when it is planned, so that a digest can be rendered again at any time.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from worker.manner import Relation
from worker.model import MOST_HELD, PaperNumber, PaperVersion, Pick


@dataclass(frozen=True, slots=True)
class Slot:
    """One named instant of a schedule: ``2025-09-08``, or ``2025-09-08#47`` when immediate.

    Named by local date (and, when immediate, by the newest paper), never by instant.
    """

    name: str
    day: date


@dataclass(frozen=True, slots=True)
class ReadFile:
    """A daily file as the receipt tells of it: its name, its edition's day, when it was read."""

    name: str
    day: date
    at: datetime


@dataclass(frozen=True, slots=True)
class Receipt:
    """The counts of one digest: of what came in since the one before it.

    * ``listed == new + seen``
    * ``matched + removed + expired <= new``: of the others no rule of his said anything.
      ``expired`` papers were past the log's window before this digest could look at them;
      ``removed`` are those that a rule would have caught but for its NOT, and none did.
    * ``matched + (what was held over before) == (its picks) + (its rest)``: of that, ``held_over``
      wait for the next digest.

    One that takes over a digest that was never sent counts for both, from the first one's start.
    ``files`` are the newest that it looked at, the newest last; of how many, ``read`` says.
    """

    listed: int = 0
    new: int = 0
    seen: int = 0
    matched: int = 0
    held_over: int = 0
    expired: int = 0
    days: tuple[date, ...] = ()
    removed: int = 0
    files: tuple[ReadFile, ...] = ()
    read: int = 0


class News(StrEnum):
    """What there is to say, in one line, of a paper that he was sent before: of a listing, its
    relation, or that its votes took off.
    """

    AGAIN = Relation.AGAIN.value
    REPLACED = Relation.REPLACED.value
    CROSS = Relation.CROSS.value
    TOOK_OFF = "took off"


@dataclass(frozen=True, slots=True)
class Mention:
    """A paper that he had in an earlier digest, on ``had``, and the news of it on ``day``.

    ``upvotes`` is what it has now, ``before`` what it had in that digest; 0 where nobody counts.
    """

    news: News
    paper: PaperNumber
    version: int
    day: date
    had: date
    upvotes: int = 0
    before: int = 0

    @property
    def which(self) -> PaperVersion:
        return self.paper, self.version


@dataclass(frozen=True, slots=True)
class Trend:
    """How many papers a rule matched on each of the last days up to ``last``, the oldest first."""

    rule: str
    last: date
    days: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """A rule that matched so many papers in this week, and in the one ``before``."""

    rule: str
    now: int
    before: int


@dataclass(frozen=True, slots=True)
class Week:
    """What a weekly digest opens with: which of his rules rose and fell, the strongest first, and
    words that many papers of this week have and none before, each with how many.
    """

    rose: tuple[Change, ...] = ()
    fell: tuple[Change, ...] = ()
    words: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Digest:
    """What one subscriber gets for one slot: the papers in the order shown, with their reasons.

    ``notes`` are sentences to him from the program, such as that a rule of his no longer parses.
    ``rest`` is what matched too and is over his cap, held over or ``left``; ``removed`` what his
    NOTs left out, each with the rules that did, as far as it is worth keeping (``receipt.removed``
    counts all). ``trends`` are of his rules, in his order.
    """

    slot: Slot
    picks: tuple[Pick, ...]
    receipt: Receipt
    notes: tuple[str, ...] = ()
    rest: tuple[Pick, ...] = ()
    removed: tuple[Pick, ...] = ()
    mentions: tuple[Mention, ...] = ()
    trends: tuple[Trend, ...] = ()
    week: Week | None = None

    @property
    def waiting(self) -> tuple[Pick, ...]:
        """Those of the rest that are held over for the next digest."""
        return tuple(pick for pick in self.rest if pick.held <= MOST_HELD)

    @property
    def left(self) -> tuple[Pick, ...]:
        """Those of the rest that are held over no more, and so are nowhere but on its page."""
        return tuple(pick for pick in self.rest if pick.held > MOST_HELD)

    @property
    def owed(self) -> tuple[Pick, ...]:
        """What he would never hear of if he did not get it."""
        return (*self.picks, *self.left)

    @property
    def shown(self) -> tuple[PaperVersion, ...]:
        """The papers that it has or mentions, each once."""
        picked = (pick.which for pick in self.picks)
        return tuple(dict.fromkeys((*picked, *(mention.which for mention in self.mentions))))

    @property
    def named(self) -> frozenset[PaperVersion]:
        """All papers that it or its page has to do with."""
        picks = (*self.picks, *self.rest, *self.removed)
        return frozenset(pick.which for pick in picks).union(self.shown)
