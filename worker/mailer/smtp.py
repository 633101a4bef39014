"""Handing messages to a mail server, over a few connections that are kept."""

from __future__ import annotations

import asyncio
from types import TracebackType
from typing import Self

from worker.deliveries import (
    Envelope,
)
from worker.mailer.session import Session
from worker.mailer.settings import SmtpSettings, tls_context
from worker.outcomes import (
    Outcome,
)


class SmtpMailer:
    """A ``ports.Mailer`` over SMTP; at most ``settings.connections`` at once, others wait.

    Used as ``async with``, within one event loop. Raises Refused if ``ca_file`` cannot be used.
    """

    def __init__(self, settings: SmtpSettings) -> None:
        self._settings = settings
        self._context = tls_context(settings)
        self._free = asyncio.Semaphore(settings.connections)
        self._resting: list[Session] = []
        self._keeping = True

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close the connections; what is still being delivered closes its own."""
        self._keeping = False
        resting, self._resting = self._resting, []
        await asyncio.gather(*(session.quit() for session in resting))

    def closed(self) -> str:
        """Nothing keeps it back."""
        return ""

    async def turn(self) -> None:
        """As many a second as can be."""

    async def deliver(self, envelope: Envelope) -> Outcome:
        """As ``ports.Mailer``. Cancelled in doubt it gives Doubtful, and its task then still has
        the cancellation pending in ``Task.cancelling()``.
        """
        async with self._free:
            resting = self._resting
            session = resting.pop() if resting else Session(self._settings, self._context)
            try:
                return await session.deliver(envelope)
            finally:
                self._put_by(session)

    def _put_by(self, session: Session) -> None:
        if not session.in_order:
            session.drop()
        elif session.worn_out or not self._keeping:
            session.leave()
        else:
            session.rest()
            self._resting.append(session)
