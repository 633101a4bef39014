"""How strangers come, change and go: ask → confirm → change → leave.

What a stranger asks for is only noted; it is acted on later, so that nobody learns from an answer,
or from how long it takes, who is known here. Each step may be taken twice and comes to the same.
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from worker.asks import CONFIRM_WITHIN, Ask, AskKind, AskState, Limits, Scope
from worker.core import roles
from worker.core.consent import NEVER, confirmed, leaving, still
from worker.core.keys import Keys
from worker.core.traces import shortened, traces
from worker.core.welcome import Asking, NameMessage, welcome
from worker.deliveries import DeliveryState, Reason
from worker.door import Door
from worker.ledgers import Returns, Signups, Suppressions
from worker.model import Preferences, Refused, Subscriber, SubscriberState
from worker.ports import Clock, Ledger, PaperLog, Subscribers

log = logging.getLogger(__name__)

AT_ONCE = 100
"""Asks that are acted on in one pass."""

TOGETHER = 4
"""Of these so many at a time: each takes a few steps, and others wait for the loop, too."""

TRIES = 10

NUMBER_BITS = 63
"""Of numbers that nobody can guess: as many as a signed column of a database holds."""

CLOSED_FOR = timedelta(hours=1)

CONFIRMABLE = (AskState.MAILED, AskState.CONFIRMED)
"""States of an ask that its confirmation page is of: whoever presses twice sees it again."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What a form asks for, read and sound.

    ``peer`` is the IP address that it came from, empty if unknown. ``form`` is the number of the
    form, so that none counts twice. ``mover`` is the uid of who wants to be mailed at ``address``.
    ``wanted`` is for who subscribes.
    """

    kind: AskKind
    address: str
    wanted: Preferences | None
    peer: str
    form: int
    mover: int | None = None


@dataclass(slots=True)
class Signup:
    """All that strangers can have done. Keep one: it remembers that it told of being closed.

    ``ours`` are the addresses that we send and read with; ``chance`` gives random numbers of so
    many bits. Raises Refused (EX_TEMPFAIL) where a store is busy or others change somebody all the
    time: then it may be tried again.
    """

    signups: Signups
    subscribers: Subscribers
    returns: Returns
    suppressions: Suppressions
    ledger: Ledger
    papers: PaperLog
    keys: Keys
    name: NameMessage
    clock: Clock
    chance: Callable[[int], int]
    limits: Limits
    ours: tuple[str, ...] = ()
    _told: datetime | None = field(default=None, init=False)
    _door: Door = field(init=False)

    def __post_init__(self) -> None:
        self._door = Door(self.clock)

    async def ask(self, wish: Wish) -> Scope | None:
        """Note it, to be acted on soon; or give the limit that it met, and nothing is acted on.

        Only ``Scope.ALL`` may show in the answer: everything else looks as if it was noted. That is
        also so for the address of an office or a program, which nobody can subscribe.
        """
        if roles.refused(wish.address, self.ours):
            return None
        ask = self._noted(wish)
        return await self._door.through(ask.traces, partial(self._listened_to, ask))

    @property
    def is_shut(self) -> bool:
        """Whether whoever asks now is turned away, whoever he is: then no form is worth reading."""
        return self._door.is_shut

    async def _listened_to(self, ask: Ask) -> Scope | None:
        met = await self.signups.ask(ask, self.limits)
        if met is Scope.ALL:
            self._tell_of_closing()
        return met

    def _noted(self, wish: Wish) -> Ask:
        return Ask(
            number=self.chance(NUMBER_BITS),
            kind=wish.kind,
            at=self.clock.now(),
            address=wish.address,
            wanted=wish.wanted,
            traces=traces(self.keys.secret, wish.address, wish.peer),
            network=shortened(wish.peer),
            form=wish.form,
            mover=wish.mover,
        )

    def _tell_of_closing(self) -> None:
        """Once an hour at most: there is room for one now and then, and it is full again."""
        now = self.clock.now()
        if self._told is None or now - self._told >= CLOSED_FOR:
            self._told = now
            most = [limit.many for limit in self.limits.all]
            log.error("signups closed: too many in an hour", extra={"most": most})

    async def admit(self) -> int:
        """Act on what was asked for, and give how many asks that were; nothing is lost by a death.

        One that fails is logged and stays, and stops no other. Raises Refused for it at the end.
        """
        waiting = await self.signups.waiting(AT_ONCE)
        seats = asyncio.Semaphore(TOGETHER)

        async def one(ask: Ask) -> bool:
            async with seats:
                return await self._admit(ask)

        came_to = await asyncio.gather(*map(one, waiting), return_exceptions=True)
        failed = [each for each in came_to if isinstance(each, BaseException)]
        admitted = sum(each is True for each in came_to)
        if admitted:
            log.info("asks admitted", extra={"asks": admitted, "failed": len(failed)})
        for each in failed:
            raise each
        return admitted

    async def to_confirm(self, number: int) -> Ask | None:
        """What a confirmation is of; None if it came too late, or nothing is to come of it.

        Of one that is confirmed already there is no more than that, and when.
        """
        ask = await self.signups.find(number)
        if ask is None or ask.state not in CONFIRMABLE or self.clock.now() >= ask.expires:
            return None
        return ask

    async def confirm(self, number: int) -> Subscriber | None:
        """It is confirmed: give who is active by it.

        Confirmed before, it gives him again if he still is. None if it came too late, or if he left
        or was suppressed since.
        """
        for _ in range(TRIES):
            ask = await self.to_confirm(number)
            if ask is None:
                return None
            if ask.state is AskState.CONFIRMED:
                return await self._still(ask)
            who, now = await self._confirmer(ask), self.clock.now()
            after = confirmed(ask, who, await self.papers.end(), now)
            if after is None or after == who:
                return after
            try:
                if done := await self.signups.confirm(ask, after, now):
                    return done
            except Refused as refused:
                if refused.exit_code != os.EX_DATAERR:
                    raise
                return None  # suppressed meanwhile, or the address is that of somebody else by now
        raise _overtaken()

    async def leave(self, uid: int) -> Subscriber | None:
        """He leaves at once, and what waits for him is cancelled; None if there is nobody.

        Who was only asked to confirm is never mailed again. Twice is once.
        """
        who = await self.returns.subscriber(uid)
        if who is not None and await self._is_only_asked(who):
            now = self.clock.now()
            await self.suppressions.suppress(who.address, Reason.COMPLAINT, now, NEVER)
            return await self.returns.subscriber(uid)
        return await self.change(uid, leaving)

    async def change(
        self, uid: int, change: Callable[[Subscriber], Subscriber | None]
    ) -> Subscriber | None:
        """Change him, whoever else does so meanwhile, and give him as he is then.

        ``change`` is asked again with each new version of him; if it gives None, nothing is done.
        None if there is nobody. Raises Suppressed and Refused as ``Subscribers.change`` does.
        """
        for _ in range(TRIES):
            who = await self.returns.subscriber(uid)
            after = None if who is None else change(who)
            if after is None or after == who:
                return who
            if done := await self.subscribers.change(after):
                return done
        raise _overtaken()

    async def erase(self, uid: int) -> bool:
        """Forget him, but for a hash that says never to mail him. False if there is nobody."""
        for _ in range(TRIES):
            who = await self.returns.subscriber(uid)
            if who is None:
                return False
            if await self.suppressions.erase(who.address, self.clock.now()):
                return True
            again = await self.returns.subscriber(uid)
            if again is None or again.address == who.address:  # he had not moved: it is done
                return False
        raise _overtaken()

    async def forget(self) -> int:
        """Forget what nobody confirmed in time, and networks kept long enough: how many asks."""
        return await self.signups.forget(self.clock.now())

    async def _admit(self, ask: Ask) -> bool:
        """Act on it, unless another did. Somebody may come to that address meanwhile."""
        for _ in range(TRIES):
            intent = welcome(await self._asking(ask))
            if await self.signups.admit(ask, intent.notices, intent.joining):
                return True
            now = await self.signups.find(ask.number)
            if now is None or now.state is not AskState.NEW:
                return False
        raise _overtaken()

    async def _asking(self, ask: Ask) -> Asking:
        return Asking(
            ask=ask,
            his=await self.subscribers.find(ask.address),
            mover=await self._mover(ask),
            suppressed=await self.suppressions.find(ask.address) is not None,
            uid=self.chance(NUMBER_BITS),
            now=self.clock.now(),
            name=self.name,
        )

    async def _mover(self, ask: Ask) -> Subscriber | None:
        return None if ask.mover is None else await self.returns.subscriber(ask.mover)

    async def _confirmer(self, ask: Ask) -> Subscriber | None:
        """Who is to be changed by it: he who moves, else whoever has the address."""
        if ask.kind is AskKind.MOVE:
            return await self._mover(ask)
        return await self.subscribers.find(ask.address)

    async def _still(self, ask: Ask) -> Subscriber | None:
        """Who confirmed it before, if it holds. His uid is in the mail: his address may be new."""
        if ask.subscriber is None:
            return None
        mailed = await self.ledger.deliveries(DeliveryState, ask.subscriber, ask.at)
        uid = next((each.uid for each in mailed if each.ask == ask.number), ask.mover)
        who = None if uid is None else await self.returns.subscriber(uid)
        return still(ask, who, await self.signups.consents(ask.subscriber))

    async def _is_only_asked(self, who: Subscriber) -> bool:
        """Whether he is nobody of ours, but for a confirmation that somebody had us mail him."""
        if who.state not in (SubscriberState.UNSUBSCRIBED, SubscriberState.UNLISTED):
            return who.state is SubscriberState.PENDING
        since = self.clock.now() - CONFIRM_WITHIN
        mailed = await self.ledger.deliveries(DeliveryState, who.id, since)
        asks = [await self.signups.find(each.ask) for each in mailed if each.ask is not None]
        return any(ask is not None and ask.state is AskState.MAILED for ask in asks)


def _overtaken() -> Refused:
    return Refused("others change a subscriber all the time; try again", os.EX_TEMPFAIL)
