r"""Letters as TeX spells them: one grammar, for readable text, for fingerprints and for words.

``\"o``, ``\"{o}``, ``{\"o}`` and ``\v s`` are accents; ``\ss``, ``\o{}`` and ``{\L}`` are letters
with a name, and TeX swallows the blank behind those: ``M\o ller`` is Møller.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_MARKS: Final = {
    '"': "\u0308", "'": "\u0301", "`": "\u0300", "^": "\u0302", "~": "\u0303", "=": "\u0304",
    ".": "\u0307", "c": "\u0327", "v": "\u030c", "u": "\u0306", "H": "\u030b", "k": "\u0328",
    "r": "\u030a", "b": "\u0331", "d": "\u0323", "t": "\u0361",
}  # fmt: skip
_NAMED: Final = {
    "ss": "ß", "ae": "æ", "oe": "œ", "aa": "å", "dh": "ð", "dj": "đ", "th": "þ", "ng": "ŋ",
    "SS": "ẞ", "AE": "Æ", "OE": "Œ", "AA": "Å", "DH": "Ð", "DJ": "Đ", "TH": "Þ", "NG": "Ŋ",
    "o": "ø", "O": "Ø", "l": "ł", "L": "Ł", "i": "ı", "j": "ȷ",
}  # fmt: skip
_DOTLESS: Final = str.maketrans("ıȷ", "ij")

_LETTER = r"[^\W\d_]"
_NAMES = "|".join(_NAMED)
_ACCENT = r"\\(?:[\"'`^~=.]|[cvuHkrbdt](?![A-Za-z])\s*+)"
_APOSTROPHE = re.compile(r"(?<=[A-Za-z])\\'(?=(?:s|t|d|m|ll|re|ve)(?![A-Za-z]))")
_ENDED = rf"(?>(?:\{{\}}|\ ++(?={_LETTER}|\\))?)"
_NAMED_LETTER = re.compile(rf"\{{\\({_NAMES})(?![A-Za-z])\ *+\}}|\\({_NAMES})(?![A-Za-z]){_ENDED}")
_BEARER = rf"(?:({_LETTER})|\{{({_LETTER}{{1,2}})\}})"
_ACCENTED = re.compile(rf"\{{{_ACCENT}{_BEARER}\}}|{_ACCENT}{_BEARER}")

_UNDER = rf"(?:{_LETTER}|\{{(?:{_LETTER}{{1,2}}|\\[ij])\}}|\\[ij](?![A-Za-z]){_ENDED})"
PIECE: Final = rf"\\(?:{_NAMES})(?![A-Za-z]){_ENDED}|{_ACCENT}{_UNDER}"
"""The regex of one letter that TeX spells, for a larger one: it has no groups."""

PLAIN: Final = str.maketrans(
    {
        "ß": "ss", "æ": "ae", "œ": "oe", "þ": "th", "ŋ": "ng", "ø": "o", "ł": "l", "đ": "d",
        "ẞ": "SS", "Æ": "AE", "Œ": "OE", "Þ": "TH", "Ŋ": "NG", "Ø": "O", "Ł": "L", "Đ": "D",
        "ð": "d", "Ð": "D", "ħ": "h", "Ħ": "H", "ŧ": "t", "Ŧ": "T", "ı": "i", "ȷ": "j",
    }
)  # fmt: skip
"""Letters that Unicode does not take apart, written as the people who lack them write them."""

_CAPITALS: Final = {
    chr(code): unicodedata.name(chr(code)).split()[-1].replace("LAMDA", "LAMBDA").capitalize()
    for code in (*range(0x391, 0x3A2), *range(0x3A3, 0x3AA))
}
GREEK: Final = (
    _CAPITALS
    | {letter.lower(): name.lower() for letter, name in _CAPITALS.items()}
    | {"ς": "sigma"}
)
"""The names of the Greek letters, as TeX and the dumps of it write them: β is beta, Δ is Delta."""


def spelled_out(text: str) -> str:
    r"""The text with the letters that TeX spells in Unicode (NFC); all else stays. Linear time.

    An accent that does not go with its letter, as in ``don\'t`` and ``\"quoted``, is a sign.
    """
    if "\\" not in text:
        return text
    text = _APOSTROPHE.sub("'", text)
    return _ACCENTED.sub(_accented, _NAMED_LETTER.sub(_named, text))


def _named(match: re.Match[str]) -> str:
    return _NAMED[match[1] or match[2]]


def _accented(match: re.Match[str]) -> str:
    written = match[0].lstrip("{")
    accent, bearer = written[1], match[match.lastindex or 0]
    base = bearer.translate(_DOTLESS)
    letter = unicodedata.normalize("NFC", base[0] + _MARKS[accent]) + base[1:]
    if "{" in match[0] or len(letter) == 1:
        return letter
    return match[0] if accent.isalpha() else accent + bearer
