"""What PostgreSQL and the way to it may answer, as one line each; never its own words.

Those may quote a row, and so an address. The codes: PostgreSQL's documentation, Appendix A.
"""

from __future__ import annotations

import os
import ssl
from typing import Final

from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolExhausted

from worker.model import Refused

UNIQUE: Final = "23505"

LOST = "was lost while it was asked; try again"

_FAILURES = {
    "08": (os.EX_TEMPFAIL, LOST),
    "25006": (os.EX_TEMPFAIL, "takes no writes now, as a standby does not; try again later"),
    "25P03": (os.EX_TEMPFAIL, LOST),
    "25P04": (os.EX_TEMPFAIL, LOST),
    "28": (os.EX_NOPERM, "refuses the login; check user and password"),
    "3D000": (os.EX_CONFIG, "is no database that this server has; create it, in UTF8"),
    "40": (os.EX_TEMPFAIL, "was busy with others all the time; try again"),
    "42703": (os.EX_DATAERR, "lacks a column of the ledger; restore a backup"),
    "42P01": (os.EX_DATAERR, "lacks a table of the ledger; restore a backup"),
    "42501": (os.EX_NOPERM, "may not be used so; grant the user its schema and tables"),
    "53": (os.EX_TEMPFAIL, "has no room or connection left; make some, or try again later"),
    "55P03": (os.EX_TEMPFAIL, "stayed locked by another process; try again later"),
    "57": (os.EX_TEMPFAIL, "is starting up or shutting down; try again"),
    "57014": (os.EX_TEMPFAIL, "took too long; try again later"),
    "58": (os.EX_IOERR, "cannot read or write its files; check its disk"),
    "XX001": (os.EX_DATAERR, "is damaged; stop, and restore a backup"),
    "XX002": (os.EX_DATAERR, "is damaged; stop, and restore a backup"),
}


class Unexpected(Exception):
    """A failure that is our own fault: what the server calls it, without the server's words."""


def sqlstate(error: BaseException) -> str:
    """The server's code for it; empty if it came from elsewhere."""
    code = getattr(getattr(error, "orig", None), "sqlstate", None)
    return str(code or "")


def undone(error: BaseException) -> bool:
    """Whether the server took the transaction back, as it was in the way of another one."""
    return sqlstate(error).startswith("40")


def passes(error: BaseException) -> bool:
    """Whether it is of the kind that passes by itself."""
    refused = refusal(error, "")
    return isinstance(refused, Refused) and refused.exit_code == os.EX_TEMPFAIL


def refusal(error: BaseException, place: str) -> Exception:
    """What to raise in its place: Refused, or what says no more than the code."""
    if isinstance(error, PoolExhausted | OSError):
        exit_code, why = _on_the_way(error)
        return Refused(f"{place}: the ledger's database {why}", exit_code)
    code = sqlstate(error)
    if code == UNIQUE:
        return IntegrityError("(not shown)", None, Unexpected(code))
    if known := _FAILURES.get(code) or _FAILURES.get(code[:2]):
        exit_code, why = known
        return Refused(f"{place}: the ledger's database {why} (SQLSTATE {code})", exit_code)
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return Refused(f"{place}: the ledger's database {LOST}", os.EX_TEMPFAIL)
    return Unexpected(f"{type(error).__name__}, SQLSTATE {code or 'unknown'}")


def _on_the_way(error: PoolExhausted | OSError) -> tuple[int, str]:
    if isinstance(error, ssl.SSLCertVerificationError):
        return os.EX_CONFIG, f"has no certificate that counts here ({error.verify_message})"
    if isinstance(error, ssl.SSLError):
        return os.EX_TEMPFAIL, "cannot be spoken to under TLS; try again"
    if type(error) is ConnectionError and "SSL" in str(error):  # asyncpg's own
        return os.EX_CONFIG, "speaks no TLS, and is not on this machine; switch it on there"
    if isinstance(error, PoolExhausted | TimeoutError):
        return os.EX_TEMPFAIL, "does not answer; try again later"
    return os.EX_TEMPFAIL, "cannot be reached; see whether it runs, and try again"
