"""Where strangers come, change and go: all the stores, a real mail server, and the time of day."""

from __future__ import annotations

import asyncio
import random
import re
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from pathlib import Path

from tests.made import KEY, LETTERHEAD, at, intake, paper, subscriber
from tests.plain.papers import PlainPaperLog
from tests.returning import text_of
from tests.smtpd import MailServer, Received
from tests.store.ledgers import Stores, stores
from worker import shipped
from worker.asks import AskKind, Limits, Scope
from worker.core.compose import Composer
from worker.core.keys import Keys
from worker.core.render import Templates
from worker.core.tokens import CONFIRM, UNSUBSCRIBE, read_pass, read_token
from worker.deliveries import Delivery, DeliveryState, Reason
from worker.mailer.settings import SmtpSettings
from worker.mailer.smtp import SmtpMailer
from worker.model import Preferences, Rule, Subscriber, SubscriberState
from worker.pipeline.deliver import Round
from worker.pipeline.plan import commit, due
from worker.pipeline.recent import Recent
from worker.schedules import OnDays
from worker.signup import Signup, Wish

MORNING = at("2025-09-08 09:00")
ADDRESS, OLD = "newcomer@x.org", "old@y.org"
PEER = "192.0.2.77"
KEYS = Keys(1, {1: KEY})
COMPOSER = Composer(replace(LETTERHEAD, has_site=True), Templates(shipped.mail_templates()), KEYS)
OURS = (LETTERHEAD.from_address, LETTERHEAD.unsubscribe_mailbox)


def wanted(address: str = ADDRESS, *queries: str) -> Preferences:
    """Digests each day at eight, in Vienna."""
    rules = tuple(Rule(query, query) for query in queries or ("diffusion",))
    return Preferences(address, OnDays(frozenset(range(7)), time(8)), "Europe/Vienna", rules)


@dataclass
class SetClock:
    """It stands where it is put."""

    at: datetime = MORNING

    def now(self) -> datetime:
        return self.at


@dataclass
class Desk:
    """All that a site has behind it. ``signup`` may be made anew: nothing is kept in it."""

    stores: Stores
    papers: PlainPaperLog
    server: MailServer
    mailer: SmtpMailer
    clock: SetClock = field(default_factory=SetClock)
    chance: random.Random = field(default_factory=lambda: random.Random(1))
    limits: Limits = field(default_factory=Limits)

    def __post_init__(self) -> None:
        self.signup = self.opened()

    def opened(self, instead: Stores | None = None) -> Signup:
        """As after a start of the process."""
        behind = instead or self.stores
        return Signup(
            signups=behind.signups,
            subscribers=behind.subscribers,
            returns=behind.returns,
            suppressions=behind.suppressions,
            ledger=behind.ledger,
            papers=self.papers,
            keys=KEYS,
            name=COMPOSER.message_id,
            clock=self.clock,
            chance=self.chance.getrandbits,
            limits=self.limits,
            ours=OURS,
        )

    def later(self, **by: float) -> None:
        """Time goes by."""
        self.clock.at += timedelta(**by)

    async def ask(
        self,
        kind: AskKind = AskKind.SUBSCRIBE,
        address: str = ADDRESS,
        *,
        peer: str = PEER,
        mover: int | None = None,
        form: int | None = None,
        queries: tuple[str, ...] = (),
    ) -> Scope | None:
        """A form is sent, a new one if nothing is said of it."""
        asks_for = wanted(address, *queries) if kind is AskKind.SUBSCRIBE else None
        number = self.chance.getrandbits(63) if form is None else form
        return await self.signup.ask(Wish(kind, address, asks_for, peer, number, mover))

    async def sent(self) -> list[Received]:
        """Deliver all that waits; what arrived because of it."""
        before = len(self.server.messages)
        ledger, now = self.stores.ledger, self.clock
        await Round(ledger, self.mailer, COMPOSER, now, lambda: 0.0, asyncio.Event()).deliver(1)
        return self.server.messages[before:]

    async def admitted(self) -> list[Received]:
        """Act on all that was asked; what arrived because of it."""
        await self.signup.admit()
        return await self.sent()

    async def mailed(self, **asked: object) -> int:
        """Somebody asks, and is mailed a confirmation: its number."""
        assert await self.ask(**asked) is None  # type: ignore[arg-type]
        numbers = [number for mail in await self.admitted() if (number := asked_in(mail))]
        assert len(numbers) == 1
        return numbers[0]

    async def joined(self, address: str = ADDRESS) -> Subscriber:
        """Somebody comes by himself, all the way."""
        who = await self.signup.confirm(await self.mailed(address=address))
        assert who is not None
        return who

    async def at_the_address(self, state: str, address: str = ADDRESS) -> Subscriber | None:
        """Somebody of that state has the address; he as he was, with it."""
        if state == "unknown":
            return None
        known = "active" if state in ("suppressed", "erased") else state
        who = replace(subscriber("*", address=address), state=SubscriberState(known))
        who = replace(who, uid=self.chance.getrandbits(63))
        added = await self.stores.subscribers.add(who)
        if state == "suppressed":
            await self.stores.suppressions.suppress(address, Reason.BOUNCES, self.clock.at)
        if state == "erased":
            await self.stores.suppressions.erase(address, self.clock.at)
        return added

    async def state(self, address: str = ADDRESS) -> str:
        """In which state whoever has the address is."""
        who = await self.stores.subscribers.find(address)
        if who is not None:
            return str(who.state)
        listed = await self.stores.suppressions.find(address)
        return str(listed.reason) if listed else "unknown"

    async def file(self, *titles: str) -> None:
        """A daily file comes in, of papers with these titles."""
        end = await self.papers.end()
        first = end.paper + 1
        fresh = [paper(first + place, title) for place, title in enumerate(titles)]
        taken = intake(end.intake + 1, len(fresh), end.paper + len(fresh))
        await self.papers.take_in(replace(taken, at=self.clock.at), fresh, {})

    async def planned(self) -> Counter[str]:
        """The tick."""
        behind = self.stores
        name = COMPOSER.message_id
        round_ = await due(Recent(self.papers), behind.subscribers, behind.ledger, name, self.clock)
        return await commit(round_, behind.ledger)

    async def deliveries(self, *states: DeliveryState) -> list[Delivery]:
        """In these states, or in any."""
        return list(await self.stores.ledger.deliveries(states or tuple(DeliveryState)))


@asynccontextmanager
async def desk(kind: str, folder: Path, limits: Limits | None = None) -> AsyncIterator[Desk]:
    """One with nobody on its list."""
    async with (
        MailServer() as server,
        stores(kind, folder) as behind,
        SmtpMailer(SmtpSettings(host="127.0.0.1", port=server.port, tls="none")) as mailer,
    ):
        yield Desk(behind, PlainPaperLog(), server, mailer, limits=limits or Limits())


def subject(mail: Received) -> str:
    """As its reader sees it, without the name of the list."""
    return text_of(mail).splitlines()[0].partition(" – ")[2]


def links(mail: Received, page: str) -> list[str]:
    """The tokens of the links to such a page in a mail."""
    return re.findall(rf"https://papers\.example\.org/{page}/([\w-]+)", text_of(mail))


def asked_in(mail: Received) -> int | None:
    """The number of the ask that the button in a mail confirms."""
    for token in links(mail, CONFIRM):
        found = read_pass(KEYS.by_id, CONFIRM, token, date_of(mail))
        return found.number if found else None
    return None


def leaver_in(mail: Received) -> int:
    """Whose link to leave is in a mail: his uid."""
    uid = read_token(KEYS.by_id, UNSUBSCRIBE, links(mail, UNSUBSCRIBE)[0])
    assert uid is not None
    return uid


def date_of(mail: Received) -> datetime:
    """When it was written, by its header."""
    found = re.search(rb"(?m)^Date: (.+?)\r?$", mail.content)
    assert found is not None
    return datetime.strptime(found[1].decode(), "%a, %d %b %Y %H:%M:%S %z")


def on(day: int, hour: int = 9) -> datetime:
    """An instant of that September."""
    return datetime.combine(date(2025, 9, day), time(hour), MORNING.tzinfo)
