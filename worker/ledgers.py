"""More that the ledger is asked, besides ``ports.Ledger``: what keeps mail back, what comes back,
who is never mailed, every attempt there was, and which paper log it belongs to. Each has a plain
adapter too (``tests/plain/``).
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Iterable, Sequence
from datetime import datetime
from typing import Protocol

from worker.asks import Ask, Limits, Notice, Scope
from worker.deliveries import (
    Answer,
    Attempt,
    Brake,
    Breaker,
    Delivery,
    DeliveryId,
    HandedOver,
    Reason,
    Suppression,
)
from worker.figures import Figures
from worker.model import Cursor, Refused, Subscriber, SubscriberId
from worker.returns import Undelivered

log = logging.getLogger(__name__)


class Suppressions(Protocol):
    """The addresses that are never mailed, whatever any list, file or import says."""

    async def listed(self) -> Sequence[Suppression]:
        """All of them, the oldest first."""
        ...

    async def find(self, address: str) -> Suppression | None:
        """The entry of that address, also if only a hash of it is left."""
        ...

    async def suppress(self, address: str, reason: Reason, at: datetime, note: str = "") -> bool:
        """Put it on the list; whoever has it is suppressed, and what waits for him cancelled.

        One transaction. False if it was there already; a complaint takes the place of less.
        """
        ...

    async def unsuppress(self, address: str) -> bool:
        """Take it off the list, its strikes forgiven; nobody is mailed for that alone.

        False if it was not there.
        """
        ...

    async def erase(self, address: str, at: datetime) -> bool:
        """Forget the address and its rules everywhere; what is left is a hash on this list.

        The links to his pages are at an end. False if nobody here has it and it is not on the list.
        """
        ...


class Record(Protocol):
    """Every attempt there was."""

    async def attempts(self, delivery: DeliveryId) -> Sequence[Attempt]:
        """Those at this delivery, oldest first."""
        ...

    async def handed_over(self, since: datetime) -> Sequence[HandedOver]:
        """What became, or may have become, a server's since then; by server, domain, minute."""
        ...


class Holds(Protocol):
    """What keeps mail back: breakers, and the operator. The ids given are those it took effect on:
    deliveries that wait.
    """

    async def breakers(self) -> Sequence[Breaker]:
        """Those that are open, or were and have not been closed by a success."""
        ...

    async def open(self, breaker: Breaker) -> None:
        """Remember it, in place of what was known of that server or domain."""
        ...

    async def close(self, brake: Brake, name: str) -> bool:
        """Forget it. False if it was not there."""
        ...

    async def hold(self, ids: Iterable[DeliveryId]) -> Sequence[DeliveryId]:
        """Keep these back until they are released."""
        ...

    async def release(self, ids: Iterable[DeliveryId]) -> Sequence[DeliveryId]:
        """Keep them back no longer."""
        ...

    async def retry(self, ids: Iterable[DeliveryId], now: datetime) -> Sequence[DeliveryId]:
        """Let them be due now, also those that are held in doubt."""
        ...

    async def drop(self, ids: Iterable[DeliveryId], now: datetime) -> Sequence[DeliveryId]:
        """Cancel them; their papers come in no other mail."""
        ...


async def note(change: Awaitable[object]) -> None:
    """Have a breaker noted if that can be. It holds in memory already, and is only known to others
    by it: a ledger that is busy or broken must not cost the outcome that opened or closed it, which
    is noted with more patience, and ends the daemon if it cannot be.
    """
    try:
        await change
    except Refused as refused:
        log.warning("breaker not noted", extra={"why": str(refused)})


class Returns(Protocol):
    """What the ledger notes of mail that comes back."""

    async def delivery(self, id_: DeliveryId) -> Delivery | None:
        """The delivery of that number."""
        ...

    async def subscriber(self, uid: int) -> Subscriber | None:
        """Whoever has that ``uid``."""
        ...

    async def bounced(self, undelivered: Undelivered, at: datetime) -> bool:
        """What was handed over came back: it has failed, its papers are held over where nothing is
        wrong with them, and it is a strike as for a server's no. False if that is known.
        """
        ...

    async def answer(self, answer: Answer, change: Subscriber | None = None) -> bool | None:
        """Plan the answer to a mail and write the change that the mail asked for, in one
        transaction. False if that mail was answered already; None if the subscriber changed
        meanwhile. Raises Suppressed as a change does.
        """
        ...

    async def answers(self, subscriber: SubscriberId, since: datetime) -> int:
        """How many answers he was given since then."""
        ...


class Signups(Protocol):
    """What strangers ask for on the site, from the form to the confirmation."""

    async def ask(self, ask: Ask, limits: Limits) -> Scope | None:
        """Note it, for ``waiting``, unless a limit is reached: then that one is given, and no more
        is noted than ``core.limits.unheard`` says.

        A form that was sent before is no news: nothing is noted, and None is given. One
        transaction, so that many at once get no more through than one after the other.
        """
        ...

    async def waiting(self, limit: int) -> Sequence[Ask]:
        """Up to ``limit`` asks that nobody acted on yet, the oldest first."""
        ...

    async def admit(
        self, ask: Ask, notices: Sequence[Notice] = (), joining: Subscriber | None = None
    ) -> bool:
        """Act on a new ask: add who joins (``pending``), plan the mails; in one transaction.

        It is ``mailed`` if one of them confirms it, else closed. False, and nothing is written, if
        it is not new any more, or if somebody meanwhile has the address of who joins. Who is on
        the suppression list joins nothing: then the ask is closed, and nobody is mailed.
        """
        ...

    async def find(self, number: int) -> Ask | None:
        """The ask of that number, None if there is nothing left of it."""
        ...

    async def confirm(self, ask: Ask, who: Subscriber, at: datetime) -> Subscriber | None:
        """Write who confirmed it, as he is to be, and that he did; in one transaction.

        Who was pending for the address of one who moves there is no more. None, and nothing is
        written, if the ask is not ``mailed`` any more or the subscriber changed meanwhile.
        Raises Suppressed and Refused as ``Subscribers.change`` does.
        """
        ...

    async def consents(self, subscriber: SubscriberId) -> Sequence[Ask]:
        """What this subscriber asked for and confirmed, as far as it is kept, the oldest first."""
        ...

    async def forget(self, now: datetime) -> int:
        """Forget asks that nobody confirmed in time, whoever is pending for no other reason, and
        networks that were kept long enough. Gives how many asks.

        Whoever leaves, or is suppressed, has no open ask from then on (``Subscribers.change``), and
        who has new links made moves nowhere.
        """
        ...


class Binding(Protocol):
    """Which paper log the cursors in the ledger belong to."""

    async def paper_log(self) -> str | None:
        """The id of the paper log that the cursors belong to, None before the first."""
        ...

    async def adopt(self, log_id: str, end: Cursor | None = None) -> None:
        """Remember that log. With ``end``, every subscriber's cursor moves there."""
        ...

    async def expected(self) -> int | None:
        """The number of the last intake that the log was about to write; None if never told.

        A log beyond it was written while another ledger than this one was in use.
        """
        ...

    async def expect(self, intake: int) -> None:
        """Remember, before it is written, that the log is about to write this intake."""
        ...

    async def skip(self, end: Cursor) -> None:
        """Mail nothing of what came up to ``end``, in one transaction.

        Every cursor moves there, nobody has papers held over, and no attempt follows for what
        waits or is in doubt.
        """
        ...


class Statistics(Protocol):
    """How it goes, in numbers."""

    async def figures(self, since: datetime) -> Figures:
        """All of them, of one moment: of what is so now, and of what was since then."""
        ...
