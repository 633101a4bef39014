"""How somebody's mail is written; the lowest word of all, importing nothing of ours."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Language(StrEnum):
    """The languages that days can be written in (BCP 47)."""

    EN = "en"
    CS = "cs"
    DA = "da"
    DE = "de"
    EL = "el"
    ES = "es"
    FI = "fi"
    FR = "fr"
    IT = "it"
    JA = "ja"
    KO = "ko"
    NB = "nb"
    NL = "nl"
    PL = "pl"
    PT = "pt"
    SV = "sv"
    TR = "tr"
    UK = "uk"
    ZH = "zh"


@dataclass(frozen=True, slots=True)
class Manner:
    """The language of its days, and whether it is ``plain`` text only, without an HTML part."""

    language: Language = Language.EN
    plain: bool = False


USUAL: Final = Manner()
"""Of whoever does not say."""
