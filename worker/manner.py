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


class Abstracts(StrEnum):
    """How much of each abstract a digest has."""

    FULL = "full"
    OPENING = "opening"  # its first sentences
    NONE = "none"  # titles only


class Order(StrEnum):
    """What comes first in a digest."""

    RULES = "rules"  # a section for each rule, in each the best match first
    UPVOTES = "upvotes"  # one list, the most upvoted first


class Relation(StrEnum):
    """How a later listing has to do with a paper that was listed before."""

    AGAIN = "again"  # listed once more
    REPLACED = "replaced"  # a new version
    CROSS = "cross"  # cross-listed in another category


@dataclass(frozen=True, slots=True)
class Manner:
    """The language of its days, whether it is ``plain`` text only, without an HTML part, how much
    of abstracts it has, its order, and which listings of papers that he had he is told of.
    """

    language: Language = Language.EN
    plain: bool = False
    abstracts: Abstracts = Abstracts.FULL
    order: Order = Order.RULES
    related: frozenset[Relation] = frozenset()


USUAL: Final = Manner()
"""Of whoever does not say."""
