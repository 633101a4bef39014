r"""Text as words, the same for papers and for rules, so that both sides are folded alike.

* A word is a run of letters and digits of any script. Hyphens, dashes, underscores and all other
  punctuation separate: Mixture-of-Experts is three words, CamelCase is one.
* Accents go (NFKD), LaTeX accents and letters too: ``Schr\"odinger``, ``Schr{\"o}dinger``,
  Schrödinger and Schrodinger are one word; ß is ss, ø is o, æ is ae, ﬁ is fi.
* A Greek letter among other letters is its name: β-VAE is beta-VAE, μP is mup.
* A number below or above a letter belongs to it, however it is typed: H₂O, ``H_2O`` and H2O are
  one word, and so are A³, ``A^3`` and A3, ℓ₁ and ``\ell_1``. Other scripts are words: xᵢ, 10⁶.
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

from worker.core.letters import GREEK, PIECE, PLAIN, spelled_out
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


# What belongs to the letter before it (accents, vowel signs) or cannot be seen (soft hyphens).
_MARKS = "".join(
    re.escape(chr(code))
    for code in (0xAD, *range(0x300, 0x3100), *range(0xA66F, 0xAC00), *range(0xFB1E, 0xFF00))
    if unicodedata.category(chr(code)) in {"Mn", "Mc", "Me", "Cf"}
)
# Above or below the line.
_DIGITS = "⁰¹²³⁴-⁹₀-₉"
_LETTERS = "ªºʰ-ʸˡ-ˣᴬ-ᵪⁱⁿₐ-ₜⱼⱽ"
_CHARACTER = rf"[^\W_{_DIGITS}{_LETTERS}]"
# Groups are repeated in (?>…) and not by "*+": Python 3.11.2 (Debian 12) fails at that (gh-106052).
_RUN = rf"{_CHARACTER}(?>(?:{_CHARACTER}|[{_MARKS}])*)(?>(?:(?<![0-9])[{_DIGITS}]++)?)"
_NUMBER = r"(?:[0-9]++|\{[0-9]++\})"
# Below the line after two letters at most: an identifier like block_2 is two words.
_SHORT = r"(?<![/.@\d_]\w)(?<![\w/.@]\w\w)"
_RAISED = rf"(?<=[^\W\d_])(?:\^{_NUMBER}|\$\^{_NUMBER}\$|_\{{[0-9]++\}}|{_SHORT}_[0-9]++(?!_))"
_ELL = rf"(?<![^\W_])\\?ell(?:_{_NUMBER}|[₀-₉]++)"
_PIECE = rf"{_ELL}|{_RUN}|{PIECE}|{_RAISED}"
_WORD = re.compile(
    rf"""
    \\(?:em|emph|it|bf|tt|sc|rm|sf|text[a-z]*+|math[a-z]*+)(?![A-Za-z])
    | (?P<dot>(?<![^\s(/-])\.(?=[^\W\d_]))?
      (?P<word>(?>(?:{_PIECE}|\{{(?>(?:{_PIECE})+)\}})+)|[{_DIGITS}{_LETTERS}]++)
      (?P<plus>\+\+|\#(?![^\W\d_]))?
      (?:['’][sS](?![^\W_]))?
    """,
    re.VERBOSE,
)
_ELL_FIRST = re.compile(r"^\\?ell(?=[_₀-₉])")
_LONE_GREEK = re.compile("(?<![\u0370-\u03ff])[\u0391-\u03a9\u03b1-\u03c9](?![\u0370-\u03ff])")


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
    spelled = spelled_out(_ELL_FIRST.sub("l", raw))
    # Letter by letter: to put a row of marks in order is quadratic, and they all go anyway.
    apart = "".join(unicodedata.normalize("NFKD", letter) for letter in spelled)
    bare = unicodedata.normalize("NFC", "".join(filter(str.isalnum, apart.translate(PLAIN))))
    return bare if bare.isascii() else _LONE_GREEK.sub(lambda letter: GREEK[letter[0]], bare)
