"""A world for the sending side: real mail servers in bad weather, readers who change their minds,
mail that comes back, an operator, and a process that dies. ``test_storm`` lets it run.

What happens is drawn from a seed. Servers say what they like, at any moment somebody may meddle;
what each side knows for itself is noted here, to be compared with what the program made of it.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from random import Random
from typing import Any, TypeVar

from aiosmtpd.smtp import Envelope as Taken
from aiosmtpd.smtp import Session as Peer

from tests.made import KEY
from tests.smtpd import MailServer, Received, _Connection
from tests.storm.story import Story, numbers
from worker.core.tokens import BOUNCE, read_token
from worker.deliveries import Delivery, DeliveryId, Plan, Settlement
from worker.model import Paper, SubscriberId
from worker.store.engine import Database
from worker.store.sql_ledger import SqlLedger

Result = TypeVar("Result")

TO_RECIPIENT = (
    "450 4.2.1 busy", "451 4.4.1 no route", "421 4.7.28 too fast", "550 5.1.1 no such user",
    "550 5.7.1 not you", "552 5.2.2 mailbox full", "550 no such user", "cut",
)  # fmt: skip
TO_DOT = (
    "450 4.7.1 greylisted", "451 4.4.1 no route", "421 4.7.28 too fast", "550 5.1.1 no such user",
    "550 5.7.1 spam", "552 5.2.2 mailbox full", "552 5.3.4 too big", "554 no", "close", "hang",
)  # fmt: skip
TO_MAIL = ("535 5.7.8 login", "421 4.3.2 shutting down", "550 5.7.1 not you", "451 4.3.0 disk")

BLAMES = ("5.1.1", "5.2.2", "550 no such user")
"""What may cost an address a strike."""

HEARD = 0.5
"""Seconds within which an answer to the dot is surely heard: half of what the client waits."""

GIVES_UP = ("5.7.1 spam", "5.3.4", "554 no", "dsn 5.7.1")
"""What a digest may be lost of: it was refused for itself, at once or by a bounce about us."""


@dataclass
class Weather:
    """How bad it is: the chance of a no, from 0 to 1."""

    random: Random
    recipients: float = 0.0
    dots: float = 0.0
    servers: float = 0.0
    meddling: float = 0.0

    def strikes(self, chance: float) -> bool:
        """Whether it does now."""
        return self.random.random() < chance


@dataclass
class Witness:
    """What the servers and the wire saw, by delivery."""

    story: Story
    said: defaultdict[DeliveryId, list[tuple[datetime, str]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    doubts: Counter[DeliveryId] = field(default_factory=Counter)
    of_message: dict[str, DeliveryId] = field(default_factory=dict)
    taken: list[tuple[datetime, str, Received]] = field(default_factory=list)
    flying: Counter[str] = field(default_factory=Counter)
    most: Counter[str] = field(default_factory=Counter)
    addresses: dict[SubscriberId, str] = field(default_factory=dict)

    def planned(self, plan: Plan) -> None:
        """A plan was committed."""
        picks = numbers(plan.digest.picks) if plan.digest else None
        self.story.tell(
            self.addresses.get(plan.subscriber, ""),
            f"planned {plan.slot.name} {picks}, supersedes {plan.supersedes}, "
            f"read to {plan.cursor.paper}, held over {numbers(plan.held_over)}",
        )

    def has_said(self, id_: DeliveryId, *words: str) -> bool:
        """Whether any server ever said that of it."""
        return any(word in reply for _, reply in self.said[id_] for word in words)


class StormyServer(MailServer):
    """Says what the weather makes it say. ``after`` is called at each step of a conversation."""

    def __init__(
        self,
        name: str,
        weather: Weather,
        witness: Witness,
        now: Callable[[], datetime],
        meddle: Callable[[], Awaitable[None]],
    ) -> None:
        super().__init__()
        self.name = name
        self._weather, self._witness, self._now, self._meddle = weather, witness, now, meddle

    async def handle_MAIL(  # noqa: N802 - aiosmtpd's name
        self, server: Any, session: Peer, envelope: Taken, address: str, options: list[str]
    ) -> str:
        if self._weather.strikes(self._weather.servers):
            return self._weather.random.choice(TO_MAIL)
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: Any, session: Peer, envelope: Taken, address: str, options: list[str]
    ) -> str:
        await asyncio.shield(self._meddle())
        reply = "250 OK"
        if self._weather.strikes(self._weather.recipients):
            reply = self._weather.random.choice(TO_RECIPIENT)
        self._saw(envelope, reply)
        if reply == "cut":
            server.reset()
            await asyncio.Event().wait()
        if reply.startswith("250"):
            envelope.rcpt_tos.append(address)
        return reply

    async def handle_DATA(  # noqa: N802 - aiosmtpd's name
        self, server: _Connection, session: Peer, envelope: Taken
    ) -> str:
        reply, heard_until = "250 2.0.0 Ok", _now() + HEARD
        if self._weather.strikes(self._weather.dots):
            reply = self._weather.random.choice(TO_DOT)
        id_ = self._saw(envelope, f". {reply}")
        if reply in ("close", "hang"):
            self._witness.doubts[id_] += 1
        if reply.startswith("2") or reply in ("close", "hang"):
            received = Received(
                envelope.mail_from or "", tuple(envelope.rcpt_tos),
                envelope.original_content or b"", False, "", server.number,
            )  # fmt: skip
            self._witness.taken.append((self._now(), self.name, received))
        try:
            await asyncio.shield(self._meddle())
        except asyncio.CancelledError:  # it took us too long
            self._witness.doubts[id_] += 1
            raise
        if reply not in ("close", "hang") and _now() > heard_until:
            self._witness.doubts[id_] += 1
        if reply == "close":
            server.reset()
        if reply in ("close", "hang"):
            await asyncio.Event().wait()
        return reply

    def _saw(self, envelope: Taken, reply: str) -> DeliveryId:
        id_ = delivery_of(envelope.mail_from or "")
        self._witness.said[id_].append((self._now(), reply))
        self._witness.story.tell(id_, f"{self.name} says {reply}")
        return id_


def _now() -> float:
    return asyncio.get_running_loop().time()


def delivery_of(sender: str) -> DeliveryId:
    """Which delivery an envelope sender is of; 0 for an answer's, which has none."""
    tag = sender.partition("+")[2].partition("@")[0]
    return DeliveryId(read_token({1: KEY}, BOUNCE, tag) or 0)


class Mortal:
    """A database whose process may die: from then on nothing is written or read any more."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.is_dead = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._database, name)

    async def read(self, work: Callable[[Any], Result]) -> Result:
        """As the database."""
        return await self._alive(lambda: self._database.read(work))

    async def write(self, work: Callable[[Any], Result], *, must: bool = False) -> Result:
        """As the database."""
        return await self._alive(lambda: self._database.write(work, must=must))

    async def _alive(self, ask: Callable[[], Awaitable[Result]]) -> Result:
        if self.is_dead:
            await asyncio.Event().wait()
        result = await ask()
        if self.is_dead:
            await asyncio.Event().wait()
        return result


class WatchedLedger(SqlLedger):
    """The ledger, and who is asked whether a claim was right."""

    def __init__(self, database: Any, witness: Witness, inactive: Callable[[], set[str]]) -> None:
        super().__init__(database)
        self._witness, self._inactive = witness, inactive
        self.in_flight: dict[DeliveryId, Delivery] = {}

    async def claim(
        self, now: datetime, limit: int, avoid: Collection[str] = ()
    ) -> Sequence[Delivery]:
        """As the ledger; nobody is claimed for who was not active before it was asked."""
        gone = self._inactive()
        claimed = await super().claim(now, limit, avoid)
        for each in claimed:
            self._witness.story.tell(each.id, f"claimed, attempt {each.attempts}")
            wrong = each.address in gone & self._inactive() and each.kind == "digest"
            assert not wrong, f"{each.address} was not active"
            self.in_flight[each.id] = each
            self._witness.of_message[each.message_id] = each.id
        return claimed

    async def plan(self, plans: Sequence[Plan], papers: Sequence[Paper]) -> Sequence[Plan]:
        """As the ledger."""
        taken = await super().plan(plans, papers)
        for each in taken:
            self._witness.planned(each)
        return taken

    async def settle(self, settlements: Sequence[Settlement]) -> None:
        """As the ledger."""
        await super().settle(settlements)
        for each in settlements:
            self._witness.story.tell(each.delivery, f"settled {each.state}, due {each.due_at}")
            self.in_flight.pop(each.delivery, None)


async def ended(tasks: Collection[asyncio.Task[Any]]) -> None:
    """Cancel them until they are gone."""
    for _ in range(50):
        left = [task for task in tasks if not task.done()]
        if not left:
            break
        for task in left:
            task.cancel()
        await asyncio.wait(left, timeout=0.1)
    for task in tasks:
        with contextlib.suppress(asyncio.CancelledError, Exception):
            await task
