"""Who comes through to the ledger with what he asks for, and who is turned away before."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from tests.desk import SetClock
from worker.asks import Scope, Traces
from worker.door import AT_ONCE, CROWD, STILL_CLOSED, Door


def traces(number: int, network: str = "") -> Traces:
    """Those of somebody from a network of his own, if nothing is said of it."""
    return Traces(f"address {number}", network or f"network {number}", "x.org")


@dataclass
class Ledger:
    """Says ``answer`` to whoever asks, when it is let; ``asked`` counts them."""

    answer: Scope | None = None
    asked: int = 0
    let: asyncio.Event = field(default_factory=asyncio.Event)

    async def ask(self) -> Scope | None:
        self.asked += 1
        await self.let.wait()
        return self.answer


async def settled() -> None:
    """Everybody has come as far as he comes by himself."""
    for _ in range(10):
        await asyncio.sleep(0)


@pytest.fixture
def ledger() -> Ledger:
    return Ledger()


async def test_the_ledger_is_given_a_few_at_once_and_the_others_after_them(ledger: Ledger) -> None:
    door = Door(SetClock())
    many = 3 * AT_ONCE
    going = [asyncio.create_task(door.through(traces(n), ledger.ask)) for n in range(many)]
    await settled()
    assert ledger.asked == AT_ONCE
    ledger.let.set()
    assert await asyncio.gather(*going) == [None] * many
    assert ledger.asked == many


async def test_those_who_wait_when_it_closes_cost_the_ledger_nothing(ledger: Ledger) -> None:
    door = Door(SetClock())
    ledger.answer = Scope.ALL
    going = [asyncio.create_task(door.through(traces(n), ledger.ask)) for n in range(CROWD)]
    await settled()
    ledger.let.set()
    assert await asyncio.gather(*going) == [Scope.ALL] * CROWD
    assert ledger.asked == AT_ONCE
    assert door.is_shut


async def test_who_comes_to_a_crowd_is_turned_away_at_once(ledger: Ledger) -> None:
    """Each who waits keeps a connection: readers must find one, too."""
    door = Door(SetClock())
    going = [asyncio.create_task(door.through(traces(n), ledger.ask)) for n in range(CROWD)]
    await settled()
    assert door.is_shut
    async with asyncio.timeout(5):
        assert await door.through(traces(CROWD), ledger.ask) is Scope.ALL
    ledger.let.set()
    assert await asyncio.gather(*going) == [None] * CROWD
    assert not door.is_shut
    assert await door.through(traces(CROWD), ledger.ask) is None


@pytest.mark.parametrize("ahead", [1, -1])
async def test_a_network_that_asks_too_often_is_not_looked_up_again_for_a_moment(
    ledger: Ledger, ahead: int
) -> None:
    """Also if the clock is set back meanwhile."""
    clock = SetClock()
    door = Door(clock)
    ledger.let.set()
    ledger.answer = Scope.NETWORK
    assert await door.through(traces(1, "theirs"), ledger.ask) is Scope.NETWORK
    ledger.answer = None
    assert await door.through(traces(2, "theirs"), ledger.ask) is Scope.NETWORK
    assert ledger.asked == 1
    assert not door.is_shut
    assert await door.through(traces(3, "others"), ledger.ask) is None
    clock.at += ahead * STILL_CLOSED
    assert await door.through(traces(4, "theirs"), ledger.ask) is None


@pytest.mark.parametrize("met", [Scope.ADDRESS, Scope.DOMAIN, None])
async def test_of_an_address_nothing_is_remembered_so_that_time_tells_nothing_of_it(
    ledger: Ledger, met: Scope | None
) -> None:
    door = Door(SetClock())
    ledger.let.set()
    ledger.answer = met
    for _ in range(3):
        assert await door.through(traces(1, "theirs"), ledger.ask) is met
    assert ledger.asked == 3


async def test_who_hangs_up_makes_room(ledger: Ledger) -> None:
    door = Door(SetClock())
    going = [asyncio.create_task(door.through(traces(n), ledger.ask)) for n in range(CROWD)]
    await settled()
    for each in going:
        each.cancel()
    await asyncio.wait(going)
    ledger.let.set()
    assert await door.through(traces(1), ledger.ask) is None


async def test_what_was_met_is_forgotten(ledger: Ledger) -> None:
    clock = SetClock()
    door = Door(clock)
    ledger.let.set()
    ledger.answer = Scope.NETWORK
    for number in range(100):
        clock.at += timedelta(seconds=0.1)
        await door.through(traces(number), ledger.ask)
    assert len(door._met) <= 11
