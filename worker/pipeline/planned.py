"""Papers as the ledger has them from plannings: the log lets go of them in time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import product
from typing import Final

from worker.model import Paper, PaperNumber, PaperVersion
from worker.ports import Ledger

_VERSIONS: Final = range(1, 33)
"""Those of a paper that are looked for: a later file completes it now and then."""


async def planned(numbers: Iterable[PaperNumber], ledger: Ledger) -> Mapping[PaperVersion, Paper]:
    """Each of these papers, in every version that was ever planned for somebody."""
    return await ledger.papers(product(numbers, _VERSIONS))
