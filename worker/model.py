"""The words of Paper Round as types: frozen, compared by value.

Instants are aware datetimes in UTC; days are calendar dates; texts are cleaned (``core.clean``).
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import NewType

from worker.manner import USUAL, Manner
from worker.schedules import Schedule

PaperNumber = NewType("PaperNumber", int)
"""n for the n-th paper ever first seen; 0 is before the first."""

PaperVersion = tuple[PaperNumber, int]
"""One state of a paper: its number, and 1 as it was first listed or a number for what it became."""

SubscriberId = NewType("SubscriberId", int)


class Refused(Exception):
    """Input, configuration or a store that we will not go on with.

    ``str()`` is the one line a person reads: the place, the reason, what to do.
    ``exit_code`` is the sysexits(3) code a program ends with.
    """

    def __init__(self, line: str, exit_code: int = os.EX_DATAERR) -> None:
        super().__init__(line)
        self.exit_code = exit_code


# --- daily files and papers -------------------------------------------------


@dataclass(frozen=True, slots=True)
class DailyFile:
    """The private copy of one file: its bytes as read once, and what the folder said of it.

    ``again`` asks to read it once more though this content was taken in before.
    """

    name: str
    content: bytes
    sha256: str
    modified: datetime
    again: bool = False


class Kind(StrEnum):
    """What an entry of an announcement is (arXiv's ``announce_type``)."""

    NEW = "new"
    CROSS = "cross"  # new in this category, known in its own
    REPLACEMENT = "replacement"  # a later version


@dataclass(frozen=True, slots=True)
class Counts:
    """What a source counts, as it stood in the file; None where it does not count that."""

    upvotes: int | None = None
    comments: int | None = None
    stars: int | None = None


@dataclass(frozen=True, slots=True)
class Listing:
    """One entry of a daily file. ``ids`` are keys: ``arxiv:2509.01234``, ``doi:10.1000/182``.

    ``as_listed`` is the title before its LaTeX was made readable, where that differs.
    """

    title: str
    abstract: str
    authors: tuple[str, ...] = ()
    ids: tuple[str, ...] = ()
    url: str = ""
    categories: tuple[str, ...] = ()
    published: date | None = None
    kind: Kind = Kind.NEW
    counts: Counts = Counts()
    as_listed: str = ""


@dataclass(frozen=True, slots=True)
class Rejected:
    """A part of a daily file that was set aside: ``where`` (such as ``line 14``) and ``why``."""

    where: str
    why: str


class Unreadable(Exception):
    """A daily file that cannot be taken in as a whole; ``reasons`` says where and why."""

    def __init__(self, *reasons: Rejected) -> None:
        super().__init__("; ".join(f"{reason.where}: {reason.why}" for reason in reasons))
        self.reasons = reasons


class Incomplete(Unreadable):
    """A daily file that breaks off: it may still be on its way, so it is worth waiting for."""


@dataclass(frozen=True, slots=True)
class Edition:
    """A daily file, parsed: the listings in the order of the file. A day may have none.

    ``source`` is who lists them: ``huggingface``, ``arxiv``, the host of another feed, or the
    format where nobody is named. ``notes`` are sentences to the operator about the whole file.
    """

    day: date
    format: str
    listings: tuple[Listing, ...]
    rejected: tuple[Rejected, ...] = ()
    source: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Paper:
    """One identity in the paper log. ``day`` is that of the edition it was first seen in.

    ``version`` changes each time that a later file completes it; ``source`` is that of its first
    listing, ``counts`` the most that any file counted.
    """

    number: PaperNumber
    day: date
    keys: tuple[str, ...]
    title: str
    abstract: str
    authors: tuple[str, ...] = ()
    ids: tuple[str, ...] = ()
    url: str = ""
    categories: tuple[str, ...] = ()
    published: date | None = None
    kind: Kind = Kind.NEW
    counts: Counts = Counts()
    source: str = ""
    version: int = 1

    @property
    def which(self) -> PaperVersion:
        return self.number, self.version


@dataclass(frozen=True, slots=True)
class Seen:
    """What the log knows of a paper for ever: its number and every key it was met under."""

    number: PaperNumber
    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place in the paper log: papers up to ``paper`` and files up to ``intake`` are read."""

    paper: PaperNumber = PaperNumber(0)
    intake: int = 0


@dataclass(frozen=True, slots=True)
class Intake:
    """One daily file taken in. ``number`` counts from 1; ``newest`` is the newest paper after it.

    ``listed == new + seen``. Counted apart: ``rejected`` listings, and the ``unasked`` ones, which
    are cross-lists and replacements that nobody wants for new. ``again``: somebody had it read once
    more, so that only what is new in it counts for a reader.
    """

    number: int
    sha256: str
    name: str
    day: date
    format: str
    listed: int
    new: int
    seen: int
    rejected: int
    newest: PaperNumber
    at: datetime
    unasked: int = 0
    again: bool = False


# --- subscribers ------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Rule:
    """A named query. A rule without a name of its own is named by its query."""

    name: str
    query: str


class SubscriberState(StrEnum):
    """Who may be mailed. Only ``active`` may."""

    PENDING = "pending"  # asked, not yet confirmed
    ACTIVE = "active"
    UNLISTED = "unlisted"  # no longer in the subscribers file; naming him there again revives
    REMOVED = "removed"  # by the operator; no file or import revives
    UNSUBSCRIBED = "unsubscribed"  # by himself; only he can come back
    SUPPRESSED = "suppressed"  # never mail again


MOST_PAPERS = 100
"""In one digest: more than anybody reads, and what still fits a mail that is not clipped."""


MOST_HELD = 7
"""Digests that a paper is kept out of, one after the other, before it waits for none any more."""


class WhenEmpty(StrEnum):
    """What a digest without a match becomes."""

    SKIP = "skip"
    SAY_SO = "say so"


@dataclass(frozen=True, slots=True)
class Pick:
    """A paper chosen for somebody, as it was then, and the rules that chose it, his first first.

    ``score`` is how well it matches, to be compared with others' of his. ``because`` are reasons
    that only the whole log could tell, and nobody who has but the paper: that it was among its
    day's most upvoted, or the words that it shares with another. ``held`` is how many digests his
    cap has kept it out of so far.
    """

    paper: PaperNumber
    rules: tuple[Rule, ...]
    version: int = 1
    score: int = 0
    because: tuple[str, ...] = ()
    held: int = 0

    @property
    def which(self) -> PaperVersion:
        return self.paper, self.version


@dataclass(frozen=True, slots=True)
class Preferences:
    """What somebody asks for, as a file, a form or the command line says it."""

    address: str
    schedule: Schedule
    timezone: str
    rules: tuple[Rule, ...]
    when_empty: WhenEmpty = WhenEmpty.SKIP
    max_papers: int = MOST_PAPERS
    paused_until: date | None = None
    manner: Manner = USUAL


@dataclass(frozen=True, slots=True)
class Subscriber:
    """Who is mailed what, when, and how far he has read.

    ``uid`` is a random number that links may carry in place of the id. ``last_slot`` is the local
    date of the newest slot served or passed over. ``version`` grows with each change; ``epoch``
    with each that the links to his pages shall not outlive.
    """

    id: SubscriberId
    uid: int
    address: str
    schedule: Schedule
    timezone: str
    rules: tuple[Rule, ...]
    created_at: datetime
    state: SubscriberState = SubscriberState.ACTIVE
    paused_until: date | None = None
    when_empty: WhenEmpty = WhenEmpty.SKIP
    max_papers: int = MOST_PAPERS
    cursor: Cursor = Cursor()
    held_over: tuple[Pick, ...] = ()
    last_slot: date | None = None
    from_file: bool = False
    version: int = 0
    manner: Manner = USUAL
    epoch: int = 0
