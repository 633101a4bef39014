"""One sentence on how an installation stands.

Nothing to send and nothing wrong must look different from nothing sent because something is wrong.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from worker.core.moments import moment, span
from worker.core.standing import Standing, Trouble

JUST_NOW: Final = timedelta(minutes=2)


def judgement(standing: Standing, troubles: Sequence[Trouble]) -> str:
    """That all is well and what comes next, or what is wrong and what to do."""
    if troubles:
        several = "Something is" if len(troubles) == 1 else f"{len(troubles)} things are"
        return f"{several} wrong: {'; '.join(in_words(each, standing.now) for each in troubles)}."
    idle = standing.newest is None or not standing.agenda.active
    verdict = "Nothing is wrong, and nothing is to be done yet" if idle else "All is well"
    parts = (_waiting(standing), _last_file(standing), _next(standing))
    return f"{verdict}: {', '.join(parts)}{_by_whom(standing)}."


def in_words(trouble: Trouble, now: datetime) -> str:
    """What is wrong, since when: what to do."""
    since = f", since {moment(trouble.since, now)}" if trouble.since else ""
    return f"{trouble.what}{since}: {trouble.remedy}"


def _waiting(standing: Standing) -> str:
    outstanding = standing.outstanding
    held = sum(each.held for each in outstanding)
    if not outstanding:
        return "nothing waits"
    if held:
        return f"{held} held by you, {len(outstanding) - held} on the way"
    return f"{len(outstanding)} on the way"


def _last_file(standing: Standing) -> str:
    if standing.newest is None:
        return "no daily file has come yet"
    age = standing.now - standing.newest
    return f"the last file came {f'{span(age)} ago' if age > JUST_NOW else 'just now'}"


def _next(standing: Standing) -> str:
    agenda = standing.agenda
    if not agenda.active:
        return "nobody is mailed (see `paperround subscribers`)"
    if agenda.next_due is None:
        return "the next digest comes with the next file"
    if agenda.next_due <= standing.now:
        return "the next digest is due now"
    return f"the next digest is due {moment(agenda.next_due, standing.now)}"


def _by_whom(standing: Standing) -> str:
    return "" if standing.running else "; no daemon runs here, so cron has to do its work"
