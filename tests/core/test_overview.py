"""The figures put in order, day by day."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

from tests.made import MONDAY, intake
from worker.asks import AskState
from worker.core.favourites import Favourites
from worker.core.overview import (
    Overview,
    Requests,
    Series,
    begin,
    last_days,
    overview,
)
from worker.deliveries import DeliveryKind, DeliveryState, Reason
from worker.figures import Figures, Queue
from worker.model import Intake, SubscriberState

DAY = timedelta(days=1)
TUESDAY = MONDAY + DAY
DAYS = (MONDAY, TUESDAY)
NOTHING = Figures({}, {}, {}, {}, {}, {}, Queue(), ())
NONE_TRIED = Favourites((), 0, 0)
REQUESTS = Requests(100, 97)


def of(figures: Figures = NOTHING, *intakes: Intake) -> Overview:
    return overview(figures, intakes, NONE_TRIED, REQUESTS, DAYS)


def named(series: tuple[Series, ...]) -> dict[str, tuple[int, ...]]:
    return {each.name: each.counts for each in series}


def test_days_are_those_of_utc_up_to_now() -> None:
    late = datetime(2025, 9, 9, 22, tzinfo=timezone(-timedelta(hours=4)))
    assert last_days(late, 3) == (MONDAY, TUESDAY, MONDAY + 2 * DAY)
    assert begin(MONDAY) == datetime(2025, 9, 8, tzinfo=UTC)


def test_every_state_of_a_digest_is_counted_once() -> None:
    one_each = {(TUESDAY, state): 1 for state in DeliveryState}
    series = of(replace(NOTHING, digests=one_each)).digests
    assert sum(each.total for each in series) == len(DeliveryState)
    assert named(series)["waiting"] == (0, 3)
    assert named(series)["sent"] == (0, 1)
    assert series[0].name == "sent"


def test_days_before_are_not_counted() -> None:
    earlier = replace(NOTHING, digests={(MONDAY - DAY, DeliveryState.SENT): 5})
    assert named(of(earlier).digests)["sent"] == (0, 0)


def test_attempts_suppressions_and_asks_have_series_of_their_own() -> None:
    found = of(
        replace(
            NOTHING,
            attempts={(MONDAY, DeliveryState.FAILED): 2, (TUESDAY, DeliveryState.DEFERRED): 3},
            suppressions={(MONDAY, Reason.COMPLAINT): 1},
            asks={
                (MONDAY, AskState.CONFIRMED): 4,
                (TUESDAY, AskState.NEW): 1,
                (TUESDAY, AskState.CLOSED): 2,
            },
        )
    )
    assert named(found.attempts) == {"deferred": (0, 3), "uncertain": (0, 0), "failed": (2, 0)}
    assert named(found.suppressions)["complaint"] == (1, 0)
    assert set(named(found.suppressions)) == {reason.value for reason in Reason}
    assert named(found.asks) == {"confirmed": (4, 0), "unconfirmed": (0, 3)}


def test_every_outcome_that_is_counted_as_an_attempt_is_shown() -> None:
    """Whatever an attempt can come to besides ``sent`` has its place."""
    names = set(named(of().attempts))
    assert names == {"deferred", "uncertain", "failed"}


def test_papers_are_counted_by_edition_and_those_read_again_only_if_new() -> None:
    found = of(
        NOTHING,
        intake(1, 5, 5, 2),
        intake(2, 1, 6, 1),
        replace(intake(3, 2, 8, 7, TUESDAY), again=True),
        intake(4, 9, 17, 9, MONDAY - DAY),
    )
    assert named(found.papers) == {"new": (6, 2), "seen": (3, 0)}


def test_what_there_is_none_of_is_told_as_none() -> None:
    found = of(replace(NOTHING, subscribers={SubscriberState.ACTIVE: 2}))
    assert found.subscribers == dict.fromkeys(SubscriberState, 0) | {SubscriberState.ACTIVE: 2}
    assert found.others == {
        DeliveryKind.ANSWER: 0,
        DeliveryKind.CONFIRM: 0,
        DeliveryKind.NOTICE: 0,
    }
    assert (found.requests, found.queue, found.tried) == (REQUESTS, Queue(), NONE_TRIED)
    assert Series("sent", (1, 2)).total == 3
