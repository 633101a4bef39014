r"""Folded text: what is left of it when case, accents and the way of typing them do not matter.

``Schr\"odinger``, ``Schr{\"o}dinger``, ``SCHRÖDINGER`` and ``Schrodinger`` are one.
"""

from __future__ import annotations

import re
import unicodedata

from worker.core.letters import PLAIN, spelled_out

# Accents and variation selectors. The marks of Indic, Hebrew, Arabic and kana are part of a word.
_ACCENTS = re.compile(
    "[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe00-\ufe0f\ufe20-\ufe2f]"
)


def fold(text: str) -> str:
    r"""NFKC, casefold, accents stripped; LaTeX's ``\"o \v{s} \ss \o \l \ae`` and the like undone.

    Everything else stays, so a ``$`` or an unknown ``\command`` is the caller's to drop.
    Takes cleaned text, and on that linear time (NFKC is quadratic on long rows of marks).
    """
    plain = spelled_out(unicodedata.normalize("NFKC", text))
    apart = unicodedata.normalize("NFKD", plain.casefold())
    return unicodedata.normalize("NFC", _ACCENTS.sub("", apart)).translate(PLAIN)
