"""What the templates are given: a digest as plain values, its matched words marked off.

Templates get no ports, no rules and no markup: only texts, cut into pieces.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from itertools import groupby
from typing import Final

from worker.core.contents import ContentsLine, contents
from worker.core.entry import Entry, entry
from worker.core.headline import UNNAMED, Headline, headline, preview
from worker.core.marking import Chosen, Marked, marked
from worker.core.mentioned import MentionLine, mentioned, printable
from worker.core.remarks import in_lines, noted, receipted
from worker.core.sentences import OPENING
from worker.core.trim import WHOLE, Trim
from worker.deliveries import Delivery
from worker.digests import Receipt, Week
from worker.manner import Abstracts, Language, Order
from worker.model import Paper, PaperNumber, PaperVersion, Pick

__all__ = ["Entry", "Section", "View", "entry", "view"]


@dataclass(frozen=True, slots=True)
class Section:
    """The papers shown under one rule, or all of them."""

    rule: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class View:
    """One digest, ready to be laid out. ``left_out`` papers of it are not shown in this part.

    ``language`` is that of its days. ``by_rules``: there is a section for each rule, named by it.
    ``preview`` goes on where ``headline`` ends. ``shortened``: abstracts are, for want of room.
    ``from_before`` of the papers had matched earlier and were held over.
    """

    day: date
    sections: tuple[Section, ...]
    papers: int
    receipt: Receipt
    notes: tuple[str, ...]
    first_title: str
    left_out: int
    language: Language = Language.EN
    by_rules: bool = True
    headline: Headline = UNNAMED
    preview: str = ""
    contents: tuple[ContentsLine, ...] = ()
    mentions: tuple[MentionLine, ...] = ()
    week: Week | None = None
    shortened: bool = False
    from_before: int = 0


_KEPT: Final = 4  # digests being written: each is laid out several times until it fits

BY_UPVOTES: Final = "Most upvoted first"
COULD_NOT_BE_SHOWN: Final = "One paper could not be shown: {}"


def view(
    delivery: Delivery, trim: Trim = WHOLE, unshown: frozenset[PaperNumber] = frozenset()
) -> View:
    """The digest of a delivery as it is shown. ``unshown`` papers are only named, in a note."""
    papers = {paper.which: paper for paper in delivery.papers}
    digest, manner = delivery.digest, delivery.manner
    shown = [pick for pick in digest.picks if pick.paper not in unshown]
    named = [printable(papers[pick.which].title) for pick in digest.picks if pick.paper in unshown]
    head = _strongest(shown, papers)
    drawn = trim.papers is None and trim.line is None
    return View(
        day=digest.slot.day,
        sections=_sections(delivery, shown, papers, trim),
        papers=len(digest.picks),
        receipt=receipted(digest.receipt, trim),
        notes=noted((*digest.notes, *map(COULD_NOT_BE_SHOWN.format, named)), trim),
        first_title=papers[shown[0].which].title if shown else "",
        left_out=len(shown[trim.papers :]) if trim.papers is not None else 0,
        language=manner.language,
        by_rules=manner.order is Order.RULES,
        headline=head,
        preview=_preview(shown, papers, head),
        contents=contents(
            shown, digest.trends, manner.order, trim.line, drawn=drawn, most=trim.papers
        ),
        mentions=mentioned(delivery, trim),
        week=digest.week and in_lines(digest.week, trim),
        shortened=_shortened(manner.abstracts, trim),
        from_before=max(0, len(digest.picks) + len(digest.rest) - digest.receipt.matched),
    )


@lru_cache(maxsize=_KEPT)
def marks(chosen: tuple[Chosen, ...]) -> Mapping[PaperVersion, Marked]:
    """The papers of a digest, with what its rules ask for marked."""
    return {one.paper.which: one for one in marked(chosen)}


def _sections(
    delivery: Delivery, picks: Sequence[Pick], papers: Mapping[PaperVersion, Paper], trim: Trim
) -> tuple[Section, ...]:
    manner = delivery.manner
    all_ = marks(tuple((pick.rules, papers[pick.which]) for pick in picks))
    by_rules = manner.order is Order.RULES
    entries = [
        (
            pick.rules[0].name[: trim.line] if by_rules else BY_UPVOTES,
            entry(place, all_[pick.which], trim, pick.because, manner.abstracts),
        )
        for place, pick in enumerate(picks[: trim.papers], start=1)
    ]
    return tuple(
        Section(rule, tuple(entry for _, entry in group))
        for rule, group in groupby(entries, key=lambda named: named[0])
    )


def _strongest(shown: Sequence[Pick], papers: Mapping[PaperVersion, Paper]) -> Headline:
    """The best matches of all sections, by their score; the first where none has one."""
    if not shown:
        return UNNAMED
    best = sorted(shown, key=lambda pick: -pick.score)
    rules = dict.fromkeys(pick.rules[0].name for pick in best)
    return headline([papers[pick.which].title for pick in best], rules)


def _preview(shown: Sequence[Pick], papers: Mapping[PaperVersion, Paper], head: Headline) -> str:
    """The titles that the subject does not name; of a paper alone, how its abstract begins."""
    titles = [papers[pick.which].title for pick in shown]
    if len(titles) == 1:
        return preview([papers[shown[0].which].abstract])
    return preview(title for title in titles if not title.startswith(head.names))


def _shortened(how_much: Abstracts, trim: Trim) -> bool:
    """Whether that cut takes from what he would have."""
    lengths = {Abstracts.FULL: None, Abstracts.OPENING: OPENING, Abstracts.NONE: 0}
    wanted = lengths[how_much]
    return trim.abstract is not None and (wanted is None or trim.abstract < wanted)
