"""What a mail server's no is about, and so whose fault it is (RFC 5321, 4.2; RFC 3463).

The enhanced status code decides; servers that give none are judged by the basic code, their words
and where in the conversation they said no. Policy comes first: a bounce that complains of spam is
about us, whatever code it has, and must never cost a reader his subscription.
"""

from __future__ import annotations

import re
from typing import Final

from worker.core.reply import ADDRESS, SCAN_LIMIT
from worker.outcomes import (
    Cause,
)

ENHANCED: Final = re.compile(r"(?<![\w.])([245])\.(\d{1,3})\.(\d{1,3})(?![\w.])")
"""An enhanced status code in a text: class, subject, detail."""

_NONE = (0, 0)
_DEAD: Final = frozenset({(1, 1), (1, 2), (1, 3), (1, 6), (1, 10), (2, 1)})
_FULL: Final = (2, 2)
_LARGE: Final = frozenset({(2, 3), (3, 4)})
_SENDER: Final = frozenset({(1, 7), (1, 8)})  # the address that we send from
_SYSTEM, _NETWORK, _POLICY = 3, 4, 7  # the second number of an enhanced code
_DENIED: Final = (7, 1)
_BUSY: Final = (3, 2)
_CLOSING: Final = 421
_NO_MAIL: Final = 556  # RFC 7504: a domain that takes no mail at all
_BAD_ADDRESS: Final = frozenset({550, 551, 553, 501})
_TOO_MUCH: Final = 552  # RFC 5321: of the mailbox, or of the message
# What says no to an address and not why: "other"; 5.4.1 is how Exchange Online knows nobody.
_UNSAID: Final = frozenset({_NONE, (2, 0), (4, 1), (5, 0)})
_ABOUT_US: Final = re.compile(
    r"spam|black ?-?list|block ?-?list|\bblocked\b|reputation|\bpolicy\b|\bdmarc\b|\bspf\b|\bdkim\b"
    r"|unauthenticated|\bvirus|\bmalware|phish|\bjunk\b|suspicious|unsolicited|\brbl\b|\bcontent\b"
    r"|relay(?:ing)? (?:is )?(?:access )?(?:denied|not (?:permitted|allowed)|prohibited)"
    r"|(?:not|unable to) relay|administrative(?:ly)? prohibit|authentication (?:is )?required"
    r"|sender (?:address )?(?:rejected|verif)|client host rejected|reverse dns|\bptr\b",
    re.IGNORECASE,
)
_LATER: Final = re.compile(
    r"gr[ea]y ?-?list|(?:try|tried) (?:it )?(?:again|later)|retry|come back|first time|please wait",
    re.IGNORECASE,
)
_GREYLISTED: Final = re.compile(r"gr[ea]y ?-?list", re.IGNORECASE)
_RATE: Final = re.compile(
    r"too (?:many|fast|much|frequent)|\brate\b|rate-?limit|throttl|limit (?:is )?exceeded|unusual",
    re.IGNORECASE,
)
_FULL_SAID: Final = re.compile(
    r"(?:mailbox|inbox|account) (?:is |size )?(?:full|exceed)|over ?-?quota"
    r"|(?:mailbox|user|disk|storage)\S* quota|storage alloc",
    re.IGNORECASE,
)
_SIZE_SAID: Final = re.compile(r"\bsize\b|too (?:large|big)", re.IGNORECASE)


def blame(code: int, text: str, *, of_recipient: bool) -> Cause:
    """What this no (4xx or 5xx) is about; ``of_recipient``: it was said to RCPT, or of the address.

    ``text`` is what the server said after the code; its enhanced code, if any, stands first. Each
    message has one recipient, so that a code which says "no such mailbox" is about him also when
    it comes after the message; a no without such a code is then about the message. What an address
    is called ("spam.reports@…") says nothing of why.
    """
    found = ENHANCED.match(text.lstrip())
    text = ADDRESS.sub("", text[:SCAN_LIMIT])
    about = (int(found[2]), int(found[3])) if found else _NONE
    if about == _FULL:
        return Cause.FULL
    if code // 100 == 4:
        return _for_now(code, about, text)
    if about in _LARGE:
        return Cause.SIZE
    if about[0] == _POLICY or about in _SENDER or _ABOUT_US.search(text):
        return Cause.POLICY
    if about in _DEAD or code == _NO_MAIL:
        return Cause.ADDRESS
    if code == _TOO_MUCH and about == _NONE:
        return _too_much(text, of_recipient=of_recipient)
    unsaid = about in _UNSAID or about[0] == 1
    return Cause.UNSAID if of_recipient and unsaid and code in _BAD_ADDRESS else Cause.MESSAGE


def _for_now(code: int, about: tuple[int, int], text: str) -> Cause:
    """A 4.7.x is mostly about how fast we come; greylisting says so in words, if only in "later".

    Those who give no code say "too many" where they mean it.
    """
    if _GREYLISTED.search(text):
        return Cause.LATER
    fast = _RATE.search(text) is not None
    if about == _DENIED:
        return Cause.RATE if fast or not _LATER.search(text) else Cause.LATER
    if about[0] == _POLICY:
        return Cause.RATE
    if about == _NONE and _FULL_SAID.search(text):
        return Cause.FULL
    if fast and about in (_NONE, _BUSY):
        return Cause.RATE
    down = about[0] in (_SYSTEM, _NETWORK) or code == _CLOSING
    return Cause.DOWN if down else Cause.LATER


def _too_much(text: str, *, of_recipient: bool) -> Cause:
    """A 552 without a code: its words say what is full, else the place where it was said."""
    full = "quota" in text.lower() or _FULL_SAID.search(text)
    if full or (of_recipient and not _SIZE_SAID.search(text)):
        return Cause.FULL
    return Cause.SIZE
