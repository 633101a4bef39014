"""What comes back by mail is acted on: bounces, complaints, wishes to leave, commands.

Each mail is noted in one transaction under a key of its own, so that it may come twice, and the
process may be killed anywhere. One line of log for each, with ids and never an address.
"""

from __future__ import annotations

import hashlib
import logging
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import assert_never

from worker.core.consent import NEVER
from worker.core.due import zone
from worker.core.obeyed import Obeyed, obey
from worker.core.roll import left
from worker.core.rulesets import NO_SETS, RuleSets
from worker.deliveries import Answer, DeliveryState, Reason
from worker.digests import Slot
from worker.ledgers import Returns, Suppressions
from worker.model import Refused, Subscriber, SubscriberState
from worker.outcomes import (
    Cause,
)
from worker.pipeline.plan import NameMessage
from worker.ports import Clock, Subscribers, Suppressed
from worker.returned.mailboxes import Mailboxes
from worker.returned.read import read
from worker.returns import (
    Commanded,
    Complained,
    Ignored,
    Leaving,
    Mail,
    Returned,
    Undelivered,
    Unknown,
)

log = logging.getLogger(__name__)

MOST_ANSWERS = 5
"""To one subscriber within a day: what talks back more often is a program."""

TRIES = 10


@dataclass(frozen=True, slots=True)
class Noted:
    """What a mail was, in a word for counting and in a line for people, without any address.

    ``understood`` is False for one that a person has to look at.
    """

    what: str
    line: str
    understood: bool = True


@dataclass(frozen=True, slots=True)
class Returning:
    """All that it takes to act on mail that comes back."""

    keys: Mapping[int, bytes]
    mailboxes: Mailboxes
    subscribers: Subscribers
    suppressions: Suppressions
    returns: Returns
    name: NameMessage
    clock: Clock
    sets: RuleSets = NO_SETS

    async def take(self, mail: Mail) -> Noted:
        """Read one mail and act on it. Raises Refused (EX_TEMPFAIL) if it should come again."""
        return await self.act(read(mail, self.keys, self.mailboxes), mail)

    async def act(self, returned: Returned, mail: Mail) -> Noted:
        """Act on a mail that was read. Twice is once."""
        match returned:
            case Undelivered():
                return await self._bounced(returned)
            case Complained():
                return await self._complained(returned)
            case Leaving(uid):
                return await self._left(uid)
            case Commanded():
                return await self._commanded(returned, mail)
            case Ignored(why):
                log.info("mail ignored", extra={"why": why})
                return Noted("ignored", f"ignored: {why}")
            case Unknown(why):
                log.warning("mail not understood", extra={"why": why})
                return Noted("unknown", f"not understood: {why}", understood=False)
            case _:
                assert_never(returned)

    async def _bounced(self, undelivered: Undelivered) -> Noted:
        await self._await_settled(undelivered)
        fresh = await self.returns.bounced(undelivered, self.clock.now())
        about = {"delivery": undelivered.delivery, "reply": undelivered.reply, "fresh": fresh}
        if undelivered.cause is Cause.POLICY:
            log.error("bounce about us", extra=about)
        else:
            log.info("bounce noted", extra=about | {"cause": undelivered.cause.value})
        known = "" if fresh else ", known already"
        return Noted("bounced", f"a bounce of delivery {undelivered.delivery}{known}")

    async def _await_settled(self, undelivered: Undelivered) -> None:
        """A bounce may be faster than our own note that the message went: then it comes again."""
        came = await self.returns.delivery(undelivered.delivery)
        if came and came.state is DeliveryState.SENDING:
            line = f"delivery {came.id} is still being sent; its bounce has to wait"
            raise Refused(line, os.EX_TEMPFAIL)

    async def _complained(self, complained: Complained) -> Noted:
        who = await self._complainer(complained)
        if who is None:
            log.warning("complaint of nobody we know", extra={"delivery": complained.delivery})
            return Noted("complained", "a complaint of nobody who is known here")
        fresh = await self.suppressions.suppress(
            who.address, Reason.COMPLAINT, self.clock.now(), complained.kind
        )
        about = {"subscriber": who.id, "delivery": complained.delivery, "fresh": fresh}
        log.warning("complaint noted", extra=about | {"complaint": complained.kind})
        known = "" if fresh else ", known already"
        return Noted("complained", f"a complaint of subscriber {who.id}{known}")

    async def _complainer(self, complained: Complained) -> Subscriber | None:
        uid = complained.uid
        if uid is None and complained.delivery is not None:
            delivery = await self.returns.delivery(complained.delivery)
            uid = delivery.uid if delivery else None
        return None if uid is None else await self.returns.subscriber(uid)

    async def _left(self, uid: int) -> Noted:
        for _ in range(TRIES):
            who = await self.returns.subscriber(uid)
            if who is None:
                log.info("left by mail", extra={"subscriber": None, "fresh": False})
                return Noted("left", "unsubscribed: nobody who is known here")
            if who.state is SubscriberState.PENDING:
                return await self._never(who)
            fresh = left(who) != who
            if not fresh or await self.subscribers.change(left(who)):
                log.info("left by mail", extra={"subscriber": who.id, "fresh": fresh})
                known = "" if fresh else ", known already"
                return Noted("left", f"unsubscribed: subscriber {who.id}{known}")
        raise _overtaken()

    async def _never(self, who: Subscriber) -> Noted:
        """He never came, somebody only asked for him: so he is never mailed again."""
        now = self.clock.now()
        await self.suppressions.suppress(who.address, Reason.COMPLAINT, now, NEVER)
        log.info("left by mail", extra={"subscriber": who.id, "fresh": True})
        return Noted("left", f"never to be mailed: subscriber {who.id}")

    async def _commanded(self, commanded: Commanded, mail: Mail) -> Noted:
        for _ in range(TRIES):
            who = await self.returns.subscriber(commanded.uid)
            if who is None:
                log.info("commands of nobody we know")
                return Noted("commanded", "commands of nobody who is known here")
            obeyed = obey(commanded.text, who, self.clock.now(), self.sets)
            done = await self._done(obeyed, who, commanded, mail)
            if done:
                about = {"subscriber": who.id, "commands": obeyed.names, "came_to": done}
                log.info("commands by mail", extra=about)
                named = ", ".join(obeyed.names) or "nothing"
                return Noted("commanded", f"commands of subscriber {who.id} ({named}): {done}")
        raise _overtaken()

    async def _done(self, obeyed: Obeyed, who: Subscriber, commanded: Commanded, mail: Mail) -> str:
        """What came of it; nothing if he changed meanwhile, so that it has to be tried again."""
        change = obeyed.who if obeyed.who != who else None
        try:
            if not obeyed.lines:
                changed = change is None or await self.subscribers.change(change)
                return "not answered" if changed else ""
            answer = await self._answer(obeyed, who, commanded, mail)
            taken = await self.returns.answer(answer, change)
        except Suppressed:
            return "not answered, suppressed"
        if taken is None:
            return ""
        if not taken:
            return "known already"
        return "answered" if answer.told else "done, not answered again today"

    async def _answer(
        self, obeyed: Obeyed, who: Subscriber, commanded: Commanded, mail: Mail
    ) -> Answer:
        now = self.clock.now()
        slot = Slot(f"answer-{_key(mail)}", now.astimezone(zone(who.timezone)).date())
        return Answer(
            subscriber=who.id,
            slot=slot,
            lines=obeyed.lines,
            message_id=self.name(who, slot),
            answers=commanded.message_id,
            at=now,
            told=obeyed.who.state is not who.state or await self._may_answer(who, now),
        )

    async def _may_answer(self, who: Subscriber, now: datetime) -> bool:
        return await self.returns.answers(who.id, now - timedelta(days=1)) < MOST_ANSWERS


def _key(mail: Mail) -> str:
    return hashlib.sha256(mail.content).hexdigest()[:32]


def _overtaken() -> Refused:
    return Refused("a subscriber is changed by others all the time; try again", os.EX_TEMPFAIL)
