"""A server's reply becomes an Outcome here (RFC 5321, 4.2), and nothing of a reader stays in it."""

from __future__ import annotations

import re
import ssl

from aiosmtplib import SMTPException, SMTPResponseException

from worker.core.blame import blame
from worker.core.reply import noted
from worker.outcomes import (
    Accepted,
    Bounced,
    Cause,
    Deferred,
    Doubtful,
    Outcome,
    Unavailable,
)

MIDWAY = ("RCPT", "DATA", "body")
"""The steps that are about one message: what goes wrong there may be about this one only."""

_HOW_WE_COME = ("connect", "EHLO", "STARTTLS", "AUTH", "MAIL")
CLOSING = "421"  # the service closes this connection; it may come after any command

# RFC 7372, and Microsoft's 5.7.515: the message is not authenticated. That is mended at our side,
# and then the same message is welcome.
_UNAUTHENTICATED = re.compile(r"5\.7\.(?:2\d|3[01]|515)\b")
_SILENT = re.compile(r"\w+: timed out")  # as ``fault`` says it; servers' own words have a code


class Insecure(SMTPException):
    """The server offers nothing that is safe; we go no further."""


class OutOfStep(SMTPException):
    """The server says more than it was asked; what is an answer to what, nobody can tell."""


def refusal(code: int, text: str, *, of_recipient: bool) -> Deferred | Bounced | Unavailable:
    """A no to RCPT or DATA. What is no answer at all is put down to the server.

    Policy before the message was seen is about us (relaying denied, a block list), so that nobody's
    digest is given up for it.
    """
    if code // 100 not in (4, 5):
        return Unavailable(noted(f"a reply out of place: {code} {text}"), midway=True)
    return _no(code, text, blame(code, text, of_recipient=of_recipient), of_message=False)


def of_sender(code: int, text: str) -> Deferred | Bounced | Unavailable:
    """A no to a message that comes without a sender: it says nothing of how the others come."""
    match code // 100:
        case 4:
            return Deferred(noted(f"MAIL: {code} {text}"))
        case 5:
            return Bounced(noted(f"MAIL: {code} {text}"))
        case _:
            return Unavailable(noted(f"MAIL: a reply out of place: {code} {text}"))


def verdict(code: int, text: str) -> Accepted | Deferred | Bounced | Doubtful:
    """The reply to the final dot. The first digit decides (RFC 5321, 4.2.1)."""
    match code // 100:
        case 2:
            return Accepted(noted(f"{code} {text}"))
        case 4 | 5:
            return _no(code, text, blame(code, text, of_recipient=False), of_message=True)
        case _:
            return Doubtful(noted(f"after the final dot: a reply out of place: {code} {text}"))


def _no(code: int, text: str, cause: Cause, *, of_message: bool) -> Deferred | Bounced:
    """A no, for now or for good: a full mailbox passes, and so does what is wrong at our side."""
    reply = noted(f"{code} {text}")
    ours = cause is Cause.POLICY and (not of_message or _UNAUTHENTICATED.match(text.lstrip()))
    if code // 100 == 4 or cause is Cause.FULL or ours:
        return Deferred(reply, cause)
    return Bounced(reply, cause)


def is_ours(step: str, error: SMTPException | OSError) -> bool:
    """Whether a step failed for how we come, for good: only the operator can change that."""
    if step not in _HOW_WE_COME:
        return False
    if isinstance(error, SMTPResponseException):
        return error.code // 100 == 5
    if step == "AUTH" and type(error) is SMTPException:
        return True  # so aiosmtplib says that no login is offered, or none that we know
    return isinstance(error, Insecure) or _bad_certificate(error) is not None


def connection_is_over(outcome: Outcome) -> bool:
    """Whether this says more of the connection than of the message."""
    match outcome:
        case Unavailable(reply):  # who kept silent would only take as long again
            return _SILENT.fullmatch(reply) is None
        case Deferred(_, Cause.RATE):  # to knock again at once is what it complains of
            return False
        case Deferred(reply):
            return reply.removeprefix("MAIL: ").startswith(CLOSING)
        case _:
            return False


def fault(step: str, error: SMTPException | OSError) -> str:
    """What went wrong in a step of the conversation, in one line without addresses."""
    return noted(f"{step}: {_words(error)}")


def size_limit(extensions: dict[str, str]) -> int:
    """The most octets the server takes (RFC 1870), 0 if it does not say."""
    limit = extensions.get("size", "")
    return int(limit) if limit.isascii() and limit.isdigit() and len(limit) <= 20 else 0


def _bad_certificate(error: SMTPException | OSError) -> ssl.SSLCertVerificationError | None:
    """Where TLS begins with the first byte, aiosmtplib wraps it."""
    for each in (error, error.__cause__):
        if isinstance(each, ssl.SSLCertVerificationError):
            return each
    return None


def _words(error: SMTPException | OSError) -> str:
    if (bad := _bad_certificate(error)) is not None:
        return f"the certificate does not hold: {bad.verify_message}"
    match error:
        case SMTPResponseException():
            return f"{error.code} {error.message}"
        case TimeoutError():
            return "timed out"
        case SMTPException():
            return str(error.message)
        case _:
            return error.strerror or str(error) or type(error).__name__
