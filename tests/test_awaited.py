"""What somebody waits for goes out while a digest run is going on; who leaves does not wait."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.desk import ADDRESS, COMPOSER, MORNING, desk
from tests.made import paper, pick
from tests.plain.ledger import PlainLedger
from tests.smtpd import MailServer
from tests.store.ledgers import KINDS, plan_for
from tests.test_pipeline import office, readers
from worker.deliveries import Plan
from worker.mailer.settings import SmtpSettings
from worker.mailer.smtp import SmtpMailer
from worker.model import Paper, SubscriberState
from worker.pipeline.deliver import Round
from worker.pipeline.plan import TOGETHER


class Held(MailServer):
    """Takes nothing until ``go_on`` is set; ``busy`` is, once it is asked to."""

    def __init__(self) -> None:
        super().__init__()
        self.busy = asyncio.Event()
        self.go_on = asyncio.Event()

    async def handle_RCPT(self, *arguments: Any) -> str:  # noqa: N802 - aiosmtpd's name
        self.busy.set()
        await self.go_on.wait()
        return await super().handle_RCPT(*arguments)


@pytest.mark.parametrize("kind", KINDS)
async def test_a_confirmation_goes_out_while_a_digest_run_is_going_on(
    kind: str, tmp_path: Path
) -> None:
    async with (
        Held() as server,
        SmtpMailer(SmtpSettings(host="127.0.0.1", port=server.port, tls="none")) as mailer,
        desk(kind, tmp_path) as here,
    ):
        ledger, people = here.stores.ledger, [await here.stores.join(n) for n in range(1, 9)]
        await ledger.plan([plan_for(who, pick(1), now=MORNING) for who in people], [paper(1)])
        here.later(minutes=1)
        round_ = Round(ledger, mailer, COMPOSER, here.clock, lambda: 0.0, asyncio.Event())
        going = asyncio.create_task(round_.deliver(1))
        await server.busy.wait()
        assert await here.ask() is None
        assert await here.signup.admit() == 1
        round_.stir()
        server.go_on.set()
        assert await going == {"sent": 9}
        first, second, third, *_ = (each.rcpt_tos[0] for each in server.messages)
        assert [first, second, third] == [people[0].address, ADDRESS, people[1].address]


class Overheard(PlainLedger):
    """Notes how many plans it is given at once; ``meanwhile`` happens after the first of them."""

    def __init__(self, *of: Any) -> None:
        super().__init__(*of)
        self.given: list[int] = []

    async def meanwhile(self) -> None:
        """Nothing, until a test says what."""

    async def plan(self, plans: Sequence[Plan], papers: Sequence[Paper]) -> Sequence[Plan]:
        self.given.append(len(plans))
        named = {which for each in plans for which in each.named}
        assert {paper.which for paper in papers} == named, "nothing is written that nobody is told"
        taken = await super().plan(plans, papers)
        if len(self.given) == 1:
            await self.meanwhile()
        return taken


async def test_who_leaves_while_others_are_planned_waits_for_a_few_of_them_only() -> None:
    day = await office(*readers(TOGETHER + 5))
    day.ledger = ledger = Overheard(day.book)

    async def leave() -> None:
        *_, last = await day.people.everyone()
        await day.people.change(replace(last, state=SubscriberState.UNSUBSCRIBED))

    ledger.meanwhile = leave  # type: ignore[method-assign]  # what happens meanwhile
    counts = await day.plan()
    assert ledger.given == [TOGETHER, 5]
    assert (counts["due"], counts["planned"]) == (TOGETHER + 5, TOGETHER + 4)
    assert len(await day.states()) == TOGETHER + 4


async def test_killed_between_two_parts_the_rest_is_planned_at_the_next_tick() -> None:
    day = await office(*readers(TOGETHER + 5))
    day.ledger = ledger = Overheard(day.book)

    async def die() -> None:
        raise KeyboardInterrupt

    ledger.meanwhile = die  # type: ignore[method-assign]  # what happens meanwhile
    with pytest.raises(KeyboardInterrupt):
        await day.plan()
    assert len(await day.states()) == TOGETHER
    assert (await day.plan())["planned"] == 5
    assert len(await day.states()) == TOGETHER + 5
