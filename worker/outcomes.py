"""What a mail server said to an attempt, and what its no is about."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class InDoubt(StrEnum):
    """What becomes of a message that may have arrived: lost is never, twice is possible."""

    RESEND = "resend"  # once, with the same Message-ID
    HOLD = "hold"  # until the operator decides


class Cause(StrEnum):
    """What a server's no is about, and so whose fault it is (RELIABILITY, 3.4)."""

    LATER = "later"  # for now: greylisting, a busy mailbox
    DOWN = "down"  # the mail server of that domain is not there for now (4.3.x, 4.4.x)
    RATE = "rate"  # we come too fast for that domain (4.7.x)
    FULL = "full"  # the mailbox is full
    POLICY = "policy"  # what we are or send is not welcome (5.7.x): our fault, never the address's
    SIZE = "size"  # this message is too large
    ADDRESS = "address"  # there is no such mailbox, says an enhanced status code
    UNSAID = "unsaid"  # no to the address, without a code that says why
    MESSAGE = "message"  # no to this message, and nothing said of the address


@dataclass(frozen=True, slots=True)
class Accepted:
    """250 after the final dot. ``server`` is the name of whoever said so, here and below."""

    reply: str
    server: str = ""


@dataclass(frozen=True, slots=True)
class Deferred:
    """A no for this message that may pass: a 4xx, a full mailbox, a fault of ours."""

    reply: str
    cause: Cause = Cause.LATER
    server: str = ""


@dataclass(frozen=True, slots=True)
class Bounced:
    """A definite no for this recipient or message (5xx)."""

    reply: str
    cause: Cause = Cause.MESSAGE
    server: str = ""


@dataclass(frozen=True, slots=True)
class Unavailable:
    """The server as a whole said no or nothing, before any message was its: nobody's fault.

    ``ours``: it said a definite no to how we come (login, sender, greeting), so that only the
    operator can change it. ``midway``: it fell silent or away over this very message, before the
    final dot; what is for others may go on.
    """

    reply: str
    ours: bool = False
    midway: bool = False
    server: str = ""


@dataclass(frozen=True, slots=True)
class Doubtful:
    """The final dot may have arrived; the reply did not."""

    reply: str
    server: str = ""


Outcome = Accepted | Deferred | Bounced | Unavailable | Doubtful
