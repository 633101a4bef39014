r"""Which dollar signs stand round a formula; the others are money.

``$x$`` and ``$$x$$`` are formulas, ``$5 million and $10``, ``US$`` and ``\$5`` are none. A formula
ends in the braces and in the paragraph that it begins in, and reads like one: no words of prose
outside of its commands, no blank at one end only, no open bracket unless TeX is at work.
"""

from __future__ import annotations

import re

from worker.core.groups import DEEPEST

_LONGEST = 2_000
_MARK = re.compile(r"\\.|[{}]|\$\$?", re.DOTALL)
_TEX = re.compile(r"[\^_{]|\\[A-Za-z]")
_INSIDE = re.compile(r"\\[A-Za-z]+|\{[^{}]*+\}")
_WORD = (
    r"(?<![A-Za-z])(?!(?:log|exp|max|min|sup|inf|sin|cos|tan|mod|arg|lim|det|dim|poly|polylog)\b)"
    r"[A-Za-z]{3,}+"
)
_PROSE = re.compile(rf"{_WORD}\s+[A-Za-z(]|(?<=[A-Za-z)])\s+{_WORD}")
_NAMES = re.compile("[A-Za-z]{3}")


def formulas(text: str) -> dict[int, str]:
    """Position → ``$`` or ``$$`` where a formula opens, ``/$`` or ``/$$`` where it closes.

    Linear time: a formula is short, and braces deeper than ``DEEPEST`` hold none.
    """
    signs: dict[int, str] = {}
    waiting: list[tuple[int, str] | None] = [None]
    ignored = 0
    for mark in _MARK.finditer(text):
        sign, at = mark[0], mark.start()
        if sign == "{":
            ignored += len(waiting) > DEEPEST
            if not ignored:
                waiting.append(None)
        elif sign == "}":
            if ignored:
                ignored -= 1
            elif len(waiting) > 1:
                waiting.pop()
        elif sign[0] == "$" and not ignored:
            waiting[-1] = _met(text, sign, at, waiting[-1], signs)
    return signs


def _met(
    text: str, sign: str, at: int, before: tuple[int, str] | None, signs: dict[int, str]
) -> tuple[int, str] | None:
    """The sign that waits for its partner after this one, at this depth of braces."""
    if before is None:
        return at, sign
    begun, opened = before
    inside = text[begun + len(opened) : at] if at - begun < _LONGEST else ""
    if opened not in sign or not _is_formula(inside, text[at + len(opened) : at + len(opened) + 1]):
        return at, sign
    signs |= {begun: opened, at: f"/{opened}"}
    return None if opened == sign else (at + 1, "$")


def _is_formula(inside: str, after: str) -> bool:
    if not inside.strip() or "\n\n" in inside or "`" in inside:
        return False
    if inside[-1] in " /:," and (after.isalnum() or after in ("_", "{")):
        return False  # the next amount, variable or stock begins: $10^3 to $10^6, $PATH:$HOME
    outside = _INSIDE.sub("", inside)
    if _PROSE.search(outside):
        return False
    if _TEX.search(inside):
        return True
    begins, ends = inside[0].isspace(), inside[-1].isspace()
    if begins != ends or (begins and _NAMES.search(inside)) or _open(inside):
        return False
    return not (inside[0].isdigit() and (after.isdigit() or " " in inside))


def _open(inside: str) -> bool:
    """Whether more brackets open than close, or fewer; intervals mix their kinds: (1,2]."""
    return sum(map(inside.count, "([")) != sum(map(inside.count, ")]"))
