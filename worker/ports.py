"""What the pipeline asks of the world, in the words of the field.

Each port has a real adapter and a plain in-memory one (``tests/plain/``), which reads as its
specification; one contract suite runs on both.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Protocol

from worker.core.fetching import Answer, Progress, Request
from worker.deliveries import Delivery, DeliveryState, Envelope, Extent, Plan, Settlement
from worker.model import (
    Cursor,
    DailyFile,
    Edition,
    Intake,
    Paper,
    PaperNumber,
    Refused,
    Rejected,
    Seen,
    Subscriber,
    SubscriberId,
    Unreadable,
)
from worker.outcomes import Outcome
from worker.returns import Found
from worker.sightings import Carried, Sighting, Sightings


class Perished(Unreadable):
    """A daily file that its reader died of, or did not come back from; the reasons say how."""


class Inbox(Protocol):
    """The watched folder."""

    async def settled(self) -> Sequence[DailyFile]:
        """The files that are complete, each copied whole; those still being written are not given.

        What can never be a daily file (a folder, a pipe, a file too large) is left alone or
        refused by the adapter and never given.
        """
        ...

    async def hold(self, file: DailyFile) -> bool:
        """Leave a file that breaks off until it has changed, or for half an hour: then it is given.

        False if that is no use: it had its half hour, or its writer said that it is whole.
        """
        ...

    async def retry(self, file: DailyFile) -> bool:
        """Leave a file that its reader perished of, to be given again; False at the third time."""
        ...

    async def archive(self, file: DailyFile, at: datetime) -> None:
        """File it was taken in (or was known already): move it to the archive of that month."""
        ...

    async def refuse(self, file: DailyFile, reasons: Sequence[Rejected]) -> None:
        """Set the file aside, beside a text that says where and why."""
        ...


class Reader(Protocol):
    """Makes an edition of a daily file, in whatever process that is done."""

    async def read(self, file: DailyFile, newest: date | None) -> Edition:
        """The edition, every listing cleaned; ``newest`` is the newest day known.

        Raises Unreadable; Incomplete if the file breaks off; Perished if reading ended otherwise.
        """
        ...


class Fetcher(Protocol):
    """The servers that daily files are fetched from."""

    async def get(self, request: Request) -> Answer:
        """Ask once. What goes wrong out there comes back as Failed, never as an exception."""
        ...


class Fetches(Protocol):
    """How far each fetch has come."""

    async def progress(self, name: str) -> Progress:
        """As last noted; that of a fetch never made, if nothing was."""
        ...

    async def note(self, name: str, progress: Progress) -> None:
        """Remember it, in one atomic write."""
        ...


class PaperLog(Sightings, Protocol):
    """The append-only, numbered log of every paper ever first seen."""

    async def id(self) -> str:
        """The random id of this log: a cursor belongs to one log only."""
        ...

    async def end(self) -> Cursor:
        """The place behind the newest paper and the newest intake."""
        ...

    async def taken(self, sha256: str) -> Intake | None:
        """The newest intake of this very content, under whatever name, or None."""
        ...

    async def known(self, keys: Iterable[str]) -> Mapping[str, Seen]:
        """Those of the keys that were ever seen, each with the paper first seen under it."""
        ...

    async def papers(self, after: PaperNumber) -> Sequence[Paper]:
        """The papers after this number, oldest first, as far as the window still keeps them."""
        ...

    async def intakes(self, after: int) -> Sequence[Intake]:
        """The intakes after this number, oldest first. These are kept for ever."""
        ...

    async def take_in(
        self,
        intake: Intake,
        fresh: Sequence[Paper],
        learned: Mapping[PaperNumber, Sequence[str]],
        completed: Sequence[Paper] = (),
        unread: PaperNumber | None = None,
        sightings: Sequence[Sighting] = (),
    ) -> None:
        """Append in one atomic write the intake, its fresh papers, and keys that others gained.

        ``completed`` ones replace earlier versions, ``sightings`` join, of papers still kept.

        Papers older than the window leave, but none after ``unread``: somebody has yet to read on
        from there, however long he pauses and whatever the clock says.

        Raises ValueError if the numbers do not follow on the log's end.
        """
        ...


class Suppressed(Refused):
    """An address that the suppression list names: no state in which it is mailed is written."""


class Subscribers(Protocol):
    """Everybody who was ever on the list."""

    async def everyone(self) -> Sequence[Subscriber]:
        """All of them, in whatever state, by id."""
        ...

    async def extent(self) -> Extent:
        """How far they have come, without reading each of them."""
        ...

    async def find(self, address: str) -> Subscriber | None:
        """By address: the domain and the local part compared without case."""
        ...

    async def add(self, subscriber: Subscriber, *, again: bool = False) -> Subscriber:
        """Add him; his ``id`` is given here.

        Raises Refused if the address is known already; Suppressed if it may not be mailed. Who
        left, and is unknown only because this is an older backup, may be mailed ``again``.
        """
        ...

    async def change(self, subscriber: Subscriber) -> Subscriber | None:
        """Write the changed subscriber if nobody changed him meanwhile (``version``), else None.

        Leaving the state ``active``, or a new pause, cancels what waits for him, in the same
        transaction; its papers are held over, should he ever be mailed again. What is in doubt is
        cancelled only when he leaves, and gives nothing back: it may have arrived. Answers to his
        mails go on while he is active or leaves by himself. Raises Suppressed, also if he was
        erased, whatever is to change.
        """
        ...


class Ledger(Carried, Protocol):
    """The record of every delivery."""

    async def deliveries(
        self,
        states: Iterable[DeliveryState],
        subscriber: SubscriberId | None = None,
        since: datetime | None = None,
    ) -> Sequence[Delivery]:
        """The deliveries in these states, oldest first; those planned ``since`` then, if told."""
        ...

    async def plan(self, plans: Sequence[Plan], papers: Sequence[Paper]) -> Sequence[Plan]:
        """Commit the plans in one transaction and give those that took effect.

        A plan whose subscriber changed meanwhile, whose (subscriber, slot) exists, or whose
        superseded delivery is no longer waiting, is dropped whole. ``papers`` holds those that the
        digests and held-over lists name for the first time, each in the version that they name.
        """
        ...

    async def claim(
        self, now: datetime, limit: int, avoid: Collection[str] = ()
    ) -> Sequence[Delivery]:
        """Take up to ``limit`` deliveries that are due, as ``sending``, one attempt more each.

        What is awaited (``core.mailed.AWAITED``) goes before all digests, then longest due first.
        No two callers ever get the same one. None for a domain to ``avoid``, none that is held, and
        none at all while the queue is held. That of who is not active, or suppressed, is cancelled,
        and what it owes held over, unless it may have arrived; not the answer to who just left.
        """
        ...

    async def settle(self, settlements: Sequence[Settlement]) -> None:
        """Note what became of attempts, in one transaction. Only ``sending`` rows are touched.

        Each is kept on record. Returned picks join the subscriber's held-over list; with a strike
        too many his address is suppressed.
        """
        ...

    async def counts(self) -> Mapping[str, int]:
        """How many deliveries are in each state, every state named."""
        ...


class Mailer(Protocol):
    """Hands one message at a time to whoever carries it on."""

    def closed(self) -> str:
        """Why nothing can be handed over now; empty if something can."""
        ...

    async def turn(self) -> None:
        """Wait until as many a second as are allowed allow one more: asked before a claim, so that
        who leaves meanwhile is not mailed.
        """
        ...

    async def deliver(self, envelope: Envelope) -> Outcome:
        """Try once. The world's failures come back as an Outcome, never as an exception.

        Cancelled before the message was the server's, it raises CancelledError; cancelled in
        doubt, it gives ``Doubtful``.
        """
        ...


class Postbox(Protocol):
    """Where mail comes in that is for the program."""

    async def take(self, limit: int) -> Sequence[Found]:
        """Up to ``limit`` mails that are not done yet, of each the beginning (``LOOKED_AT``).

        One that is not done is given again. Raises Refused (EX_TEMPFAIL), without secrets or
        addresses, if the postbox cannot be looked into now.
        """
        ...

    async def done(self, found: Found, *, understood: bool) -> None:
        """It was acted on; or, not understood, it stays there for a person to look at.

        It is never given again. Twice is once, also if it is gone meanwhile. Raises as ``take``.
        """
        ...


class Clock(Protocol):
    """What time it is."""

    def now(self) -> datetime:
        """This instant, aware, in UTC."""
        ...
