"""What is wrong with an installation, and that it is not mistaken for what is well."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from tests.made import NOON, delivery
from worker.core.agenda import Agenda
from worker.core.standing import STALE, Standing, wrong
from worker.core.verdict import in_words, judgement
from worker.deliveries import Brake, Breaker, Delivery, DeliveryState

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
TOMORROW = NOON + 20 * HOUR
WELL = Standing(NOON, agenda=Agenda(3, TOMORROW), newest=NOON - 3 * HOUR)
STATES = DeliveryState


def waiting(state: DeliveryState = STATES.PLANNED, due: datetime | None = NOON) -> Delivery:
    return delivery(state=state, due_at=due)


def breaker(brake: Brake, since: datetime, *, ours: bool = False) -> Breaker:
    return Breaker(brake, "x.org", since, NOON + HOUR, 5, "535 5.7.8 no", ours)


def said(standing: Standing) -> str:
    return judgement(standing, wrong(standing))


def test_all_is_well_when_nothing_waits_and_a_digest_is_to_come() -> None:
    assert said(WELL) == (
        "All is well: nothing waits, the last file came 3 h ago, "
        "the next digest is due Tue 09 Sep 08:00 UTC."
    )


@pytest.mark.parametrize(
    ("standing", "says"),
    [
        (replace(WELL, newest=NOON), "the last file came just now"),
        (replace(WELL, agenda=Agenda(3, NOON)), "the next digest is due now."),
        (replace(WELL, agenda=Agenda(3)), "the next digest comes with the next file."),
        (replace(WELL, running=False), "; no daemon runs here, so cron has to do its work."),
        (replace(WELL, outstanding=(waiting(),) * 2), "All is well: 2 on the way,"),
        (
            replace(WELL, outstanding=(waiting(), replace(waiting(), held=True))),
            "All is well: 1 held by you, 1 on the way,",
        ),
    ],
)
def test_it_says_what_comes_next(standing: Standing, says: str) -> None:
    assert wrong(standing) == ()
    assert says in said(standing)


@pytest.mark.parametrize(
    ("standing", "says"),
    [
        (replace(WELL, agenda=Agenda()), "nobody is mailed (see `paperround subscribers`)."),
        (replace(WELL, newest=None), "no daily file has come yet"),
    ],
)
def test_nothing_to_do_yet_is_neither_well_nor_wrong(standing: Standing, says: str) -> None:
    assert said(standing).startswith("Nothing is wrong, and nothing is to be done yet: ")
    assert says in said(standing)


@pytest.mark.parametrize(
    ("standing", "says"),
    [
        (replace(WELL, full="/data"), "the disk of /data is full: make room"),
        (replace(WELL, missing="/in"), "the inbox /in is not there: mount it"),
        (
            replace(WELL, newest=NOON - 5 * DAY),
            "no daily file has come for 5 d, since Wed 03 Sep 12:00 UTC: look at what",
        ),
        (
            replace(WELL, breakers=(breaker(Brake.QUEUE, NOON - HOUR),)),
            "you hold the queue, since 11:00 UTC: `paperround queue release` lets it go",
        ),
        (
            replace(WELL, breakers=(breaker(Brake.SERVER, NOON, ours=True),)),
            "the mail server x.org does not take us (535 5.7.8 no), since 12:00 UTC: correct",
        ),
        (
            replace(WELL, breakers=(breaker(Brake.SERVER, NOON - 2 * HOUR),)),
            "the mail server x.org is not there for us (535 5.7.8 no), since 10:00 UTC: see",
        ),
        (
            replace(WELL, breakers=(breaker(Brake.DOMAIN, NOON, ours=True),)),
            "x.org does not want our mail (535 5.7.8 no), since 12:00 UTC: look",
        ),
        (
            replace(
                WELL,
                breakers=(replace(breaker(Brake.DOMAIN, NOON - 2 * DAY), name="example.org"),),
                outstanding=(waiting(),) * 2,
            ),
            "example.org has put off all our mail, 2 wait (535 5.7.8 no), since Sat 06 Sep 12:00",
        ),
        (
            replace(WELL, outstanding=(waiting(STATES.UNCERTAIN, None),) * 2),
            "2 may or may not have arrived and wait for you: `paperround queue list` names them",
        ),
        (
            replace(WELL, outstanding=(waiting(due=NOON - HOUR),)),
            "nothing goes out, though 1 is due, since 11:00 UTC: see what the daemon logs",
        ),
        (
            replace(WELL, outstanding=(waiting(due=NOON - HOUR),) * 2),
            "nothing goes out, though 2 are due,",
        ),
        (
            replace(WELL, outstanding=(waiting(STATES.UNCERTAIN, None),)),
            "1 may or may not have arrived and waits for you:",
        ),
        (
            replace(WELL, agenda=Agenda(3, NOON, NOON - HOUR)),
            "digests are due and nobody makes them, since 11:00 UTC: see what the daemon logs",
        ),
        (
            replace(WELL, agenda=Agenda(3, NOON, NOON - 3 * HOUR), running=False),
            "digests are due and nobody makes them, since 09:00 UTC: start `paperround run`",
        ),
        (
            replace(WELL, refused=(replace(waiting(), reply="554 no"),) * 3, taken=27),
            "3 of 30 mails of the last day were refused (554 no): `paperround queue list",
        ),
    ],
)
def test_what_is_wrong_is_said_with_what_to_do(standing: Standing, says: str) -> None:
    assert said(standing).startswith(f"Something is wrong: {says}")


@pytest.mark.parametrize(
    "standing",
    [
        replace(WELL, missing="/in", running=False),  # files are taken in by hand
        replace(WELL, newest=NOON - 5 * DAY, agenda=Agenda()),  # nobody waits for files
        replace(WELL, breakers=(breaker(Brake.SERVER, NOON - HOUR),)),  # it may be restarting
        replace(WELL, breakers=(breaker(Brake.DOMAIN, NOON - 2 * DAY),)),  # nobody waits for it
        replace(  # theirs to mend, within a day
            WELL,
            breakers=(replace(breaker(Brake.DOMAIN, NOON - DAY), name="example.org"),),
            outstanding=(waiting(),) * 2,
        ),
        replace(  # one reader's own domain
            WELL,
            breakers=(replace(breaker(Brake.DOMAIN, NOON - 2 * DAY), name="example.org"),),
            outstanding=(waiting(),),
        ),
        replace(WELL, outstanding=(waiting(due=NOON - HOUR),), running=False),  # cron comes by
        replace(WELL, outstanding=(waiting(due=NOON - HOUR),), moving=True),  # a long queue
        replace(WELL, outstanding=(waiting(due=NOON - HOUR),), reached=("smtp: enough",)),
        replace(WELL, refused=(waiting(),) * 2),  # single dead addresses
        replace(WELL, refused=(waiting(),) * 3, taken=28),
    ],
)
def test_what_passes_by_itself_is_not_wrong(standing: Standing) -> None:
    assert wrong(standing) == ()


def test_several_things_are_told_together() -> None:
    both = replace(WELL, missing="/in", newest=NOON - 5 * DAY)
    assert said(both).startswith("2 things are wrong: the inbox /in is not there: ")
    assert "; no daily file has come for 5 d" in said(both)


def test_how_old_is_too_old_can_be_said() -> None:
    (trouble,) = wrong(WELL, 2 * HOUR)
    assert in_words(trouble, NOON).startswith("no daily file has come for 3 h, since 09:00 UTC: ")


def test_a_breaker_that_nobody_has_tried_for_long_is_no_trouble() -> None:
    """Nobody reads at that domain any more, so nothing will ever close it."""
    old = breaker(Brake.DOMAIN, NOON - timedelta(days=9), ours=True)
    tried = replace(old, until=NOON - timedelta(days=3))
    assert list(wrong(replace(WELL, breakers=(tried,)), STALE)) == []
