"""What waits is delivered: rendered, handed over, its outcome noted; until sent or given up.

A delivery is claimed before its first byte leaves and settled as soon as its reply is there, so a
process that dies leaves in doubt what was in flight and nothing else.
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections import Counter
from collections.abc import Callable, Sequence

from worker.core import retry
from worker.core.jinja import (
    RenderError,
)
from worker.deliveries import (
    Delivery,
    DeliveryState,
    Envelope,
    Settlement,
)
from worker.model import Refused
from worker.outcomes import (
    Doubtful,
    InDoubt,
    Outcome,
    Unavailable,
)
from worker.pipeline.domains import Domains
from worker.ports import Clock, Ledger, Mailer

log = logging.getLogger(__name__)

SETTLE_TRIES = 10
SETTLE_PAUSE = 0.5
"""Seconds, on top of those that the ledger itself waits for a lock."""

Compose = Callable[[Delivery], Envelope]
"""A delivery as the message that goes out, made in any thread. Raises RenderError, never anything
half-made.
"""


async def recover(ledger: Ledger, clock: Clock, in_doubt: InDoubt = InDoubt.RESEND) -> int:
    """What was left half-sent, by a process that died or an attempt that could not be noted, is in
    doubt now. Only the one writer may say so, and only between two rounds.
    """
    left = await ledger.deliveries([DeliveryState.SENDING])
    await ledger.settle([retry.after_crash(one, clock.now(), in_doubt) for one in left])
    return len(left)


class Round:
    """One pass through all that waits, on a few connections, until nothing more is due.

    It ends early when ``stop`` is set, or when no server takes mail: then the rest keeps its place
    and nobody's attempt is counted. While one connection waits for a slow domain the others go on,
    also with what becomes due meanwhile (``stir``). Without ``domains`` none is spared.
    """

    def __init__(
        self,
        ledger: Ledger,
        mailer: Mailer,
        compose: Compose,
        clock: Clock,
        jitter: Callable[[], float],
        stop: asyncio.Event,
        *,
        domains: Domains | None = None,
        in_doubt: InDoubt = InDoubt.RESEND,
    ) -> None:
        self._ledger = ledger
        self._mailer = mailer
        self._compose = compose
        self._clock = clock
        self._jitter = jitter
        self._stop = stop
        self._domains = domains
        self._in_doubt = in_doubt
        self._claiming = asyncio.Lock()
        self._composed_last = asyncio.Event()
        self._composed_last.set()
        self._news = asyncio.Event()
        self._stirred = 0
        self._fruitless: frozenset[str] | None = None
        self._flying = 0
        self._unavailable = ""
        self._broken = False
        self.counts: Counter[str] = Counter()
        self.on_settled: Callable[[int], None] = lambda _: None

    async def deliver(self, connections: int) -> Counter[str]:
        """Deliver all that is due. Gives how many deliveries came to each state.

        Raises what went wrong, when what was in flight beside it has ended: a group of tasks would
        cut that off, and put in doubt what its server has taken.
        """
        carriers = [asyncio.create_task(self._carry()) for _ in range(connections)]
        for carrier in carriers:
            carrier.add_done_callback(self._ended)
        for ended in await asyncio.gather(*carriers, return_exceptions=True):
            if ended is not None:  # the first one says what is wrong
                raise ended
        if self._unavailable:
            log.error("no mail server took mail", extra={"reply": self._unavailable})
        return self.counts

    def _ended(self, carrier: asyncio.Task[None]) -> None:
        """One that failed ends the round for the others too, each after its message."""
        if carrier.cancelled() or carrier.exception():
            self._broken = True
            self._tell()

    def stir(self) -> None:
        """There may be more to do: have everybody look who waits for news."""
        self._stirred += 1
        self._fruitless = None
        self._tell()

    def _tell(self) -> None:
        self._news.set()
        self._news = asyncio.Event()

    async def _carry(self) -> None:
        while not (self._is_over() or _is_cancelled()):
            news = self._news
            delivery = await self._next()
            if delivery:
                await self._carried(delivery)
            elif self._flying:
                await news.wait()
            else:
                return

    def _is_over(self) -> bool:
        return bool(self._stop.is_set() or self._unavailable or self._broken)

    async def _next(self) -> Delivery | None:
        """The next one that may go out, and it is counted as on its way; None if there is none.

        Whether the mailer takes another it knows only when the one before has been given to it.
        """
        async with self._claiming:
            await self._composed_last.wait()
            await self._turn()
            shut = self._is_over() or self._mailer.closed()
            claimed = () if shut else await self._claimed()
            for delivery in claimed:
                self._flying += 1
                self._composed_last.clear()
                if self._domains:
                    self._domains.begun(delivery.domain)
                return delivery
        return None

    async def _turn(self) -> None:
        """Wait for the next message's second to come, or for the end."""
        waits = [asyncio.ensure_future(each) for each in (self._mailer.turn(), self._stop.wait())]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for each in waits:
                each.cancel()

    async def _claimed(self) -> Sequence[Delivery]:
        """One; none while the ledger is busy, so that what is in flight is not cut off.

        Where nothing was found for other domains than some, nothing is for still fewer, until
        somebody stirs: what this round itself puts off is due minutes later at the earliest.
        """
        avoid = self._domains.avoid() if self._domains else frozenset()
        if self._fruitless is not None and self._fruitless <= avoid:
            return ()
        stirred = self._stirred
        try:
            claimed = await self._ledger.claim(self._clock.now(), 1, avoid)
        except Refused as refused:
            if refused.exit_code != os.EX_TEMPFAIL:
                raise
            log.warning("ledger busy", extra={"why": str(refused)})
            return ()
        if not claimed and stirred == self._stirred:  # else it may have looked too early
            self._fruitless = avoid
        return claimed

    async def _carried(self, delivery: Delivery) -> None:
        try:
            await self._attempt(delivery)
        finally:
            self._flying -= 1
            self._tell()

    async def _attempt(self, delivery: Delivery) -> None:
        """Try once; whatever happens, what came of it is noted, or he would wait for ever."""
        outcome: Outcome = Unavailable("the program failed before the message left")
        try:
            if retry.is_dead(delivery, self._clock.now()):
                outcome = Unavailable("its link was dead before it could be sent")
                return
            envelope = await self._composed(delivery)
            if envelope.unshown:
                what = {"delivery": delivery.id, "papers": envelope.unshown}
                log.error("papers not shown, they break the rendering", extra=what)
            outcome = Doubtful("the program failed while this was being sent")
            outcome = await self._mailer.deliver(envelope)
            self._heed(outcome)
        except RenderError as error:
            outcome = Unavailable(f"not rendered: {error}")
            log.error("delivery not rendered", extra={"delivery": delivery.id, "why": str(error)})  # noqa: TRY400  # the line says it all
        except asyncio.CancelledError:
            outcome = Unavailable("stopped before the message left")
            raise
        finally:
            self._composed_last.set()  # it may not have come to that
            await asyncio.shield(self._note(delivery, outcome))

    async def _composed(self, delivery: Delivery) -> Envelope:
        """In a thread: it is much work, and whoever is on the site waits for the loop."""
        try:
            return await asyncio.to_thread(self._compose, delivery)
        finally:
            self._composed_last.set()

    def _heed(self, outcome: Outcome) -> None:
        """A server that takes no mail at all ends the round; one message does not."""
        if isinstance(outcome, Unavailable) and not outcome.midway:
            self._unavailable = outcome.reply

    async def _note(self, delivery: Delivery, outcome: Outcome) -> None:
        now, jitter = self._clock.now(), self._jitter()
        settlement = retry.settle(delivery, outcome, now, jitter, self._in_doubt)
        try:
            await self._settle(settlement)
        finally:  # or the domain would count it as on its way for ever
            if self._domains:
                await self._domains.ended(delivery.domain, outcome)
        self.counts[settlement.state] += 1
        self.on_settled(self.counts.total())
        log.info(
            "delivery attempted",
            extra={
                "delivery": delivery.id,
                "message_id": delivery.message_id.strip("<>").partition("@")[0],
                "slot": delivery.digest.slot.name,
                "attempt": delivery.attempts,
                "state": settlement.state.value,
                "reply": outcome.reply,
            },
        )

    async def _settle(self, settlement: Settlement) -> None:
        """Note it, also when the ledger is busy for a while: what is not noted is sent again."""
        for _ in range(SETTLE_TRIES - 1):
            try:
                return await self._ledger.settle([settlement])
            except Refused as refused:
                if refused.exit_code != os.EX_TEMPFAIL:
                    raise
                log.warning("ledger busy", extra={"delivery": settlement.delivery})
                await asyncio.sleep(SETTLE_PAUSE)
        return await self._ledger.settle([settlement])


def _is_cancelled() -> bool:
    """Whether this task was told to end while its message was in doubt, and noted that first."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
