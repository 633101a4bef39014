r"""The authors of a paper as arXiv writes them: ``A. M\"uller (1), B. Li ((1) ETH, (2) MIT)``."""

from __future__ import annotations

import re
from typing import Final

_BRACKETS = re.compile(r"\(([^()]*+)\)")
_NESTED: Final = 4  # brackets in brackets
_BETWEEN = re.compile(
    r"(\\.|\{(?>(?:[^{}]++|\{[^{}]*+\})*)\})"  # kept: an accent, or braces and braces in them
    r"|[,;:]|\s(?:and|&)(?=\s)"
)
_OTHERS = re.compile(r"\bet\.? al\b\.?")
_SUFFIX = re.compile(r"(?:jr|sr|i{2,3}|iv|ph\. ?d|m\. ?d)\.?", re.IGNORECASE)
_ON_BEHALF = re.compile(r"(?:(?:for|on behalf of) )?(?:the )?", re.IGNORECASE)


def authors_in(text: str) -> tuple[str, ...]:
    r"""The names, in their order; what is in brackets is an affiliation and left out.

    But a collaboration in brackets is an author. A comma in braces (``{\v{S}, }``) parts nothing,
    and ``Jr.`` is part of the name before it. Braces or brackets that do not match are letters.
    """
    bare = " ".join(text.split())
    for _ in range(_NESTED):
        bare = _BRACKETS.sub(_kept, bare)
    parted = _BETWEEN.sub(lambda mark: mark[1] or "\n", _OTHERS.sub("", bare))
    names: list[str] = []
    for name in filter(None, (" ".join(piece.split()) for piece in parted.split("\n"))):
        if names and _SUFFIX.fullmatch(name):
            names[-1] += f", {name}"
        else:
            names.append(_ON_BEHALF.sub("", name, count=1) if _is_group(name) else name)
    return tuple(names)


def _kept(brackets: re.Match[str]) -> str:
    return f", {brackets[1]}" if _is_group(brackets[1]) else " "


def _is_group(name: str) -> bool:
    return "collaboration" in name.lower()
