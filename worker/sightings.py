"""What the paper log keeps of listings that were no new papers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from worker.manner import Relation
from worker.model import PaperNumber


@dataclass(frozen=True, slots=True)
class Sighting:
    """A paper of the log that the file ``intake`` listed once more, on the edition ``day``.

    ``upvotes`` is the most that any file counted of it until then, ``before`` until the file
    before; None where nobody counts.
    """

    intake: int
    paper: PaperNumber
    relation: Relation
    day: date
    upvotes: int | None = None
    before: int | None = None
