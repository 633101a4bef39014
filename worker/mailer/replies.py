"""A server's reply becomes an Outcome here (RFC 5321, 4.2), and nothing of a reader stays in it."""

from __future__ import annotations

import re
import ssl

from aiosmtplib import SMTPException, SMTPResponseException

from worker.core.reply import noted
from worker.deliveries import Accepted, Bounced, Deferred, Doubtful, Outcome, Unavailable

CLOSING = "421"  # the service closes this connection; it may come after any command

# RFC 3463: X.7 is policy. Before the message was seen it mostly is about us (relaying denied), so
# that nobody's digest is given up for it; but it may be about this one, so the others go on.
_POLICY = re.compile(r"5\.7\.\d")
_FULL = re.compile(r"5\.2\.2\b")


def refusal(code: int, text: str) -> Deferred | Bounced | Unavailable:
    """A no to RCPT or DATA. What is no answer at all is put down to the server."""
    match code // 100:
        case 4:
            return Deferred(noted(f"{code} {text}"))
        case 5 if _POLICY.match(text):
            return Deferred(noted(f"{code} {text}"))
        case 5:
            return _no(code, text)
        case _:
            return Unavailable(noted(f"a reply out of place: {code} {text}"))


def verdict(code: int, text: str) -> Accepted | Deferred | Bounced | Doubtful:
    """The reply to the final dot. The first digit decides (RFC 5321, 4.2.1)."""
    match code // 100:
        case 2:
            return Accepted(noted(f"{code} {text}"))
        case 4:
            return Deferred(noted(f"{code} {text}"))
        case 5:
            return _no(code, text)
        case _:
            return Doubtful(noted(f"after the final dot: a reply out of place: {code} {text}"))


def _no(code: int, text: str) -> Deferred | Bounced:
    """A definite no, unless the mailbox is only full: that passes (RFC 3463, X.2.2)."""
    full = _FULL.match(text)
    return Deferred(noted(f"{code} {text}")) if full else Bounced(noted(f"{code} {text}"))


def connection_is_over(outcome: Outcome) -> bool:
    """Whether this says more of the connection than of the message."""
    match outcome:
        case Unavailable():
            return True
        case Deferred(reply):
            return reply.startswith(CLOSING)
        case _:
            return False


def fault(step: str, error: SMTPException | OSError) -> str:
    """What went wrong in a step of the conversation, in one line without addresses."""
    return noted(f"{step}: {_words(error)}")


def size_limit(extensions: dict[str, str]) -> int:
    """The most octets the server takes (RFC 1870), 0 if it does not say."""
    limit = extensions.get("size", "")
    return int(limit) if limit.isascii() and limit.isdigit() and len(limit) <= 20 else 0


def _words(error: SMTPException | OSError) -> str:
    match error:
        case SMTPResponseException():
            return f"{error.code} {error.message}"
        case TimeoutError():
            return "timed out"
        case SMTPException():
            return str(error.message)
        case ssl.SSLCertVerificationError():
            return f"the certificate does not hold: {error.verify_message}"
        case _:
            return error.strerror or str(error) or type(error).__name__
