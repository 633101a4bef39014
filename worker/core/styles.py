"""How a reader says by mail how his digests are to be written, and how that is said to him."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from worker.core.wishes import Style
from worker.core.wording import manner_said
from worker.manner import Abstracts, Manner, Order, Relation
from worker.model import Refused

_RELATIONS: Final[dict[str, frozenset[Relation]]] = {
    "none": frozenset(),
    "all": frozenset(Relation),
    **{each.value: frozenset({each}) for each in Relation},
}
_KINDS: Final[dict[str, dict[str, Abstracts | Order | frozenset[Relation]]]] = {
    "abstracts": {each.value: each for each in Abstracts},
    "order": {each.value: each for each in Order},
    "related": {**_RELATIONS},
}
VERBS: Final = frozenset(_KINDS)
"""What such a line begins with."""


def style_said(verb: str, words: Sequence[str]) -> Style | None:
    """What is meant by these words in small letters; None for a sentence that begins so.

    Raises Refused for one word that is none of the choices.
    """
    choices, filling = _KINDS[verb], "and" if verb == "related" else "by"
    match [word for word in words if word != filling]:
        case [word] if word in choices:
            return Style(choices[word])
        case [word]:
            known = " or ".join(f"“{verb} {each}”" for each in choices)
            raise Refused(f"“{verb} {word[:60]}” is no choice; write {known}")
        case [_, *_] as several if verb == "related" and set(several) <= set(Relation):
            return Style(frozenset(map(Relation, several)))
        case _:
            return None


def styled(before: Manner, style: Style) -> Manner:
    """As he wants it from now on."""
    match style.to:
        case Abstracts() as abstracts:
            return replace(before, abstracts=abstracts)
        case Order() as order:
            return replace(before, order=order)
        case related:
            return replace(before, related=related)


def command_of_style(before: Manner, style: Style) -> str:
    """What he would write to have it as it was before."""
    was = {
        "abstracts": before.abstracts.value,
        "order": before.order.value,
        "related": _related(before.related),
    }
    return f"{_verb(style)} {was[_verb(style)]}"


def style_told(after: Manner, style: Style) -> str:
    """How it is with him now."""
    return manner_said(after)[_verb(style)]


def _verb(style: Style) -> str:
    match style.to:
        case Abstracts():
            return "abstracts"
        case Order():
            return "order"
        case _:
            return "related"


def _related(wanted: frozenset[Relation]) -> str:
    whole = (word for word in ("none", "all") if _RELATIONS[word] == wanted)
    return next(whole, " ".join(each.value for each in Relation if each in wanted))
