"""What somebody is sent, and what becomes of it: the other half of the words (``worker.model``)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import NewType

from worker.digests import Digest, Slot
from worker.manner import USUAL, Manner
from worker.model import Cursor, Paper, PaperNumber, PaperVersion, Pick, SubscriberId

DeliveryId = NewType("DeliveryId", int)


@dataclass(frozen=True, slots=True)
class Plan:
    """An intent for one subscriber and slot, committed whole or not at all.

    ``version`` is the subscriber's as planned from: if he changed meanwhile, the plan is dropped.
    Without a ``digest`` only the cursor moves (no match, and he does not ask to be told).
    ``supersedes`` is the waiting delivery whose papers this digest carries; if a server has put
    that off, they have been waiting since then, else None. ``exemplars`` are the papers that his
    rules want others to be like: plannings to come need them when the log has them no more.
    """

    subscriber: SubscriberId
    version: int
    slot: Slot
    digest: Digest | None
    cursor: Cursor
    held_over: tuple[Pick, ...]
    supersedes: DeliveryId | None
    message_id: str
    planned_at: datetime
    waiting_since: datetime | None = None
    manner: Manner = USUAL
    epoch: int = 0
    exemplars: frozenset[PaperVersion] = frozenset()

    @property
    def named(self) -> frozenset[PaperVersion]:
        """The papers that have to be kept for it, and for plannings to come."""
        shown = self.digest.named if self.digest else frozenset()
        return shown | self.exemplars | {pick.which for pick in self.held_over}


@dataclass(frozen=True, slots=True)
class Extent:
    """How far everybody together has come.

    ``newest_slot`` is the newest day served, None before the first. The one who has read least is
    looked for among the active only, None if nobody is; who has read most, among all.
    """

    newest_slot: date | None
    least_read: PaperNumber | None
    most_read: PaperNumber


class DeliveryState(StrEnum):
    """The states of RELIABILITY, section 0."""

    PLANNED = "planned"
    SENDING = "sending"
    SENT = "sent"
    DEFERRED = "deferred"
    FAILED = "failed"
    UNCERTAIN = "uncertain"
    SUPERSEDED = "superseded"
    EXPIRED = "expired"
    CANCELLED = "cancelled"


class DeliveryKind(StrEnum):
    """What a delivery brings."""

    DIGEST = "digest"
    ANSWER = "answer"  # to a mail of his: the digest's notes are its lines, and it has no papers
    CONFIRM = "confirm"  # the link that confirms what was asked for on the site; lines as above
    NOTICE = "notice"  # word of what was done or asked for; lines as above


@dataclass(frozen=True, slots=True)
class Delivery:
    """A digest's way to the mailbox: all that rendering and sending it takes.

    ``due_at`` is the next attempt, None when there will be none. ``doubts`` counts the attempts
    that may or may not have arrived. ``papers`` are those that it shows or mentions, as first
    planned. ``held``: the operator keeps it back. ``small``: a server found it too large, so that
    from then on it is rendered small. ``answers`` is the Message-ID that an answer is to, or empty.
    ``waiting_since`` is when the first of the digests was planned that it took over, as they were
    put off. ``epoch`` is that of its subscriber's links; ``ask`` the number of what a confirmation
    is of.
    """

    id: DeliveryId
    subscriber: SubscriberId
    uid: int
    address: str
    digest: Digest
    papers: tuple[Paper, ...]
    message_id: str
    planned_at: datetime
    state: DeliveryState = DeliveryState.PLANNED
    due_at: datetime | None = None
    attempts: int = 0
    doubts: int = 0
    reply: str = ""
    kind: DeliveryKind = DeliveryKind.DIGEST
    held: bool = False
    small: bool = False
    answers: str = ""
    waiting_since: datetime | None = None
    manner: Manner = USUAL
    epoch: int = 0
    ask: int | None = None

    @property
    def since(self) -> datetime:
        """Since when what it carries is on its way: its lifetime begins there."""
        return self.waiting_since or self.planned_at

    @property
    def domain(self) -> str:
        """Whose mail server takes it in the end."""
        return self.address.rpartition("@")[2].lower()


@dataclass(frozen=True, slots=True)
class Envelope:
    """One message as handed to a mail server (RFC 5321): one sender, one recipient, the bytes.

    ``mail_from`` is empty for an answer to a mail, so that nothing ever comes back of it.
    ``unshown`` papers broke its rendering and are only named in it.
    """

    mail_from: str
    rcpt_to: str
    content: bytes
    name: str = field(default="")  # what a folder of messages calls it
    unshown: tuple[PaperNumber, ...] = ()


# --- what became of an attempt ----------------------------------------------


@dataclass(frozen=True, slots=True)
class Strike:
    """One count against an address: ``points`` of those that ``core.strikes`` adds up.

    ``via`` is how we heard of it (``smtp``, ``dsn``, ``expired``): once for each delivery and way.
    """

    at: datetime
    points: int
    via: str
    reply: str


@dataclass(frozen=True, slots=True)
class Settlement:
    """What the ledger notes of an attempt. ``returned`` picks go back to the held-over list.

    A ``strike`` counts against the subscriber's address; with enough of them it is suppressed in
    the same transaction. ``server`` is who was asked, empty if nobody was.
    """

    delivery: DeliveryId
    state: DeliveryState
    due_at: datetime | None
    attempts: int
    doubts: int
    reply: str
    at: datetime
    returned: tuple[Pick, ...] = ()
    strike: Strike | None = None
    small: bool = False
    server: str = ""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try at a delivery, as it stays on record. ``state`` is what it came to."""

    at: datetime
    state: DeliveryState
    server: str
    reply: str


@dataclass(frozen=True, slots=True)
class HandedOver:
    """So many messages for that domain became that server's, in the minute that begins ``at``."""

    server: str
    domain: str
    at: datetime
    count: int


# --- what keeps mail back ---------------------------------------------------


class Reason(StrEnum):
    """Why an address is never mailed again."""

    BOUNCES = "bounces"  # it is dead: said by the servers, twice at least
    COMPLAINT = "complaint"  # its owner called our mail spam
    OPERATOR = "operator"  # put there by hand
    ERASED = "erased"  # its owner wants to be forgotten: only a hash of it is left


@dataclass(frozen=True, slots=True)
class Suppression:
    """One entry of the suppression list. ``address`` is empty once it was erased."""

    address: str
    reason: Reason
    at: datetime
    note: str = ""


class Brake(StrEnum):
    """What a breaker stops."""

    QUEUE = "queue"  # everything, by the operator
    SERVER = "server"
    DOMAIN = "domain"


@dataclass(frozen=True, slots=True)
class Breaker:
    """Why nothing goes to that server or domain for now; ``until`` None: until it is released.

    ``failures`` in a row opened it. After ``until`` one attempt goes through and decides.
    ``ours``: the fault is with us, and an operator has to look.
    """

    brake: Brake
    name: str
    since: datetime
    until: datetime | None
    failures: int
    reply: str
    ours: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """One mail to a subscriber in answer to one of his. ``slot`` is named by that mail.

    One that is not ``told`` is never sent: it only keeps what he wrote from being done twice.
    """

    subscriber: SubscriberId
    slot: Slot
    lines: tuple[str, ...]
    message_id: str
    answers: str
    at: datetime
    told: bool = True
