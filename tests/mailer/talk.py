"""What the SMTP tests say to mailers and servers again and again."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tests.rawsmtp import HOST, Line
from worker.deliveries import (
    Envelope,
)
from worker.mailer.settings import SmtpSettings, Timeouts
from worker.mailer.smtp import SmtpMailer
from worker.outcomes import (
    Outcome,
)

CONTENT = b"Subject: x\r\n\r\nHello\r\n"
ENVELOPE = Envelope("b+t@bounce.example.org", "ann@example.net", CONTENT)
BOB = replace(ENVELOPE, rcpt_to="bob@example.net")
OK = "250 2.0.0 Ok"
GREETING, EHLO, GO_AHEAD = "220 raw.test", "250 raw.test", "354 go ahead"
# Long enough for anything that does happen on this machine; few servers here answer a QUIT.
PATIENT = Timeouts(connect=20, command=20, data=20, body=20, dot=20, quit=0.05)


def clear(port: int, **changed: Any) -> SmtpSettings:
    """Settings for a server on this machine without TLS."""
    settings = SmtpSettings(HOST, port, tls="none", timeouts=PATIENT, local_hostname="test")
    return replace(settings, **changed)


async def outcome_at(port: int, envelope: Envelope = ENVELOPE, **changed: Any) -> Outcome:
    """Deliver one message over a new mailer."""
    async with SmtpMailer(clear(port, **changed)) as mailer:
        return await mailer.deliver(envelope)


async def agree(line: Line) -> None:
    """The server's part up to its 354."""
    await line.say(GREETING)
    await line.answer(EHLO, OK, OK, GO_AHEAD)


async def take(line: Line, reply: str | bytes = OK) -> None:
    """The server's part from the body to the reply to the dot."""
    await line.hear(b"\r\n.\r\n")
    await line.say(reply)
