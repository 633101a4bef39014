"""The text in a file's bytes, or what the file is instead."""

from __future__ import annotations

import re
from datetime import date
from typing import Final

from worker.model import DailyFile, Rejected, Unreadable
from worker.sources.decode import decode
from worker.sources.form import Text

SIZE_LIMIT: Final = 64 * 1024 * 1024  # bytes
LINES_LIMIT: Final = 2_000_000  # five times the largest day one could dream of; bounds the memory

_PACKED: Final = {b"\x1f\x8b": "gzip", b"PK\x03\x04": "zip", b"%PDF": "PDF"}
_NULS_BORNE: Final = 0.01  # part of the text; a stray one is cleaned away


def text_of(file: DailyFile, newest: date | None) -> Text:
    """The file as text, if text it is. Raises Unreadable."""
    text = _text(file.content).lstrip("\ufeff")
    return Text(text, file.name, file.modified, newest)


def _text(content: bytes) -> str:
    if len(content) > SIZE_LIMIT:
        raise _refused(f"larger than {SIZE_LIMIT // 1024**2} MB")
    packed = next((kind for mark, kind in _PACKED.items() if content.startswith(mark)), None)
    if packed:
        raise _refused(f"this is {packed}, not text: unpack or convert it first")
    text = decode(content)
    if not re.search(r"[^\s\ufeff]", text):
        raise _refused("empty")
    if text.count("\0") > _NULS_BORNE * len(text):
        raise _refused("binary: full of NUL (or UTF-16 without its byte order mark)")
    if text.count("\n") > LINES_LIMIT:
        raise _refused(f"more than {LINES_LIMIT:,} lines")
    return text


def _refused(why: str) -> Unreadable:
    return Unreadable(Rejected("file", why))
