"""Which paper a ``like:`` of a rule means: by its id, or by its title."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Final

from worker.core.identity import KINDS, fingerprint, normalise_id
from worker.core.parts import terms_of
from worker.core.query import readable
from worker.core.terms import Kin, Like, Query
from worker.model import Paper, PaperNumber

UNKNOWN: Final = "no paper with this id is kept here"

_SHOWN = 60


def likes_of(query: Query) -> tuple[Like, ...]:
    """Those that the query names, also those to leave out."""
    likes = (term for term in terms_of(query) if isinstance(term, Like))
    return tuple(dict.fromkeys(likes))


def likes_in(texts: Iterable[str]) -> tuple[Like, ...]:
    """Those that the rules with these texts name; a rule that cannot be read names none."""
    found: dict[Like, None] = {}
    for text in dict.fromkeys(texts):
        if f"{Kin.LIKE}:" in text.casefold():  # or a thousand readers' rules would all be read
            query = readable(text)
            found |= dict.fromkeys(likes_of(query) if query else ())
    return tuple(found)


def key(like: Like) -> str:
    """The key that the paper has in the log."""
    by_id = like.what.startswith(KINDS) and normalise_id(like.what) == like.what
    return like.what if by_id else f"title:{fingerprint(like.what)}"


def among(likes: Iterable[Like], papers: Iterable[Paper]) -> dict[Like, Paper]:
    """Those that are among these papers; what has one title is the newest of them."""
    wanted = {key(like): like for like in likes}
    pairs = ((wanted[its], paper) for paper in papers for its in paper.keys if its in wanted)
    return dict(sorted(pairs, key=lambda pair: pair[1].number))


def made_up(likes: Iterable[Like]) -> dict[Like, Paper]:
    """For those named by a title a paper that has no more than that, and is in no log."""
    return {
        like: Paper(PaperNumber(0), date.min, (), like.what, "")
        for like in likes
        if key(like).startswith("title:")
    }


def named(like: Like) -> str:
    """As it is said: ``like 2509.01234``, or like “its title”, as much of it as a line takes."""
    its = key(like)
    if not its.startswith("title:"):
        return f"like {its.partition(':')[2]}"
    short = like.what if len(like.what) <= _SHOWN else like.what[: _SHOWN - 1] + "…"
    return f"like “{short}”"
