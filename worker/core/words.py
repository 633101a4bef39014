r"""Text as words, the same for papers and for rules, so that both sides are folded alike.

* A word is a run of letters and digits of any script. Hyphens, dashes, underscores and all other
  punctuation separate: Mixture-of-Experts is three words, CamelCase is one.
* Accents go (NFKD), LaTeX accents and letters too: ``Schr\"odinger``, ``Schr{\"o}dinger``,
  Schrödinger and Schrodinger are one word; ß is ss, ø is o, æ is ae, ﬁ is fi.
* A possessive 's is dropped.
* ``++`` or ``#`` right behind a word, and a dot right before one, are words of their own, so that
  C++, C# and .NET can be found literally, and PointNet finds PointNet++.
* LaTeX commands that only dress (``\em``, ``\textbf``) are no words; others (``\alpha``) are.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from worker.core.plural import acronym, singular


@dataclass(frozen=True, slots=True)
class Word:
    """One word, in three ways to compare it, and its span in the text as it was given.

    ``folded`` has no case and no accents, ``cased`` no accents, ``singular`` no plural either.
    """

    folded: str
    cased: str
    singular: str
    start: int
    end: int


_LETTERS = str.maketrans(
    {"ß": "ss", "ẞ": "SS", "æ": "ae", "Æ": "AE", "œ": "oe", "Œ": "OE", "ø": "o", "Ø": "O"}
    | {"ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "ð": "d", "Ð": "D", "ħ": "h", "Ħ": "H"}
    | {"þ": "th", "Þ": "TH", "ŋ": "ng", "Ŋ": "NG", "ı": "i", "ȷ": "j"}
)

# What belongs to the letter before it (accents, vowel signs) or cannot be seen (soft hyphens).
_MARKS = "".join(
    re.escape(chr(code))
    for code in (0xAD, *range(0x300, 0x3100), *range(0xA66F, 0xAC00), *range(0xFB1E, 0xFF00))
    if unicodedata.category(chr(code)) in {"Mn", "Mc", "Me", "Cf"}
)
_RUN = rf"[^\W_](?:[^\W_]|[{_MARKS}])*+"
# TeX swallows the blank behind a control word: M\o ller is Møller.
_CONTROL = (
    r"\\(?:aa|AA|ae|AE|oe|OE|ss|SS|dh|DH|dj|DJ|ng|NG|th|TH|[oOlLij])(?![A-Za-z])"
    r"(?:\{\}|\ ++(?=[^\W\d_]))?+"
)
_ACCENT = r"\\(?:[\"'`^~=.]|[uvHtckdbr](?=[\ {\\])\ *+)"
_BEARER = r"(?:[^\W\d_]|\{(?:[^\W\d_]{1,2}|\\[ij])\}|\\[ij](?![A-Za-z])(?:\{\}|\ ++(?=[^\W\d_]))?+)"
_PIECE = rf"{_RUN}|{_CONTROL}|{_ACCENT}{_BEARER}"
_WORD = re.compile(
    rf"""
    \\(?:em|emph|it|bf|tt|sc|rm|sf|text[a-z]*+|math[a-z]*+)(?![A-Za-z])
    | (?P<dot>(?<![^\s(/-])\.(?=[^\W\d_]))?
      (?P<word>(?:{_PIECE}|\{{(?:{_PIECE})++\}})++)
      (?P<plus>\+\+|\#(?![^\W\d_]))?
      (?:['’][sS](?![^\W_]))?
    """,
    re.VERBOSE,
)
_TEX_CONTROL = re.compile(_CONTROL)
_TEX_REST = re.compile(rf"{_ACCENT}|[{{}}]")


def words(text: str) -> tuple[Word, ...]:
    """The words of the text, in order. Linear in its length; takes any str."""
    return tuple(word for found in _WORD.finditer(text) for word in _of(found))


def _of(found: re.Match[str]) -> Iterator[Word]:
    if not found["word"]:
        return
    folded, cased, one = _fold(found["word"])
    if not folded:
        return
    if found["dot"]:
        yield Word(".", ".", ".", *found.span("dot"))
    yield Word(folded, cased, one, *found.span("word"))
    if found["plus"]:
        yield Word(found["plus"], found["plus"], found["plus"], *found.span("plus"))


@lru_cache(maxsize=1 << 16)
def _fold(raw: str) -> tuple[str, str, str]:
    """The word as written, as (folded, cased, singular); empty if no letter or digit is left."""
    cased = raw if raw.isascii() and raw.isalnum() else _plain(raw)
    folded = cased.casefold()
    short = acronym(cased)
    return folded, cased, singular(folded) if short == cased else short.casefold()


def _plain(raw: str) -> str:
    untexed = _TEX_REST.sub("", _TEX_CONTROL.sub(_tex_letters, raw))
    # Letter by letter: to put a row of marks in order is quadratic, and they all go anyway.
    apart = "".join(unicodedata.normalize("NFKD", letter) for letter in untexed)
    return unicodedata.normalize("NFC", "".join(filter(str.isalnum, apart.translate(_LETTERS))))


def _tex_letters(control: re.Match[str]) -> str:
    letters = control[0].strip("\\{} ")
    return letters[0] if letters.lower() in {"aa", "dj", "dh"} else letters
