"""Text as terminals show it: a Chinese character takes two columns, an accent none."""

from __future__ import annotations

import re
import textwrap
import unicodedata
from typing import Final

WIDTH: Final = 72

_WIDE: Final = (
    "[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\uff00-\uff60\U00020000-\U0003fffd]"
)
_HANGING: Final = "[、。，．：；？！）］｝」』】〉》”’ー々]"  # never begins a line
_PART = re.compile(rf"\s*(?:{_WIDE}|(?:(?!{_WIDE})\S)+)(?:{_HANGING})*")


def columns(text: str) -> int:
    """How wide it is."""
    if text.isascii():
        return len(text)
    return sum(map(_column, text))


def wrapped(text: str, width: int = WIDTH, indent: int = 0) -> str:
    """The text in lines of at most ``width`` columns, a longer word on a line of its own.

    Where words are not parted by blanks, as in Chinese, a line ends between any two characters.
    """
    margin = " " * indent
    if not text.isascii() and re.search(_WIDE, text):
        return "\n".join(margin + line for line in _filled(text, width - indent))
    return textwrap.fill(
        text,
        width,
        initial_indent=margin,
        subsequent_indent=margin,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _filled(text: str, width: int) -> list[str]:
    """Its lines. Each part that may begin one is put behind the last as long as there is room."""
    lines, line = list[str](), ""
    for part in _PART.findall(text):
        more = " " + part.lstrip() if part[0].isspace() else part
        if line and columns(line + more) > width:
            lines.append(line)
            line = ""
        line += more if line else more.lstrip()
    return [*lines, line]


def _column(sign: str) -> int:
    if unicodedata.combining(sign) or unicodedata.category(sign) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(sign) in "WF" else 1
