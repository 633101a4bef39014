"""``send --test-to``: one digest to one address, by the real mail server; nothing is recorded."""

from __future__ import annotations

import os

from worker import errands, opening
from worker.cli.place import Place
from worker.core.address import normalise
from worker.core.testmail import PREFIX, as_test
from worker.deliveries import Delivery, Envelope
from worker.mailer.settings import SmtpSettings
from worker.mailer.smtp import SmtpMailer
from worker.model import Refused, Subscriber, SubscriberState
from worker.opened import Opened
from worker.outcomes import Accepted, Outcome, Unavailable
from worker.pipeline.rehearse import preview
from worker.ports import Clock

_GONE = (SubscriberState.UNSUBSCRIBED, SubscriberState.REMOVED, SubscriberState.SUPPRESSED)


async def send_test(place: Place, to: str, address: str | None, clock: Clock) -> str:
    """Send it, and give what the server said. Raises Refused if it did not go."""
    settings, to = place.configured(), normalise(to)
    async with opening.beside(settings) as opened:
        whose = await opened.subscribers.find(to)
        await _refuse_gone(opened, to, whose)
        digest = await _digest(opened, address, clock)
        envelope = opened.composer.test(*as_test(digest, to, whose, clock.now()), PREFIX)
    outcome = await _sent(errands.servers(settings), envelope)
    if not isinstance(outcome, Accepted):
        raise Refused(f"{to}: the test was not sent: {outcome.reply}", os.EX_TEMPFAIL)
    return outcome.reply


async def _refuse_gone(opened: Opened, to: str, whose: Subscriber | None) -> None:
    gone = whose is not None and whose.state in _GONE
    if gone or await opened.suppressions.find(to):
        raise Refused(f"{to}: is never to be mailed, not even a test")


async def _digest(opened: Opened, address: str | None, clock: Clock) -> Delivery | None:
    """What is next for that subscriber; None is for a sample."""
    if address is None:
        return None
    who = await opening.found(opened, address)
    sets, name = opened.settings.rule_sets, opened.composer.message_id
    return await preview(who, opened.recent, opened.ledger, name, clock, sets)


async def _sent(servers: tuple[SmtpSettings, ...], envelope: Envelope) -> Outcome:
    """What the first server that is there says of it."""
    outcome: Outcome = Unavailable("no mail server")
    for server in servers:
        async with SmtpMailer(server) as mailer:
            outcome = await mailer.deliver(envelope)
        if not isinstance(outcome, Unavailable) or outcome.midway:
            break
    return outcome
