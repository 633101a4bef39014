"""The counts of a digest: of the files since a cursor, and of a digest that it takes over."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

from worker.core.clean import clean_line
from worker.core.settle import shown
from worker.digests import ReadFile, Receipt
from worker.model import Intake

FILES: Final = 3
"""Told of by name; more would be a list that nobody reads."""

_LONGEST_NAME: Final = 100


def new_and_seen(intakes: Iterable[Intake]) -> tuple[int, int]:
    """How many papers these files listed that were new, and how many that were not.

    Of a file that somebody had read once more, only what is new counts.
    """
    each = [(intake.new, 0 if intake.again else intake.seen) for intake in intakes]
    return sum(new for new, _ in each), sum(seen for _, seen in each)


def listed(intakes: Sequence[Intake]) -> Receipt:
    """What these files listed, the oldest first; nothing is said of matches yet."""
    new, seen = new_and_seen(intakes)
    return Receipt(
        listed=new + seen,
        new=new,
        seen=seen,
        days=tuple(sorted({intake.day for intake in intakes})),
        files=tuple(map(_file, intakes[-FILES:])),
        read=len(intakes),
    )


def counted(now: Receipt, before: Receipt, *, matched: int, held_over: int) -> Receipt:
    """The receipt ``now`` with what came of it, and with all that the digest ``before`` counted.

    The two are of different files, as the cursor moved when ``before`` was planned; what is held
    over is so from both.
    """
    return replace(
        now,
        listed=before.listed + now.listed,
        new=before.new + now.new,
        seen=before.seen + now.seen,
        matched=before.matched + matched,
        held_over=held_over,
        expired=before.expired + now.expired,
        days=tuple(sorted({*before.days, *now.days})),
        removed=before.removed,
        files=(*before.files, *now.files)[-FILES:],
        read=before.read + now.read,
    )


def _file(intake: Intake) -> ReadFile:
    """Anybody may have named it, and it stands in a mail."""
    return ReadFile(clean_line(shown(intake.name), _LONGEST_NAME), intake.day, intake.at)
