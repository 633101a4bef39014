"""What the subject of a digest names, and the line that mail programs show below it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Final

ROOM: Final = 70
"""Characters of a subject for what it names: with counts and the day at most about 110."""
PREVIEW: Final = 140
"""Characters that a mail program shows below a subject, at most."""
_NAMED: Final = 2
_BREAK = re.compile(r"(?<=[^\s:]): |(?<=\S) [–—-] |(?<=\w\?) ")
_PLAIN = re.compile(r"[^\W_][\w' &+-]*")
_OPERATORS: Final = {"AND", "OR", "NOT"}
_SHORTEST: Final = 3


@dataclass(frozen=True, slots=True)
class Headline:
    """At most two titles, or else rules; ``more`` papers are not named, 0 where rules are."""

    names: tuple[str, ...] = ()
    more: int = 0


UNNAMED: Final = Headline()


def headline(titles: Sequence[str], rules: Iterable[str]) -> Headline:
    """The strongest titles (``titles`` begins with them) if they are short enough, or as much of
    them as stands before a colon, else the ``rules`` that are plain words, else the first one cut.
    """
    choices = product(*((title, _short(title)) for title in titles[:_NAMED]))
    if named := next(filter(_fit, choices), None):
        return Headline(named, len(titles) - len(named))
    words = tuple(rule.strip('"') for rule in rules if _is_plain(rule.strip('"')))[:_NAMED]
    if len(titles) > 1 and words and _fit(words):
        return Headline(words)
    return Headline((cut(_short(titles[0], ROOM), ROOM),), len(titles) - 1)


def preview(titles: Iterable[str]) -> str:
    """As many of the titles as there is room for, the last one cut."""
    return cut(" · ".join(titles), PREVIEW)


def cut(text: str, length: int) -> str:
    """The text, or what of it ends at a word within that length, and an ellipsis."""
    if len(text) <= length:
        return text
    kept = text[: length - 1]
    return (kept.rpartition(" ")[0] if " " in kept[length // 2 :] else kept).rstrip(" ,;:–") + "…"


def _short(title: str, room: int = 0) -> str:
    """What comes before its first colon or dash, unless all of it fits or that says too little."""
    name = _BREAK.split(title, maxsplit=1)[0]
    return name if len(title) > room and len(name) >= _SHORTEST else title


def _is_plain(rule: str) -> bool:
    return bool(_PLAIN.fullmatch(rule)) and not _OPERATORS.intersection(rule.split())


def _fit(names: Sequence[str]) -> bool:
    return len("; ".join(names)) <= ROOM
