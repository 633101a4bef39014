"""The digest as the bytes that travel: RFC 5322 headers round quoted-printable text and HTML.

Made by hand rather than with ``EmailMessage``: a tenth of the time, no header is ever folded or
encoded but where RFC 2369 and RFC 2047 allow it, and the same arguments give the same bytes.
"""

from __future__ import annotations

import binascii
import hashlib
import re
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime

from worker.core.header import header, is_address, phrase, subject, words
from worker.core.letterhead import Letterhead, unsubscribe_mailto, unsubscribe_url
from worker.deliveries import DeliveryKind

_MESSAGE_ID = re.compile(r"<[A-Za-z0-9.+=_-]+@[A-Za-z0-9.-]+>")
_ANSWERED = re.compile(r"<[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,200}@[A-Za-z0-9.\[\]:_-]{1,200}>")
_SUBMITTED = {  # RFC 3834, 5
    DeliveryKind.DIGEST: "auto-generated",
    DeliveryKind.ANSWER: "auto-replied",
    DeliveryKind.CONFIRM: "auto-generated",
    DeliveryKind.NOTICE: "auto-generated",
}
_TOO_LONG = re.compile(rb"^(.{74,75})(=09|=20)(?=\r)", re.MULTILINE)
"""A line of 77 or 78 octets where RFC 2045, 6.7 allows 76."""

_SURROGATE = re.compile(r"[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Letter:
    """One digest, rendered: what its reader sees. Without ``html`` it is plain text only."""

    subject: str
    text: str
    html: str = ""


def assemble(
    letter: Letter,
    letterhead: Letterhead,
    *,
    to: str,
    message_id: str,
    date: datetime,
    unsubscribe_token: str,
    kind: DeliveryKind = DeliveryKind.DIGEST,
    reply_to: str = "",
    answers: str = "",
) -> bytes:
    """The whole message in 7-bit CRLF lines of at most 998 octets; same arguments, same bytes.

    ``reply_to`` takes the place of the letterhead's. ``answers`` is the Message-ID that it is an
    answer to; what is none is left out.

    Never raises for any text of the letter. Raises ValueError if ``to``, ``message_id``, ``date``
    (which must be aware) or the token could be anything but what they are called.
    """
    if not is_address(to) or not _MESSAGE_ID.fullmatch(message_id) or date.tzinfo is None:
        raise ValueError("a message needs one ASCII address, a Message-ID and an aware date")
    kinds, content = _alternatives(letter, message_id) if letter.html else _alone(letter.text)
    head = (
        header("From", *phrase(letterhead.from_name), f"<{letterhead.from_address}>")
        + header("Reply-To", reply_to or letterhead.reply_to)
        + header("To", to)
        + header("Subject", *words(subject(letter.subject) or letterhead.list_id))
        + header("Date", format_datetime(date))
        + header("Message-ID", message_id)
        + _thread(answers)
        + header("MIME-Version", "1.0")
        + kinds
        + header("Content-Language", letterhead.language)
        + _list_headers(letterhead, unsubscribe_token)
        + header("Auto-Submitted", _SUBMITTED[kind])
        + header("Precedence", "list")
        + header("X-Auto-Response-Suppress", "All")
        + header("Feedback-ID", f"{date:%Y-%m-%d}:{kind.value}:{letterhead.list_id}")
    ).encode("ascii")
    return head + b"\r\n" + content


def _thread(answers: str) -> str:
    """RFC 5322, 3.6.4. Whoever wrote that name is a stranger, so nothing odd is repeated."""
    if not _ANSWERED.fullmatch(answers):
        return ""
    return header("In-Reply-To", answers) + header("References", answers)


def _list_headers(letterhead: Letterhead, token: str) -> str:
    """RFC 2369, 2919 and 8058. The https address comes first: some readers look at one only."""
    lines = header("List-Id", *phrase(letterhead.list_name), f"<{letterhead.list_id}>") + header(
        "List-Unsubscribe",
        f"<{unsubscribe_url(letterhead, token)}>,",
        f"<{unsubscribe_mailto(letterhead, token)}>",
    )
    if letterhead.base_url.startswith("https:"):  # a promise that RFC 8058 makes for https only
        lines += header("List-Unsubscribe-Post", "List-Unsubscribe=One-Click")
    if letterhead.help_url:
        lines += header("List-Help", f"<{letterhead.help_url}>")
    if letterhead.owner:
        lines += header("List-Owner", f"<mailto:{letterhead.owner}>")
    return lines + header("List-Post", "NO")


def _alternatives(letter: Letter, message_id: str) -> tuple[str, bytes]:
    """The header and the content of a message of two parts, of which HTML is the better one."""
    # No quoted-printable text holds "=_": there "=" is followed by a hex digit or a line end.
    boundary = "=_" + hashlib.sha256(message_id.encode()).hexdigest()[:32]
    content = b""
    for subtype, text in (("plain", letter.text), ("html", letter.html)):
        head = f"--{boundary}\r\n{_kind(subtype)}\r\n".encode("ascii")
        content += head + _encoded(text)  # the line end after it is the next delimiter's
    kind = header("Content-Type", "multipart/alternative;", f'boundary="{boundary}"')
    return kind, content + f"--{boundary}--\r\n".encode("ascii")


def _alone(text: str) -> tuple[str, bytes]:
    """The headers and the content of a message that is plain text and nothing else."""
    return _kind("plain"), _encoded(text)


def _kind(subtype: str) -> str:
    coding = header("Content-Transfer-Encoding", "quoted-printable")
    return header("Content-Type", f"text/{subtype};", 'charset="utf-8"') + coding


def _encoded(text: str) -> bytes:
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\n", "\r\n")
    encoded = binascii.b2a_qp(_utf8(lines + "\r\n"))
    # It overlooks a dot after a soft break, and the room that a blank at a line's end takes.
    encoded = _TOO_LONG.sub(rb"\1=\r\n\2", encoded)
    return encoded.replace(b"=\r\n.\r\n", b"=\r\n=2E\r\n")


def _utf8(text: str) -> bytes:
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError:
        return _SURROGATE.sub("\ufffd", text).encode("utf-8")
