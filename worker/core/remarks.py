"""What is told around the papers of a digest, cut where a mail has no room for it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

from worker.core.headline import cut
from worker.core.trim import Trim
from worker.digests import Change, Receipt, Week

MOST_NOTES: Final = 50
"""In one digest, of which the last counts the others."""
LONGEST_NOTE: Final = 1_200
LINES: Final = 6
"""As many lines of a trim as a note takes."""
LONGEST_NAME: Final = 300


def noted(notes: Sequence[str], trim: Trim) -> tuple[str, ...]:
    """The notes, as many and as much of each as there is room for."""
    most = MOST_NOTES if trim.papers is None else min(MOST_NOTES, trim.papers)
    longest = LONGEST_NOTE if trim.line is None else min(LONGEST_NOTE, LINES * trim.line)
    shown = tuple(cut(note, longest) for note in notes[:most])
    if len(notes) <= most:
        return shown
    return (*shown[:-1], f"There are {len(notes) - most + 1} more notes like these.")


def in_lines(week: Week, trim: Trim) -> Week:
    """The week, with names that fit in a line or a few."""
    longest = LONGEST_NAME if trim.line is None else trim.line
    return replace(
        week,
        rose=_named(week.rose, longest),
        fell=_named(week.fell, longest),
        words=tuple((cut(word, longest), papers) for word, papers in week.words),
    )


def receipted(receipt: Receipt, trim: Trim) -> Receipt:
    """The receipt, with names of files that fit in a line."""
    files = (replace(one, name=cut(one.name, trim.line or LONGEST_NAME)) for one in receipt.files)
    return replace(receipt, files=tuple(files))


def _named(changes: Iterable[Change], longest: int) -> tuple[Change, ...]:
    return tuple(replace(one, rule=cut(one.rule, longest)) for one in changes)
