"""Who was sent which paper, on every ledger."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.made import MONDAY, NOON, paper, pick
from tests.store.ledgers import KINDS, Stores, plan_for, settled, stores
from worker.deliveries import Delivery, DeliveryState
from worker.digests import Mention, News
from worker.model import PaperNumber, Pick, Subscriber, SubscriberId
from worker.sightings import Had

TUESDAY = MONDAY + timedelta(days=1)
SOON = NOON + timedelta(minutes=5)


@pytest.fixture(params=KINDS)
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Stores]:
    async with stores(request.param, tmp_path) as opened:
        yield opened


async def sent(store: Stores, who: Subscriber, *picks: Pick, day: date = MONDAY) -> Delivery:
    """A digest of these picks, claimed and handed over."""
    papers = [replace(paper(one.paper), version=one.version) for one in picks]
    await store.ledger.plan([plan_for(await store.now(who), *picks, day=day)], papers)
    (claimed,) = await store.ledger.claim(SOON, 1)
    await store.ledger.settle([settled(claimed)])
    return claimed


async def test_who_was_sent_a_paper_is_told_with_its_first_day_and_as_it_was_then(
    store: Stores,
) -> None:
    first, second = await store.join(1), await store.join(2)
    await sent(store, first, pick(1), replace(pick(2, "[3,["), version=5))
    await sent(store, first, pick(2), pick(7), day=TUESDAY)
    await sent(store, second, pick(3))
    numbers = [PaperNumber(n) for n in (2, 3, 9)]
    assert await store.ledger.had([first.id, second.id], numbers, NOON) == {
        (first.id, 2): Had(MONDAY, replace(paper(2), version=5)),
        (second.id, 3): Had(MONDAY, paper(3)),
    }
    assert list(await store.ledger.had([second.id], numbers, NOON)) == [(second.id, 3)]
    assert await store.ledger.had([], numbers, NOON) == {}
    assert await store.ledger.had([first.id], [], NOON) == {}
    assert await store.ledger.had([first.id], numbers, SOON) == {}


async def test_a_paper_of_another_number_with_the_same_digits_was_not_sent(store: Stores) -> None:
    who = await store.join()
    await sent(store, who, pick(12), pick(21), pick(112))
    for number in (1, 2, 11):
        assert await store.ledger.had([who.id], [PaperNumber(number)], NOON) == {}


@pytest.mark.parametrize("state", [s for s in DeliveryState if s is not DeliveryState.SENDING])
async def test_what_is_sent_or_in_doubt_he_had_and_nothing_else(
    store: Stores, state: DeliveryState
) -> None:
    who = await store.join()
    await store.planned(who, pick(1))
    assert await store.ledger.had([who.id], [PaperNumber(1)], NOON) == {}
    (claimed,) = await store.ledger.claim(SOON, 1)
    assert await store.ledger.had([who.id], [PaperNumber(1)], NOON) == {}
    await store.ledger.settle([settled(claimed, state)])
    found = await store.ledger.had([who.id], [PaperNumber(1)], NOON)
    assert bool(found) is (state in (DeliveryState.SENT, DeliveryState.UNCERTAIN))


async def test_what_a_digest_left_over_or_only_mentions_he_did_not_have(store: Stores) -> None:
    who = await store.join()
    plan = plan_for(who, pick(1), held_over=[pick(2)])
    assert plan.digest is not None
    mention = Mention(News.AGAIN, PaperNumber(3), 1, MONDAY, MONDAY)
    digest = replace(plan.digest, rest=(pick(2),), removed=(pick(4),), mentions=(mention,))
    await store.ledger.plan([replace(plan, digest=digest)], [paper(n) for n in (1, 2, 3, 4)])
    (claimed,) = await store.ledger.claim(SOON, 1)
    await store.ledger.settle([settled(claimed)])
    numbers = [PaperNumber(n) for n in (1, 2, 3, 4)]
    assert list(await store.ledger.had([who.id], numbers, NOON)) == [(who.id, 1)]


async def test_many_papers_are_asked_of_at_once(store: Stores) -> None:
    who = await store.join()
    await sent(store, who, pick(9), pick(101), pick(1500), pick(20_001), pick(20_400))
    close = [PaperNumber(n) for n in (20_001, 20_002, 20_009, 20_399)]
    assert list(await store.ledger.had([who.id], close, NOON)) == [(who.id, 20_001)]
    for numbers in (range(1, 1501), (9, 101, 1500)):
        asked = [PaperNumber(n) for n in numbers]
        found = await store.ledger.had([who.id], asked, NOON)
        assert sorted(found) == [(who.id, 9), (who.id, 101), (who.id, 1500)]


async def test_more_people_than_one_statement_names_are_asked_of_at_once(store: Stores) -> None:
    who, other = await store.join(1), await store.join(2)
    await sent(store, who, pick(1))
    await sent(store, other, pick(1))
    many = [who.id, *(SubscriberId(n) for n in range(10, 2000))]
    assert list(await store.ledger.had(many, [PaperNumber(1)], NOON)) == [(who.id, 1)]
