"""What a mail server's no is about, and so whose fault it is (RFC 5321, 4.2; RFC 3463).

The enhanced status code decides; servers that give none are judged by the basic code and by where
in the conversation they said no. Policy comes first: a bounce that complains of spam is about us,
whatever code it has, and must never cost a reader his subscription.
"""

from __future__ import annotations

import re
from typing import Final

from worker.deliveries import Cause

ENHANCED: Final = re.compile(r"(?<![\w.])([245])\.(\d{1,3})\.(\d{1,3})(?![\w.])")
"""An enhanced status code in a text: class, subject, detail."""

_DEAD: Final = frozenset({(1, 1), (1, 2), (1, 3), (1, 6), (1, 10), (2, 1)})
_FULL: Final = (2, 2)
_LARGE: Final = frozenset({(2, 3), (3, 4)})
_SYSTEM, _NETWORK, _POLICY = 3, 4, 7  # the second number of an enhanced code
_CLOSING: Final = 421
_NO_MAIL: Final = 556  # RFC 7504: a domain that takes no mail at all
_BAD_ADDRESS: Final = frozenset({550, 551, 553, 501})
_ABOUT_US: Final = re.compile(
    r"spam|black ?-?list|block ?-?list|\bblocked\b|reputation|\bpolicy\b|\bdmarc\b|\bspf\b|\bdkim\b"
    r"|unauthenticated|\bvirus|\bmalware|relay(?:ing)? (?:access )?denied|unsolicited|\brbl\b",
    re.IGNORECASE,
)


_TOO_FAST: Final = re.compile(
    r"too (?:many|fast|much)|\brate\b|throttl|4\.7\.(?:28|650)\b|\[TSS?0?\d|unusual(?:ly)? high",
    re.IGNORECASE,
)


def blame(code: int, text: str, *, of_recipient: bool) -> Cause:
    """What this no (4xx or 5xx) is about; ``of_recipient``: it was said to RCPT, or of the address.

    ``text`` is what the server said after the code; its enhanced code, if any, stands first.
    """
    found = ENHANCED.match(text.lstrip())
    about = (int(found[2]), int(found[3])) if found else (0, 0)
    if about == _FULL:
        return Cause.FULL
    if code // 100 == 4:
        return _for_now(code, about[0], text)
    if about in _LARGE:
        return Cause.SIZE
    if about[0] == _POLICY or _ABOUT_US.search(text):
        return Cause.POLICY
    if about in _DEAD or code == _NO_MAIL:
        return Cause.ADDRESS if of_recipient else Cause.MESSAGE
    unsaid = about == (0, 0) or about[0] in (0, 1)
    return Cause.UNSAID if of_recipient and unsaid and code in _BAD_ADDRESS else Cause.MESSAGE


def _for_now(code: int, subject: int, text: str) -> Cause:
    """Greylisting (450, 451, 4.7.1) meets each new recipient: nothing is wrong with the domain."""
    if _TOO_FAST.search(text) or (code == _CLOSING and subject == _POLICY):
        return Cause.RATE
    down = subject in (_SYSTEM, _NETWORK) or code == _CLOSING
    return Cause.DOWN if down else Cause.LATER
