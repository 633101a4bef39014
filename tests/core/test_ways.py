"""Which ways out have had all that they may get, and which breakers are in the way."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.made import MONDAY, NOON
from worker.core.quota import Limits
from worker.core.ways import Ways, in_the_way, spent
from worker.deliveries import Brake, Breaker, HandedOver

HOUR = timedelta(hours=1)
TWO = Ways(servers={"one": Limits(), "two": Limits()})


def breaker(brake: Brake, name: str) -> Breaker:
    return Breaker(brake, name, NOON, NOON + HOUR, 1, "no")


def took(count: int, server: str = "one", domain: str = "x.org") -> HandedOver:
    return HandedOver(server, domain, NOON - timedelta(minutes=10), count)


def test_one_server_that_is_down_is_not_in_the_way_while_another_takes_mail() -> None:
    queue, domain = breaker(Brake.QUEUE, ""), breaker(Brake.DOMAIN, "x.org")
    one, two = breaker(Brake.SERVER, "one"), breaker(Brake.SERVER, "two")
    assert in_the_way([queue, domain, one], TWO, NOON) == (queue, domain)
    assert in_the_way([one, two, domain], TWO, NOON) == (one, two, domain)
    assert in_the_way([one, replace(two, until=NOON)], TWO, NOON) == ()


@pytest.mark.parametrize(
    ("ways", "lines"),
    [
        (TWO, ()),
        (
            Ways(servers={"one": Limits(per_hour=5), "two": Limits(per_hour=51)}),
            ("one: its limit is reached, no more until 12:51 UTC",),
        ),
        (
            replace(TWO, domains={"x.org": Limits(per_hour=5)}),
            ("x.org: its limit is reached, no more until 12:51 UTC",),
        ),
        (
            replace(TWO, usual=Limits(per_hour=50), domains={"x.org": Limits()}),
            ("y.org: its limit is reached, no more until 12:51 UTC",),
        ),
        (
            replace(TWO, warm_up_from=MONDAY),
            ("this new sender: its limit is reached, no more until Tue 09 Sep 11:51 UTC",),
        ),
        (replace(TWO, warm_up_from=MONDAY - timedelta(days=1)), ()),
    ],
)
def test_what_has_had_all_that_it_may_get_is_told_with_its_end(
    ways: Ways, lines: tuple[str, ...]
) -> None:
    assert spent(ways, [took(5), took(50, "two", "y.org")], NOON) == lines
