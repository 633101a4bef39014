"""Addresses that are nobody's own: what is mailed there reaches a program, a list or an office.

Nobody can consent for them, and two programs that answer each other never end (B57).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

_ROLES: Final = frozenset({
    "abuse", "bounce", "bounces", "daemon", "do-not-reply", "donotreply", "hostmaster",
    "listmaster", "listserv", "mailer-daemon", "mailerdaemon", "majordomo", "no-reply", "no_reply",
    "nobody", "noreply", "postmaster", "root", "sympa", "uucp", "webmaster",
})  # fmt: skip
_BEGIN: Final = ("owner-", "noreply-", "no-reply-", "bounce-", "bounces-")
_END: Final = (
    "-bounces", "-confirm", "-join", "-leave", "-noreply", "-no-reply", "-owner", "-request",
    "-subscribe", "-unsubscribe",
)  # fmt: skip


def refused(address: str, ours: Iterable[str]) -> bool:
    """Whether nobody may subscribe it; ``ours`` are the addresses that we send and read with.

    A tag makes no other mailbox of it (``abuse+x@``), nor does case.
    """
    local, domain = _parts(address)
    return (
        local in _ROLES
        or local.startswith(_BEGIN)
        or local.endswith(_END)
        or (local, domain) in set(map(_parts, ours))
    )


def _parts(address: str) -> tuple[str, str]:
    local, _, domain = address.casefold().rpartition("@")
    return local.partition("+")[0] or local, domain
