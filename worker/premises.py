"""The data folder: ours to write, and nobody else's.

Whoever may write into it could put another ledger in place of ours; whoever writes there as
somebody else leaves files that the daemon cannot read.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

from worker.model import Refused

MODE = 0o700


def ready(data: Path) -> None:
    """Make the folder, for its owner only, where it is missing.

    Raises Refused, with its mode and owner, if it cannot be made or cannot be trusted.
    """
    try:
        data.mkdir(parents=True, exist_ok=True, mode=MODE)
        status = data.stat()
    except OSError as error:
        line = f"{data}: cannot be made or looked into: {error.strerror}; correct the path"
        raise Refused(f"{line} or its rights", os.EX_CANTCREAT) from None
    if os.statvfs(data).f_flag & os.ST_RDONLY:
        raise Refused(f"{data}: its disk is read-only now; mount it writable", os.EX_TEMPFAIL)
    wrong = _wrong(data, status)
    if wrong:
        mode = stat.S_IMODE(status.st_mode)
        what = f"{data}: mode {mode:04o}, owner {status.st_uid}: {wrong}"
        raise Refused(what, os.EX_NOPERM)


def _wrong(data: Path, status: os.stat_result) -> str:
    """What is wrong with it, and the way out; nothing if all is well."""
    if status.st_mode & stat.S_IWOTH:
        return "anybody on this machine may write there; run chmod o-w on it"
    if status.st_uid not in (os.geteuid(), 0):
        return f"this is user {os.geteuid()}; run as the owner, or chown it"
    if not os.access(data, os.W_OK | os.X_OK, effective_ids=os.access in os.supports_effective_ids):
        return "it cannot be written; make it writable, or run as its owner"
    return ""
