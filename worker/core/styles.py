"""How a reader says by mail how his digests are to be written, and how that is said to him."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from worker.core.wishes import Style
from worker.core.wording import manner_said
from worker.manner import Abstracts, Manner, Order
from worker.model import Refused

_KINDS: Final[dict[str, dict[str, Abstracts | Order]]] = {
    "abstracts": {each.value: each for each in Abstracts},
    "order": {each.value: each for each in Order},
}
VERBS: Final = frozenset(_KINDS)
"""What such a line begins with."""


def style_said(verb: str, words: Sequence[str]) -> Style | None:
    """What is meant by these words in small letters; None for a sentence that begins so.

    Raises Refused for one word that is none of the choices.
    """
    choices = _KINDS[verb]
    match [word for word in words if word != "by"]:
        case [word] if word in choices:
            return Style(choices[word])
        case [word]:
            known = " or ".join(f"“{verb} {each}”" for each in choices)
            raise Refused(f"“{verb} {word[:60]}” is no choice; write {known}")
        case _:
            return None


def command_of_style(before: Manner, style: Style) -> str:
    """What he would write to have it as it was before."""
    if isinstance(style.to, Abstracts):
        return f"abstracts {before.abstracts.value}"
    return f"order {before.order.value}"


def style_told(after: Manner, style: Style) -> str:
    """How it is with him now."""
    return manner_said(after)["abstracts" if isinstance(style.to, Abstracts) else "order"]
