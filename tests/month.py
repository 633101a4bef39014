"""A month as an installation has it: readers, mails, papers and requests, put into its stores."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import count

from sqlalchemy import Connection, insert

from tests.made import SEEDS, intake, paper, pick, seed, subscriber
from tests.store.asking import ask
from tests.store.ledgers import plan_for
from worker.asks import AskState
from worker.deliveries import Brake, Breaker, DeliveryState, Reason
from worker.model import Paper, SubscriberState
from worker.opened import Opened
from worker.sources import forms
from worker.store import rows, rows_asks
from worker.store.engine import many
from worker.store.rows_digests import Values
from worker.store.schema import ask as asks
from worker.store.schema import attempt, delivery, suppression
from worker.store.schema import paper as papers
from worker.store.schema import subscriber as people
from worker.store.sql import open_database

DAY = timedelta(days=1)
DAYS = 30
QUERIES = (
    "diffusion (video OR image) -survey",
    '"large language model" reasoning',
    "agent* tool",
    "RL reward",
    "transformer attention",
    "multimodal OR vision-language",
    "robot* manipulation",
    '"neural operator"~5',
    "title:benchmark",
    "speech OR audio",
    "quantization OR distillation",
    "retrieval augmented",
    "3D (gaussian OR nerf)",
    "cat:cs.CV segmentation",
    "code generation",
    "safety OR alignment -survey",
    "medical image*",
    "graph neural network",
    "long context",
    "theorem proving",
    "weather OR climate",
    "author:lecun",
    "protein OR molecule*",
    "tokenizer",
    "federated",
    "video",
    "LoRA",
    'MoE OR "mixture of experts"',
    "dataset",
    "embedding*",
    "world model",
    "physics",
)
BROKEN = "graph ("
STATES = (
    (SubscriberState.PENDING, 9), (SubscriberState.UNSUBSCRIBED, 38), (SubscriberState.UNLISTED, 4),
    (SubscriberState.REMOVED, 3), (SubscriberState.SUPPRESSED, 11),
)  # fmt: skip


async def fill(opened: Opened, now: datetime, readers: int = 420, more: Sequence[str] = ()) -> None:
    """The month that ends with ``now``; ``more`` are rules that everybody has besides."""
    chance = random.Random(7)
    days = [now.date() - back * DAY for back in reversed(range(DAYS))]
    await _take_in(opened, days, chance)
    async with open_database(opened.settings.ledger, create=False) as database:
        await database.write(lambda each: _fill(each, days, now, readers, more, chance))
    await opened.holds.open(
        Breaker(
            Brake.DOMAIN,
            "slow.example",
            now - 2 * timedelta(hours=1),
            now + timedelta(minutes=30),
            4,
            "451 4.7.1 Greylisted, try again: <reader@slow.example>",
        )
    )


async def _take_in(opened: Opened, days: Sequence[date], chance: random.Random) -> None:
    known, number = 0, 0
    texts = list(_texts())
    for day in days:
        if day.weekday() >= 5 or chance.random() < 0.03:
            continue
        new, seen = chance.randint(14, 46), chance.randint(0, 9)
        number += 1
        fresh = [_paper(known + each, day, texts) for each in range(1, new + 1)]
        known += new
        at = datetime.combine(day, time(6, 30), UTC)
        listed = replace(intake(number, new, known, seen, day), at=at)
        await opened.binding.expect(number)
        await opened.papers.take_in(listed, fresh, {})


def _texts() -> Iterator[Paper]:
    for file in sorted(SEEDS.glob("*.txt")):
        for each in forms.read(seed(file.stem), None).listings:
            yield paper(1, each.title, each.abstract)


def _paper(number: int, day: date, texts: Sequence[Paper]) -> Paper:
    like = texts[number % len(texts)]
    return paper(number, like.title, like.abstract, day)


def _fill(
    connection: Connection, days: Sequence[date], now: datetime, readers: int,
    more: Sequence[str], chance: random.Random,
) -> None:  # fmt: skip
    many(connection, insert(papers), [rows.paper_values(paper(1))])
    many(connection, insert(people), list(_people(readers, more, chance)))
    mails = list(_mails(days, now, readers, chance))
    many(connection, insert(delivery), mails)
    many(connection, insert(attempt), list(_attempts(mails, chance)))
    many(connection, insert(suppression), list(_suppressed(days, chance)))
    many(connection, insert(asks), list(_asks(days, now, chance)))


def _people(readers: int, more: Sequence[str], chance: random.Random) -> Iterator[Values]:
    numbers = count(1)
    for number in (next(numbers) for _ in range(readers)):
        own = {QUERIES[int(len(QUERIES) * chance.random() ** 2)] for _ in range(3)}
        rules = [*sorted(own), *more, *([BROKEN] if number % 40 == 0 else [])]
        yield _person(number, SubscriberState.ACTIVE, rules)
    for state, those in STATES:
        for number in (next(numbers) for _ in range(those)):
            yield _person(number, state, ["physics"])


def _person(number: int, state: SubscriberState, rules: Sequence[str]) -> Values:
    who = subscriber(*rules, address=f"r{number}@d{number % 50}.example", number=number)
    values = rows.subscriber_values(replace(who, state=state))
    return values | {"id": number, "address_hash": f"{number:064x}"}


def _mails(
    days: Sequence[date], now: datetime, readers: int, chance: random.Random
) -> Iterator[Values]:
    ids = count(1)
    for at, day in enumerate(days):
        if day.weekday() >= 5 and day != now.date():
            continue
        outage = 0.3 if at == len(days) - 9 else 0.0
        there = int(readers * (0.7 + 0.3 * at / len(days)))
        for number in range(1, there + 1):
            if chance.random() < 0.12:
                continue
            state = _state(chance, outage, is_today=day == now.date())
            yield _mail(next(ids), number, day, state, now)


def _state(chance: random.Random, outage: float, *, is_today: bool) -> DeliveryState:
    drawn = chance.random()
    if is_today and drawn < 0.09:
        return DeliveryState.DEFERRED if drawn < 0.05 else DeliveryState.PLANNED
    if drawn < outage:
        return DeliveryState.SUPERSEDED
    usual = ((0.985, DeliveryState.FAILED), (0.981, DeliveryState.EXPIRED),
             (0.978, DeliveryState.CANCELLED), (0.977, DeliveryState.UNCERTAIN))  # fmt: skip
    return next((state for least, state in usual if drawn > least), DeliveryState.SENT)


def _mail(id_: int, number: int, day: date, state: DeliveryState, now: datetime) -> Values:
    at = min(datetime.combine(day, time(7), UTC), now)
    plan = plan_for(subscriber(number=number), pick(1), day=day, now=at)
    assert plan.digest
    due = at if state in (DeliveryState.PLANNED, DeliveryState.DEFERRED) else None
    held = due is not None and id_ % 11 == 0
    values = rows.delivery_values(plan, plan.digest)
    return values | {
        "id": id_,
        "state": state.value,
        "due_at": due,
        "held": held,
    }


_TRIED = {
    DeliveryState.SENT: "250 2.0.0 Ok",
    DeliveryState.DEFERRED: "451 4.7.1 later",
    DeliveryState.FAILED: "550 5.1.1 <r1@d1.example> unknown",
    DeliveryState.UNCERTAIN: "the connection ended",
}


def _attempts(mails: Sequence[Values], chance: random.Random) -> Iterator[Values]:
    for mail in mails:
        state = DeliveryState(mail["state"])
        if state in _TRIED:
            yield _attempt(mail, state)
        if chance.random() < 0.02:
            yield _attempt(mail, DeliveryState.DEFERRED)


def _attempt(of: Values, state: DeliveryState) -> Values:
    return {
        "delivery": of["id"], "at": of["planned_at"], "state": state.value, "server": "mx:587",
        "reply": _TRIED[state],
    }  # fmt: skip


def _suppressed(days: Sequence[date], chance: random.Random) -> Iterator[Values]:
    numbers = count(1)
    reasons = (Reason.BOUNCES, Reason.BOUNCES, Reason.COMPLAINT, Reason.OPERATOR, Reason.ERASED)
    for day in days:
        for _ in range(max(0, chance.randint(-2, 3))):
            number = next(numbers)
            yield {
                "address_hash": f"{number:064x}", "address": f"gone{number}@d.example",
                "reason": chance.choice(reasons).value,
                "at": datetime.combine(day, time(9), UTC), "note": "",
            }  # fmt: skip


def _asks(days: Sequence[date], now: datetime, chance: random.Random) -> Iterator[Values]:
    numbers = count(1)
    for day in days:
        for _ in range(chance.randint(0, 9)):
            at = min(datetime.combine(day, time(9), UTC), now)
            bare = replace(ask(next(numbers), at=at), wanted=None, address="")
            yield rows_asks.ask_values(replace(bare, state=AskState.CONFIRMED, confirmed_at=at))
    for back in range(14):
        yield rows_asks.ask_values(ask(next(numbers), at=now - back * timedelta(hours=3)))
