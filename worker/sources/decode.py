"""The text in a file's bytes, and what of them could not be read."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from typing import Final

# The marks of UTF-32 begin with those of UTF-16, so they come first.
_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SAID: Final = 1024  # bytes that may say the encoding (HTML, 13.2.3.2)
_XML = re.compile(rb"\s*+<\?xml[^>]*?\sencoding\s*+=\s*+[\"']([A-Za-z0-9._-]{1,40})[\"']")
_META = re.compile(rb"<meta\s[^>]*?charset\s*+=\s*+[\"']?([A-Za-z0-9._-]{1,40})", re.IGNORECASE)
_NAME = re.compile(r"[A-Za-z0-9._-]{1,40}")
_KNOWN = re.compile(
    r"ascii|iso8859-.*|cp125[0-8]|cp874|koi8-[ru]|mac-.*|big5.*|gb2312|gbk|gb18030|hz"
    r"|shift_jis.*|cp932|cp949|euc_.*|iso2022_.*|utf-16.*|utf-32.*"
)
"""Python's names of what a text may be in: no codec that unpacks, runs or translates anything."""
_LATIN: Final = "cp1252"
_AS_LATIN: Final = frozenset({"ascii", "iso8859-1"})  # who says these means that (WHATWG)
_SHIFTED: Final = ("iso2022", "hz")  # other letters in bytes that are all ASCII

_SAMPLE: Final = 4096  # bytes that show whether every second one is NUL
_LEAST: Final = 16
_BAD: Final = "\ufffd"
_BEYOND_ASCII: Final = bytes(range(0x80, 0x100))


@dataclass(frozen=True, slots=True)
class Decoded:
    r"""A text whose lines end in ``\n``, and sentences about the bytes that it comes from."""

    text: str
    notes: tuple[str, ...] = ()


def decoded(content: bytes, said: str = "") -> Decoded:
    """The text in the bytes; ``said`` is the encoding that a mail names for it.

    It is what the byte order mark says. Else it is UTF-8 if it can be, whatever it says, since
    nothing else looks like that by chance; else what a declaration in it says, or Windows-1252 if
    that reads plainly better. A note tells if the encoding was guessed or if bytes show as U+FFFD.
    """
    text, notes = _read(content, said)
    return Decoded(text.replace("\r\n", "\n").replace("\r", "\n"), notes)


def _read(content: bytes, said: str) -> tuple[str, tuple[str, ...]]:
    marked = next((name for mark, name in _MARKS if content.startswith(mark)), None) or _wide(
        content
    )
    if marked:
        return _replaced(content, marked)
    name = _codec(said) or _declared(content)
    text = _strict(content, "utf-8")
    if text is not None and not (name.startswith(_SHIFTED) and content.isascii()):
        return text, ()
    text = _strict(content, name) if name else None
    return (text, ()) if text is not None else _guessed(content)


def _wide(content: bytes) -> str:
    """UTF-16 without its mark, told by the NUL that every second byte of plain text is."""
    sample = content[:_SAMPLE]
    half = len(sample) // 2
    even, odd = (sample[start::2].count(0) for start in (0, 1))
    if len(sample) < _LEAST or not min(even, odd) <= half // 100 < half // 2 < max(even, odd):
        return ""
    return "utf-16-le" if odd > even else "utf-16-be"


def _declared(content: bytes) -> str:
    """What an XML declaration or an HTML page says."""
    found = _XML.match(content, 0, _SAID) or _META.search(content, 0, _SAID)
    return _codec(found[1].decode("ascii")) if found else ""


def _codec(name: str) -> str:
    """Python's name for an encoding that we trust; empty for any other."""
    try:
        known = codecs.lookup(name).name if _NAME.fullmatch(name) else ""
    except LookupError:
        return ""
    if not _KNOWN.fullmatch(known):
        return ""
    return _LATIN if known in _AS_LATIN else known


def _strict(content: bytes, encoding: str) -> str | None:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError:
        return None


def _guessed(content: bytes) -> tuple[str, tuple[str, ...]]:
    """Windows-1252 if few of the bytes beyond ASCII are good UTF-8, as in an old BibTeX file."""
    text, notes = _replaced(content, "utf-8")
    bad = text.count(_BAD)
    good = len(text) - bad - len(content.translate(None, delete=_BEYOND_ASCII))
    latin = _strict(content, _LATIN) if bad > 4 * good else None
    if latin is None:
        return text, notes
    return latin, ("The file is no UTF-8; it was read as Windows-1252 (Western European).",)


def _replaced(content: bytes, encoding: str) -> tuple[str, tuple[str, ...]]:
    text = content.decode(encoding, errors="replace")
    bad = text.count(_BAD) - _honest(content, encoding)
    if bad <= 0:
        return text, ()
    name = "UTF-16" if "16" in encoding else "UTF-32" if "32" in encoding else "UTF-8"
    places = "1 place is" if bad == 1 else f"{bad:,} places are"
    return text, (f"{places} no {name} and {'shows' if bad == 1 else 'show'} as {_BAD}.",)


def _honest(content: bytes, encoding: str) -> int:
    """How often the file itself holds U+FFFD: somebody lost those bytes before."""
    return content.count(_BAD.encode("utf-8")) if encoding.startswith("utf-8") else 0
