"""What somebody else does on PostgreSQL in the middle of a transaction about an ask."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests import postgres
from tests.made import NOON
from tests.store.asking import (
    ADDRESS,
    active,
    ask,
    confirming,
    found,
    joining,
    mailed,
    noted,
    pending,
    state_of,
)
from tests.store.ledgers import Stores
from tests.store.test_postgres_faults import meanwhile, opened
from worker.asks import CONFIRM_WITHIN, AskState
from worker.deliveries import Reason
from worker.model import Refused, SubscriberState
from worker.store.server import Server


@pytest.fixture
async def server(tmp_path: Path) -> Server:
    return await postgres.running().fresh(tmp_path)


@pytest.fixture
async def store(server: Server) -> AsyncIterator[Stores]:
    async with opened(server) as stores:
        yield stores


async def test_who_joins_while_his_address_is_suppressed_is_not_mailed(
    server: Server, store: Stores
) -> None:
    given = await noted(store, ask())

    async def joins(other: Stores) -> None:
        assert await other.signups.admit(given, [confirming(given)], joining())

    with meanwhile("INSERT INTO suppression", server, joins):
        await store.suppressions.suppress(ADDRESS, Reason.COMPLAINT, NOON)
    assert await store.subscribers.everyone() == []
    assert await state_of(store, given) is AskState.CLOSED
    assert await store.every_delivery() == []


async def test_whose_address_is_suppressed_while_he_joins_is_suppressed(
    server: Server, store: Stores
) -> None:
    given = await noted(store, ask())

    async def complains(other: Stores) -> None:
        await other.suppressions.suppress(ADDRESS, Reason.COMPLAINT, NOON)

    with meanwhile("INSERT INTO subscriber", server, complains):
        assert await store.signups.admit(given, [confirming(given)], joining())
    assert (await store.now(joining())).state is SubscriberState.SUPPRESSED
    assert await state_of(store, given) is AskState.CLOSED
    assert await store.ledger.claim(NOON, 9) == []


async def test_who_leaves_while_his_ask_is_acted_on_has_none_that_is_open(
    server: Server, store: Stores
) -> None:
    who = await store.join()
    given = await noted(store, ask(address=who.address))

    async def leaves(other: Stores) -> None:
        left = replace(await other.now(who), state=SubscriberState.UNSUBSCRIBED)
        assert await other.subscribers.change(left)

    with meanwhile("INSERT INTO delivery", server, leaves):
        await store.signups.admit(given, [confirming(given, who.id)])
    assert await state_of(store, given) is AskState.CLOSED


async def test_who_leaves_while_he_confirms_has_left_or_was_never_back(
    server: Server, store: Stores
) -> None:
    who = await store.join()
    given = await mailed(store, ask(address=who.address), who)

    async def confirms(other: Stores) -> None:
        now = await other.now(who)
        assert await other.signups.confirm(given, replace(now, max_papers=3), NOON) is None

    left = replace(who, state=SubscriberState.UNSUBSCRIBED)
    with meanwhile("UPDATE subscriber", server, confirms):
        assert await store.subscribers.change(left)
    assert (await store.now(who)).state is SubscriberState.UNSUBSCRIBED
    assert await state_of(store, given) is AskState.CLOSED


async def test_who_asks_again_while_he_is_about_to_be_forgotten_is_not_mailed_in_vain(
    server: Server, store: Stores
) -> None:
    """Either he stays, or what he asked for is decided anew: as of one whom nobody knows."""
    _, who = await pending(store, ask(1))
    again = await noted(store, ask(2, at=NOON + CONFIRM_WITHIN))
    answers: list[bool] = []

    async def asks(other: Stores) -> None:
        answers.append(await other.signups.admit(again, [confirming(again, who.id)]))

    with meanwhile("DELETE FROM ask", server, asks):
        await store.signups.forget(NOON + CONFIRM_WITHIN)
    stayed = await store.subscribers.find(who.address) is not None
    assert answers == [stayed]
    assert await state_of(store, again) is (AskState.MAILED if stayed else AskState.NEW)
    assert len(await store.every_delivery()) == (2 if stayed else 0)


async def test_who_is_locked_to_be_forgotten_cannot_be_mailed(
    server: Server, store: Stores
) -> None:
    _, who = await pending(store, ask(1))
    again = await noted(store, ask(2, at=NOON + CONFIRM_WITHIN))
    answers: list[bool] = []

    async def asks(other: Stores) -> None:
        answers.append(await other.signups.admit(again, [confirming(again, who.id)]))

    with meanwhile("SELECT subscriber.id", server, asks):
        await store.signups.forget(NOON + CONFIRM_WITHIN)
    assert answers == [False]
    assert await found(store, again) == again
    assert await store.every_delivery() == []
    assert await store.subscribers.everyone() == []


async def test_of_two_who_move_to_one_address_at_once_one_moves(
    server: Server, store: Stores
) -> None:
    """Nobody was pending for them: the other is told as whoever comes second."""
    movers = [await store.join(number) for number in (1, 2)]
    asks = [
        await mailed(store, ask(number, address=f"x{number}@y.org", mover=who.uid), who)
        for number, who in enumerate(movers, start=1)
    ]

    async def moves(other: Stores) -> None:
        with pytest.raises(Refused):
            await other.signups.confirm(asks[1], replace(movers[1], address=ADDRESS), NOON)

    with meanwhile("UPDATE subscriber", server, moves):
        assert await store.signups.confirm(asks[0], replace(movers[0], address=ADDRESS), NOON)
    assert (await store.now(active(replace(movers[0], address=ADDRESS)))).id == movers[0].id
    assert await found(store, asks[1]) == asks[1]
