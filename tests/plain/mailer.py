"""The plain mailer: remembers what it was given, and answers by script."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from worker.deliveries import (
    Envelope,
)
from worker.outcomes import (
    Accepted,
    Doubtful,
    Outcome,
)


class PlainMailer:
    """A ``ports.Mailer`` in memory.

    The answer to an envelope is the one kept for its recipient in ``answers``, else the next of
    ``script``, else Accepted. ``envelopes`` are all attempts, ``arrived`` those in the mailbox:
    the accepted ones and, as the worst case, the doubtful ones too.
    """

    def __init__(
        self, script: Iterable[Outcome] = (), answers: Mapping[str, Outcome] | None = None
    ) -> None:
        self.script = list(script)
        self.answers = dict(answers or {})
        self.envelopes: list[Envelope] = []
        self.arrived: list[Envelope] = []

    def closed(self) -> str:
        """Nothing keeps it back."""
        return ""

    async def turn(self) -> None:
        """As many a second as can be."""

    async def deliver(self, envelope: Envelope) -> Outcome:
        self.envelopes.append(envelope)
        outcome = self._answer(envelope)
        if isinstance(outcome, Accepted | Doubtful):
            self.arrived.append(envelope)
        return outcome

    def _answer(self, envelope: Envelope) -> Outcome:
        if envelope.rcpt_to in self.answers:
            return self.answers[envelope.rcpt_to]
        return self.script.pop(0) if self.script else Accepted("250 2.0.0 Ok")
