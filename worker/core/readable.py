"""Text as people read and type it: once, where it comes in."""

from __future__ import annotations

import re
from html import unescape
from html.entities import html5

from worker.core.latex import latex
from worker.core.mojibake import unmangled

_ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|([A-Za-z][A-Za-z0-9]{1,31}));")


def readable(text: str, *, markup: bool) -> str:
    r"""The text with entities, mangled UTF-8 and LaTeX undone, each of them once.

    ``markup`` says that the form of the file had entities, which are decoded then already:
    ``&lt;`` is meant so. Whatever has none of them is given back as it is, the same object.
    Linear time; the result is at most four times as long.
    """
    if not markup and "&" in text:
        text = _ENTITY.sub(_decoded, text)
    return latex(unmangled(text))


def _decoded(entity: re.Match[str]) -> str:
    """The character, if it is an entity: ``R&D;`` is none."""
    name = entity[1]
    return html5.get(f"{name};", entity[0]) if name else unescape(entity[0])
