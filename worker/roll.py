"""The subscribers file is followed; whoever it names joins at the end of the paper log."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence

from worker.core import roll
from worker.model import Preferences, Subscriber
from worker.ports import Clock, PaperLog, Subscribers, Suppressed

log = logging.getLogger(__name__)


async def follow(
    named: Sequence[Preferences],
    subscribers: Subscribers,
    papers: PaperLog,
    clock: Clock,
    uids: Iterator[int],
) -> roll.Sync:
    """Bring the list in line with the file. Somebody changed meanwhile is left for next time."""
    intent = roll.sync(await subscribers.everyone(), named, await papers.end(), clock.now(), uids)
    for who in intent.joining:
        try:
            await subscribers.add(who)
        except Suppressed:  # erased: we know no more of him than that he wants none of this
            log.warning("named in the file but on the suppression list")
    for who in intent.changed:
        await subscribers.change(who)
    for who in intent.left_alone:
        log.warning("named in the file but not revived", extra=_about(who))
    return intent


def _about(who: Subscriber) -> dict[str, object]:
    return {"subscriber": who.id, "state": who.state.value}
