"""What is wrong with an installation, since when, and what to do about it: decisions only."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from worker.core.agenda import Agenda
from worker.core.moments import span
from worker.core.waiting import Why, wait
from worker.deliveries import Brake, Breaker, Delivery

NOTHING: Final = Agenda()

STALE: Final = timedelta(days=4)
"""Longer than a weekend and a holiday: whoever lists papers daily has listed some by then."""

OUTAGE: Final = timedelta(hours=1)
"""A mail server that restarts is nobody's concern; one that stays away is."""

AWAY: Final = timedelta(days=1)
"""A domain that has put all our mail off for so long does not come back by itself."""

LATE: Final = timedelta(minutes=15)
"""The daemon looks each minute; under load it may take some of them."""

LATE_BY_HAND: Final = timedelta(hours=2)
"""Without a daemon: a crontab looks each hour, or so."""

SEVERAL: Final = 2

FEW: Final = 3
ONE_IN: Final = 10
"""Single dead addresses are as usual; one in ten of a day is about us, or about the whole list."""


@dataclass(frozen=True, slots=True)
class Standing:
    """All that is judged by. ``missing`` names the inbox if it is not there; ``newest`` is when the
    last daily file came. Of the last day, ``refused`` are the deliveries that failed and ``taken``
    counts those that did not; ``moving``: servers took some in the last minutes. ``reached`` are
    the servers and domains that have had all that they may get for now. ``full`` names the data
    folder if there is no room left on its disk.
    """

    now: datetime
    agenda: Agenda = NOTHING
    newest: datetime | None = None
    outstanding: tuple[Delivery, ...] = ()
    breakers: tuple[Breaker, ...] = ()
    running: bool = True
    refused: tuple[Delivery, ...] = ()
    taken: int = 0
    moving: bool = False
    missing: str = ""
    full: str = ""
    reached: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something that is wrong, as parts of a sentence."""

    what: str
    since: datetime | None
    remedy: str


def wrong(standing: Standing, stale: timedelta = STALE) -> tuple[Trouble, ...]:
    """All that is wrong, what stops most first. A file older than ``stale`` is one of them."""
    return (
        *_of_disk(standing),
        *_of_inbox(standing, stale),
        *_of_breakers(standing),
        *_of_domains(standing),
        *_of_refusals(standing),
        *_of_doubt(standing),
        *_of_delay(standing),
    )


def _of_disk(standing: Standing) -> Iterator[Trouble]:
    if standing.full:
        remedy = "make room; until then people can leave, and little else is written down"
        yield Trouble(f"the disk of {standing.full} is full", None, remedy)


def _of_inbox(standing: Standing, stale: timedelta) -> Iterator[Trouble]:
    if standing.missing and standing.running:  # by hand, files may be taken in from anywhere
        remedy = "mount it, or `paperround init` makes it"
        yield Trouble(f"the inbox {standing.missing} is not there", None, remedy)
    newest, now = standing.newest, standing.now
    if newest and standing.agenda.active and now - newest > stale:
        what = f"no daily file has come for {span(now - newest)}"
        yield Trouble(what, newest, "look at what should bring them into the inbox")


def _of_breakers(standing: Standing) -> Iterator[Trouble]:
    for one in standing.breakers:
        if one.until and one.until < standing.now - AWAY:
            continue  # nobody is there any more who would try it
        if one.brake is Brake.QUEUE:
            yield Trouble("you hold the queue", one.since, "`paperround queue release` lets it go")
        elif one.ours and one.brake is Brake.SERVER:
            what = f"the mail server {one.name} does not take us ({one.reply})"
            yield Trouble(what, one.since, "correct its settings in the configuration")
        elif one.ours:
            what = f"{one.name} does not want our mail ({one.reply})"
            yield Trouble(what, one.since, "look at what it says of us; no address is to blame")
        elif one.brake is Brake.SERVER and standing.now - one.since > OUTAGE:
            what = f"the mail server {one.name} is not there for us ({one.reply})"
            yield Trouble(what, one.since, "see whether it runs")


def _of_domains(standing: Standing) -> Iterator[Trouble]:
    """One reader's dead domain is as usual; one that several read at says something of us."""
    for one in standing.breakers:
        waiting = sum(each.domain == one.name for each in standing.outstanding)
        away = one.brake is Brake.DOMAIN and not one.ours and standing.now - one.since > AWAY
        if away and waiting >= SEVERAL:
            what = f"{one.name} has put off all our mail, {waiting} wait ({one.reply})"
            yield Trouble(what, one.since, "look at what it says; they are tried on and on")


def _of_refusals(standing: Standing) -> Iterator[Trouble]:
    refused = len(standing.refused)
    total = refused + standing.taken
    if refused >= FEW and refused * ONE_IN >= total:
        last = standing.refused[-1]
        what = f"{refused} of {total} mails of the last day were refused ({last.reply})"
        yield Trouble(what, None, "`paperround queue list --state failed` has the servers' words")


def _of_doubt(standing: Standing) -> Iterator[Trouble]:
    found = [wait(each, standing.breakers, standing.now) for each in standing.outstanding]
    undecided = sum(each.why is Why.DECISION for each in found)
    if undecided:
        waits = "waits" if undecided == 1 else "wait"
        what = f"{undecided} may or may not have arrived and {waits} for you"
        remedy = "`paperround queue list` names them, `queue retry` or `queue drop` decides"
        yield Trouble(what, None, remedy)


def _of_delay(standing: Standing) -> Iterator[Trouble]:
    """What is due and does not go, though nothing that we know of keeps it back."""
    now = standing.now
    patience = LATE if standing.running else LATE_BY_HAND
    remedy = "see what the daemon logs" if standing.running else "start `paperround run`"
    planned_late = standing.agenda.late_since
    if planned_late and now - planned_late > patience:
        yield Trouble("digests are due and nobody makes them", planned_late, remedy)
    waits = ((wait(each, standing.breakers, now), each.due_at) for each in standing.outstanding)
    stuck = [due for one, due in waits if one.why in (Why.DUE, Why.SENDING) and due]
    paced = standing.moving or standing.reached
    if stuck and now - min(stuck) > patience and not paced:
        due = "1 is due" if len(stuck) == 1 else f"{len(stuck)} are due"
        yield Trouble(f"nothing goes out, though {due}", min(stuck), remedy)
