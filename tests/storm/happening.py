"""What happens in the storm: readers, mail that comes back, the operator, a death."""

from __future__ import annotations

import asyncio
import os
from dataclasses import replace
from datetime import timedelta
from typing import Any

from tests.crash.recipients import message_id
from tests.made import intake, paper, subscriber
from tests.returning import COMPOSER, MAILBOXES, leaving, report
from tests.smtpd import Received
from tests.storm.office import (
    ACTIVE,
    COMMANDS,
    DOMAINS,
    SCHEDULES,
    WORDS,
    Office,
    Q,
)
from worker.core.due import parse_schedule
from worker.core.letterhead import reply_address
from worker.core.plan import OUTSTANDING
from worker.core.tokens import REPLY, token
from worker.deliveries import (
    Brake,
    Breaker,
    Delivery,
    DeliveryId,
    Reason,
)
from worker.manner import Manner, Order, Relation
from worker.model import (
    Counts,
    Cursor,
    Paper,
    PaperNumber,
    Refused,
    Rule,
    Subscriber,
    SubscriberState,
)
from worker.pipeline.returns import Returning
from worker.ports import Suppressed
from worker.returns import Mail
from worker.sightings import Sighting
from worker.store.sql_returns import SqlReturns


class World(Office):
    """An installation and all that happens to it."""

    async def meddle(self) -> None:
        """Perhaps, now that a server is just being spoken to, something happens."""
        if self._meddling or self.mortal.is_dead or not self.weather.strikes(self.weather.meddling):
            return
        self._meddling = True
        try:
            await self.happen()
        except Exception as error:  # the server would only say 500
            if not self.mortal.is_dead:
                self.wrong.append(error)
        finally:
            self._meddling = False

    async def happen(self) -> None:
        what = self.random.choices(
            (
                self.paper_comes, self.tick, self.leaves, self.returns, self.pauses, self.edits,
                self.writes, self.bounces, self.button, self.operates, self.suppress, self.time,
                self.kill,
            ),
            (6, 6, 3, 5, 1, 2, 4, 4, 1, 4, 0.3, 4, 1),
        )[0]  # fmt: skip
        await what()

    async def time(self) -> None:
        self.clock.instant += timedelta(minutes=self.random.choice((1, 3, 20, 70)))

    async def kill(self) -> None:
        if self._round:
            self.dying.set()
            await asyncio.sleep(0)

    async def joins(self, number: int) -> None:
        """A reader whose digests may be crowded, and may tell news of papers that he had."""
        order = self.random.choice((Order.RULES, Order.RULES, Order.UPVOTES))
        related = frozenset(self.random.sample(sorted(Relation), 1))
        asked = subscriber(
            self.random.choice((*WORDS, "*")),
            address=f"r{number}@{DOMAINS[number % 4]}", number=number,
            schedule=self.random.choice(SCHEDULES),
            max_papers=self.random.choice((2, 5, 20, 100)),
        )  # fmt: skip
        who = await self.people.add(replace(asked, manner=Manner(order=order, related=related)))
        self.witness.addresses[who.id] = who.address

    async def paper_comes(self, most: int = 3) -> None:
        """A daily file: new papers, and one that was listed before and has more votes now."""
        end, now = await self.log.end(), self.clock.now()
        fresh = []
        for number in range(end.paper + 1, end.paper + self.random.randint(1, most) + 1):
            word = self.random.choice(WORDS)
            self.words[number] = word
            new = paper(number, f"Paper {number} on {word}", day=now.date())
            fresh.append(replace(new, counts=Counts(upvotes=self.random.randint(0, 20))))
        again = [await self.again(end)] if end.paper and self.random.random() < 0.3 else []
        newest = end.paper + len(fresh)
        new_file = intake(end.intake + 1, len(fresh), newest, seen=len(again), day=now.date())
        await self.log.take_in(
            replace(new_file, at=now), fresh, {}, [better for better, _ in again],
            sightings=[sighting for _, sighting in again],
        )  # fmt: skip

    async def again(self, end: Cursor) -> tuple[Paper, Sighting]:
        """A paper of the log, completed, and how it was met."""
        before = self.random.choice(await self.log.papers(PaperNumber(0)))
        upvotes = (before.counts.upvotes or 0) + self.random.choice((0, 1, 40))
        better = replace(before, counts=Counts(upvotes=upvotes), version=before.version + 1)
        how, day = self.random.choice(sorted(Relation)), self.clock.now().date()
        sighting = Sighting(end.intake + 1, before.number, how, day, upvotes, before.counts.upvotes)
        return better, sighting

    async def anybody(self) -> Subscriber:
        """Often it is who is just being mailed."""
        everyone = await self.people.everyone()
        mailed = {each.subscriber for each in self.ledger.in_flight.values()}
        some = [who for who in everyone if who.id in mailed]
        return self.random.choice(some if some and self.random.random() < 0.5 else everyone)

    async def change(self, who: Subscriber, **values: Any) -> None:
        leaves = values.get("state", ACTIVE) is not ACTIVE
        if not leaves and values.get("state"):
            self.gone.discard(who.address)
        try:
            done = await self.people.change(replace(who, **values))
        except Suppressed:
            self.gone.add(who.address)
            return
        told = {name: str(value) for name, value in values.items()}
        self.story.tell(who.address, f"changed {told}: {'done' if done else 'too late'}")
        if (done and leaves) or (not done and who.state is not ACTIVE):
            self.gone.add(who.address)

    async def leaves(self) -> None:
        who = await self.anybody()
        if who.state is ACTIVE:
            states = (SubscriberState.UNSUBSCRIBED, SubscriberState.REMOVED)
            await self.change(who, state=self.random.choice(states))

    async def returns(self) -> None:
        await self.comes_back(await self.anybody())

    async def comes_back(self, who: Subscriber) -> None:
        """If he left of his own will, or by the operator's."""
        if who.state in (SubscriberState.UNSUBSCRIBED, SubscriberState.REMOVED):
            await self.change(who, state=ACTIVE)

    async def pauses(self) -> None:
        who = await self.anybody()
        until = self.clock.now().date() + timedelta(days=self.random.randint(1, 5))
        if who.state is ACTIVE:
            await self.change(who, paused_until=self.random.choice((None, until)))

    async def edits(self) -> None:
        who = await self.anybody()
        if who.state is ACTIVE:
            self.edited.add(who.address)
            word = self.random.choice((*WORDS, "*"))
            schedule = parse_schedule(self.random.choice(SCHEDULES))
            await self.change(who, rules=(Rule(word, word),), schedule=schedule)

    async def suppress(self) -> None:
        who = await self.anybody()
        self.suppressed_by_hand.add(who.address)
        self.story.tell(who.address, "suppressed by the operator")
        await self.suppressions.suppress(who.address, Reason.OPERATOR, self.clock.now())
        self.gone.add(who.address)

    def returning(self) -> Returning:
        return Returning(
            keys=COMPOSER.keys.by_id, mailboxes=MAILBOXES, subscribers=self.people,
            suppressions=self.suppressions, returns=SqlReturns(self.stores),
            name=COMPOSER.message_id, clock=self.clock,
        )  # fmt: skip

    async def take(self, content: bytes, about: str | DeliveryId) -> None:
        try:
            noted = (await self.returning().take(Mail(content))).line
        except Refused as refused:
            if refused.exit_code != os.EX_TEMPFAIL:
                raise
            noted = str(refused)
        self.story.tell(about, f"mail came: {noted}")

    async def writes(self) -> None:
        """Somebody answers a digest."""
        who = await self.anybody()
        text = self.random.choice(COMMANDS)
        to = reply_address(COMPOSER.letterhead, token(COMPOSER.keys.secret, 1, REPLY, who.uid))
        number = self.random.randrange(10**9)
        mail = f"From: x@example.net\nTo: {to}\nMessage-ID: <{number}@x>\n\n{text}\n".encode()
        if not text.startswith(("rules", "help", "pause", "resume")):
            self.edited.add(who.address)
        for _ in range(2):
            await self.take(mail, who.address)
        if text == "stop":
            self.gone.add(who.address)

    def digest_taken(self) -> Received | None:
        digests = [each for _, _, each in self.witness.taken if "@" in each.mail_from]
        return self.random.choice(digests[-20:]) if digests else None

    async def bounces(self) -> None:
        """A mail that a server took comes back after all; twice; and one is forged."""
        received = self.digest_taken()
        if received is None:
            return
        status = self.random.choice(("5.1.1", "5.2.2", "4.4.7", "5.7.1"))
        dsn = report(received, status, "no")
        id_ = self.witness.of_message[message_id(received)]
        await self.take(dsn.replace(b"b+A", b"b+B"), id_)
        self.witness.said[id_].append((self.clock.now(), f"dsn {status}"))
        for _ in range(2):
            await self.take(dsn, id_)

    async def button(self) -> None:
        received = self.digest_taken()
        if received is not None:
            await self.take(leaving(received), received.rcpt_tos[0])
            self.gone.add(received.rcpt_tos[0])

    async def operates(self) -> None:
        waiting = [each for each in await self.ledger.deliveries(OUTSTANDING) if each.kind is Q]
        now = self.clock.now()
        if self.random.random() < 0.1:
            await self.holds.open(Breaker(Brake.QUEUE, "", now, None, 0, "by hand"))
        else:
            await self.holds.close(Brake.QUEUE, "")
        if not waiting:
            return
        one = self.random.choice(waiting)
        match self.random.randrange(8):
            case 0 | 1:
                await self.holds.hold([one.id])
                self.story.tell(one.id, "held")
            case 2 | 3:
                await self.holds.release([each.id for each in waiting])
            case 4:
                await self.drop(one.id)
            case _:
                await self.retry(one)

    async def drop(self, id_: DeliveryId) -> None:
        """It may be that who dies meanwhile never hears that it is done."""
        self.dropped.add(id_)
        if not await self.holds.drop([id_], self.clock.now()):
            self.dropped.remove(id_)
        self.story.tell(id_, f"dropped: {id_ in self.dropped}")

    async def retry(self, one: Delivery) -> None:
        """As above."""
        again = one.doubts > 0
        self.forced.add(one.id)
        self.witness.doubts[one.id] += again
        if not await self.holds.retry([one.id], self.clock.now()):
            self.witness.doubts[one.id] -= again
        self.story.tell(one.id, "retried")
