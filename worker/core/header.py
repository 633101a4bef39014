"""Header lines that cannot become anything but the one header they are (RFC 5322, RFC 2047)."""

from __future__ import annotations

import re
from email.header import Header
from email.utils import quote

LINE_AIM = 76  # RFC 2045, 6.7 and RFC 2047, 2
LINE_LIMIT = 998  # RFC 5322, 2.1.1
SUBJECT_LIMIT = 120

_ATEXT = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_ADDRESS = re.compile(rf"{_ATEXT}(?:\.{_ATEXT})*@{_LABEL}(?:\.{_LABEL})*")
_DOMAIN = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")
_VISIBLE = re.compile(r"[!-~](?:[ -~]*[!-~])?")
_PHRASE = re.compile(rf"{_ATEXT}(?: {_ATEXT})*")
_BREAKING = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_ANSWER = re.compile(r"\A(?:re *(?:\[\d+\])? *: *)+", re.IGNORECASE)


def is_address(text: str) -> bool:
    """Whether it is an ASCII ``dot-atom@domain`` that is safe in headers and SMTP commands."""
    local = text.partition("@")[0]
    # RFC 5321, 4.5.3.1; the longest path of 256 includes the angle brackets.
    return len(local) <= 64 and len(text) <= 254 and _ADDRESS.fullmatch(text) is not None


def is_domain(text: str) -> bool:
    """Whether it is a host name in ASCII (RFC 1123, 2.1)."""
    return len(text) <= 253 and _DOMAIN.fullmatch(text) is not None


def header(name: str, *pieces: str) -> str:
    """``Name: piece piece`` and CRLF, folded only between the pieces, each of them kept as it is.

    Raises ValueError for a piece that is empty, longer than a line may be, or anything but
    visible ASCII with spaces inside: nothing can end this header early or begin another one.
    """
    line, lines = f"{name}:", []
    for piece in pieces:
        if _VISIBLE.fullmatch(piece) is None or len(piece) >= LINE_LIMIT - len(name) - 1:
            raise ValueError(f"the header {name} holds what no header line may hold")
        if len(line) + 1 + len(piece) > LINE_AIM and line != f"{name}:":
            lines.append(line)
            line = ""
        line += f" {piece}"
    return "".join(f"{each}\r\n" for each in (*lines, line))


def words(text: str) -> list[str]:
    """Free text as pieces of a header: its words, or a run of RFC 2047 encoded words.

    Raises ValueError if it has characters that break a line, or an encoded word of its own.
    """
    return text.split(" ") if _plain(text).isascii() else _encoded(text)


def phrase(text: str) -> list[str]:
    """A display name as pieces of a header: bare, quoted, or encoded. Raises as ``words``."""
    if not _plain(text).isascii():
        return _encoded(text)
    return [text if _PHRASE.fullmatch(text) else f'"{quote(text)}"'] if text else []


def subject(text: str) -> str:
    """The text made fit for a Subject, whatever it was: one line of at most 120 characters.

    Titles are cleaned where they come in; this is the last gate, and needs no trust in the first.
    """
    text = _BREAKING.sub(" ", _SURROGATE.sub("\ufffd", text))
    # CVE-2024-6923: readers and relays decode an encoded word wherever they meet one.
    text = " ".join(text.split()).replace("=?", "= ?")
    text = _ANSWER.sub("", text)
    if len(text) > SUBJECT_LIMIT:
        text = text[: SUBJECT_LIMIT - 3].rstrip() + "..."
    return text


def _plain(text: str) -> str:
    if _BREAKING.search(text) or _SURROGATE.search(text) or "=?" in text:
        raise ValueError("a header text has control characters or an encoded word of its own")
    return text


def _encoded(text: str) -> list[str]:
    return Header(text, "utf-8", maxlinelen=LINE_AIM - 1, header_name="Reply-To").encode().split()
