"""Whom a sentence is said to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Voice:
    """How somebody is spoken of, or to."""

    he: str
    his: str
    of_his: str
    him: str
    he_is: str
    he_has: str


OF_HIM: Final = Voice("he", "his", "his", "him", "he is", "he has")
TO_HIM: Final = Voice("you", "your", "yours", "you", "you are", "you have")
