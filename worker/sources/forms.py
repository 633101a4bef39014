"""Any daily file, whatever its form: recognised by its content, never by its name."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from worker.core.clean import clean_listing
from worker.model import DailyFile, Edition, Rejected, Unreadable
from worker.sources import hf_text
from worker.sources.decode import decode

SIZE_LIMIT: Final = 64 * 1024 * 1024  # bytes
LINES_LIMIT: Final = 2_000_000  # five times the largest day one could dream of; bounds the memory


@dataclass(frozen=True, slots=True)
class Form:
    """One form of daily file. ``parse`` is only given what was recognised."""

    recognise: Callable[[str], bool]
    parse: Callable[[DailyFile, date | None], Edition]


FORMS: Final = (Form(hf_text.recognise, hf_text.parse),)

_PACKED: Final = {b"\x1f\x8b": "gzip", b"PK\x03\x04": "zip", b"%PDF": "PDF"}
_NULS_BORNE: Final = 0.01  # part of the text; a stray one is cleaned away


def read(file: DailyFile, newest: date | None) -> Edition:
    """The edition in the file, every listing cleaned. ``newest`` is the newest day known.

    Raises Unreadable, saying where and why, if the file cannot be taken in.
    """
    text = _text(file.content)
    form = next((form for form in FORMS if form.recognise(text)), None)
    if form is None:
        raise _refused(_unknown(text))
    edition = form.parse(file, newest)
    return replace(edition, listings=tuple(map(clean_listing, edition.listings)))


def _text(content: bytes) -> str:
    """The file as text, if text it is."""
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
    if text.lstrip("\ufeff \t\n")[:15].lower().startswith(("<!doctype html", "<html")):
        raise _refused("this is a web page (HTML): save its text instead")
    return text


def _unknown(text: str) -> str:
    if text.lstrip().startswith(("{", "[")):
        return "JSON is not read yet"
    return "no form that is known: none of the first lines says 'Daily Papers'"


def _refused(why: str) -> Unreadable:
    return Unreadable(Rejected("file", why))
