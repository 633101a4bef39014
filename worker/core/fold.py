r"""Folded text: what is left of it when case, accents and the way of typing them do not matter.

``Schr\"odinger``, ``Schr{\"o}dinger``, ``SCHRÖDINGER`` and ``Schrodinger`` are one.
"""

from __future__ import annotations

import re
import unicodedata

_LETTER = r"([^\W\d_]|\\[ij](?![A-Za-z])(?:\{\}| )?)"
_OVER = r"\\(?:[\"'`^~=.]|[cvuHkrbdt](?![A-Za-z]))\s*"
_ACCENT = re.compile(
    rf"\{{{_OVER}(?:\{{{_LETTER}\}}|{_LETTER})\}}|{_OVER}(?:\{{{_LETTER}\}}|{_LETTER})"
)
_NAMED = r"\\(ss|ae|oe|aa|dh|dj|th|[olij])"
_NAMED_LETTER = re.compile(rf"\{{{_NAMED}\s*\}}|{_NAMED}(?![A-Za-z])(?:\{{\}}| )?", re.IGNORECASE)

# Letters that Unicode does not take apart, written as the people who lack them write them.
_PLAIN = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "ħ": "h", "ŧ": "t", "ı": "i", "ȷ": "j"}
    | {"æ": "ae", "œ": "oe", "þ": "th"}
)
# Accents and variation selectors. The marks of Indic, Hebrew, Arabic and kana are part of a word.
_ACCENTS = re.compile(
    "[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe00-\ufe0f\ufe20-\ufe2f]"
)


def fold(text: str) -> str:
    r"""NFKC, casefold, accents stripped; LaTeX's ``\"o \v{s} \ss \o \l \ae`` and the like undone.

    Everything else stays, so a ``$`` or an unknown ``\command`` is the caller's to drop.
    Takes cleaned text, and on that linear time (NFKC is quadratic on long rows of marks).
    """
    plain = _without_latex(unicodedata.normalize("NFKC", text))
    apart = unicodedata.normalize("NFKD", plain.casefold())
    return unicodedata.normalize("NFC", _ACCENTS.sub("", apart)).translate(_PLAIN)


def _without_latex(text: str) -> str:
    if "\\" not in text:
        return text
    return _NAMED_LETTER.sub(_name, _ACCENT.sub(_letter, text))


def _letter(match: re.Match[str]) -> str:
    r"""The letter under the accent; the dotless ``\i`` and ``\j`` are plain letters here."""
    letter: str = match[match.lastindex or 0]
    return letter[1] if letter.startswith("\\") else letter


def _name(match: re.Match[str]) -> str:
    name: str = match[match.lastindex or 0]
    return "a" if name.lower() == "aa" else name[0] if name.lower() in ("dh", "dj") else name
