"""Names and links nobody can guess: HMAC tokens for URLs and envelopes, and the Message-ID.

A token is 25 octets in base64url (RFC 4648, 5), 34 characters: key id, number, half an
HMAC-SHA-256. It is short because a List-Unsubscribe URL should stay within 70 characters.
A ``Pass`` is a token of 30 octets, 40 characters, that ends: with its time, and with its epoch.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime

UNSUBSCRIBE = "u"
BOUNCE = "b"
REPLY = "r"
PREFERENCES = "p"
CONFIRM = "c"
DIGEST = "d"
FEED = "f"
FORM = "s"
OPERATOR = "o"

TOKEN_LENGTH = 34
PASS_LENGTH = 40
FOR_EVER = datetime(2106, 2, 7, tzinfo=UTC)
"""Near the last instant that four octets of seconds reach."""

_TAG_OCTETS = 16  # HMAC truncated to 128 bit (RFC 2104, 5: no less than half the hash)


def token(key: bytes, key_id: int, purpose: str, number: int) -> str:
    """The 34 characters that stand for ``number``, for this one purpose.

    Raises ValueError unless ``key_id`` fits into one octet and ``number`` into eight.
    """
    if not (0 <= key_id < 1 << 8 and 0 <= number < 1 << 64):
        raise ValueError("a token holds a key id of one octet and a number of eight")
    octets = number.to_bytes(8)
    tag = _mac(key, f"token {purpose}", octets)
    return base64.urlsafe_b64encode(bytes([key_id]) + octets + tag).decode().rstrip("=")


def read_token(keys: Mapping[int, bytes], purpose: str, text: str) -> int | None:
    """The number, if this very text was made for this purpose with one of the keys, else None."""
    if len(text) != TOKEN_LENGTH or not text.isascii():
        return None
    try:
        octets = base64.urlsafe_b64decode(text + "==")
    except ValueError:
        return None
    key = keys.get(octets[0]) if octets else None
    if key is None:
        return None
    number = int.from_bytes(octets[1:9])
    # The whole text is compared, so that no second spelling of a token is valid.
    genuine = hmac.compare_digest(token(key, octets[0], purpose, number), text)
    return number if genuine else None


@dataclass(frozen=True, slots=True)
class Pass:
    """What a token that ends stands for: ``number``, until ``expires``, within one ``epoch``.

    Only the octet of an epoch travels (``epoch % 256``): compare that.
    """

    number: int
    expires: datetime
    epoch: int = 0


def made_pass(key: bytes, key_id: int, purpose: str, what: Pass) -> str:
    """The 40 characters that stand for it, for this one purpose; whole seconds count.

    Raises ValueError for a number, a key id or an instant that has no room in it.
    """
    octets = _packed(what)
    if not 0 <= key_id < 1 << 8:
        raise ValueError("a pass holds a key id of one octet")
    tag = _mac(key, f"pass {purpose}", octets)
    return base64.urlsafe_b64encode(bytes([key_id]) + octets + tag).decode()


def read_pass(keys: Mapping[int, bytes], purpose: str, text: str, now: datetime) -> Pass | None:
    """What it stands for, if it was made for this purpose with one of the keys and still holds."""
    if len(text) != PASS_LENGTH or not text.isascii():
        return None
    try:
        octets = base64.urlsafe_b64decode(text)
    except ValueError:
        return None
    key = keys.get(octets[0]) if octets else None
    if key is None or len(octets) != 1 + _PASSED + _TAG_OCTETS:
        return None
    what = _unpacked(octets[1 : 1 + _PASSED])
    genuine = hmac.compare_digest(made_pass(key, octets[0], purpose, what), text)
    return what if genuine and now < what.expires else None


_PASSED = 13  # number, epoch, expiry


def _packed(what: Pass) -> bytes:
    seconds = int(what.expires.timestamp())
    try:
        return what.number.to_bytes(8) + bytes([what.epoch % 256]) + seconds.to_bytes(4)
    except OverflowError:
        line = "a pass holds a number of eight octets and an instant from 1970 to 2106"
        raise ValueError(line) from None


def _unpacked(octets: bytes) -> Pass:
    expires = datetime.fromtimestamp(int.from_bytes(octets[9:]), UTC)
    return Pass(int.from_bytes(octets[:8]), expires, octets[8])


def message_id(key: bytes, subscriber_uid: int, slot_name: str, day: date, domain: str) -> str:
    """``<digest.2025-09-08.RANDOM@domain>``: the same for every try, telling nothing of whom.

    Up to 76 characters for domains of up to 29.
    """
    tag = _mac(key, "message-id", f"{subscriber_uid} {slot_name}".encode())
    random = base64.b32encode(tag).decode().rstrip("=").lower()
    return f"<digest.{day.isoformat()}.{random}@{domain}>"


def _mac(key: bytes, use: str, octets: bytes) -> bytes:
    """The use goes in first and ends with NUL, so no two uses ever share a MAC."""
    return hmac.digest(key, use.encode() + b"\0" + octets, hashlib.sha256)[:_TAG_OCTETS]
