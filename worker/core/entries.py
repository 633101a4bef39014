"""Papers as entries of a page: the same plain values as in a mail, the abstracts shorter."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from worker.core.marking import marked
from worker.core.trim import Trim
from worker.core.view import Entry, entry
from worker.model import Paper, Rule

SHORT = Trim(abstract=300)


def entries_of(
    papers: Iterable[Paper], rules: Sequence[Rule] = (), first: int = 1, trim: Trim = SHORT
) -> tuple[Entry, ...]:
    """The papers, numbered from ``first`` on; what these rules ask for is marked."""
    shown = marked([(tuple(rules), paper) for paper in papers])
    return tuple(entry(at, one, trim) for at, one in enumerate(shown, first))
