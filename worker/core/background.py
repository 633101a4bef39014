"""What a digest tells beside its papers: what his NOTs removed, and how his rules fared."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from worker.core.batch import Batch
from worker.core.removed import KEPT, removed
from worker.core.trend import trends, week
from worker.digests import Digest
from worker.model import Pick, Subscriber


def with_background(
    digest: Digest, who: Subscriber, batch: Batch, before: Sequence[Pick]
) -> Digest:
    """The digest with all of it; ``before`` was removed in one that it takes over.

    Its receipt has counted these already.
    """
    caught = {pick.paper for pick in (*digest.picks, *digest.rest)}
    left_out, told = removed(who, batch, caught), trends(who.rules, batch)
    return replace(
        digest,
        receipt=replace(digest.receipt, removed=digest.receipt.removed + len(left_out)),
        removed=(*left_out, *before)[:KEPT],
        trends=told,
        week=week(who.schedule, digest.slot.day, told, batch),
    )
