"""What must hold in any weather, after each step and in the end."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from tests.crash.recipients import message_id, titles
from tests.storm.happening import World
from tests.storm.office import (
    ACTIVE,
    DOMAINS,
    PACES,
    SIZES,
    USUAL,
    Q,
)
from tests.storm.story import history
from tests.storm.weather import (
    BLAMES,
    GIVES_UP,
)
from worker.core.plan import OUTSTANDING
from worker.core.strikes import suppresses
from worker.deliveries import (
    Delivery,
    DeliveryId,
    DeliveryState,
    Strike,
)
from worker.model import Subscriber, SubscriberState
from worker.store.engine import fetch
from worker.store.schema import strike


class Watched(World):
    """A world, and what must hold in it."""

    async def check(self) -> None:
        """At rest."""
        if self.wrong:
            raise self.wrong[0]
        waiting = await self.ledger.deliveries(OUTSTANDING)
        assert not [each for each in waiting if each.state is DeliveryState.SENDING]
        going = Counter(
            each.subscriber
            for each in waiting
            if each.kind is Q and each.due_at and each.id not in self.forced
        )
        assert max(going.values(), default=0) <= 1, "two digests wait for one reader"
        await self.look_for_bounces()
        self.check_copies()
        self.check_pace()

    async def look_for_bounces(self) -> None:
        """What the ledger holds for come back: a DSN may have been noted right before a death."""
        for each in await self.ledger.deliveries([DeliveryState.FAILED]):
            if any(what.startswith("dsn") for _, what in self.witness.said[each.id]):
                self.bounced.add(each.id)

    def check_copies(self) -> None:
        fresh, self.looked_at = self.witness.taken[self.looked_at :], len(self.witness.taken)
        for _, _, message in fresh:
            if "@" not in message.mail_from:
                continue
            name = message_id(message)
            before = self.first.setdefault(name, message)
            self.shown.setdefault(name, titles(message))
            id_ = self.witness.of_message[name]
            small = self.witness.has_said(id_, "5.3.4")
            assert small or before.content == message.content, "the same bytes"
            assert before.rcpt_tos == message.rcpt_tos
            self.copies[name] += 1
            allowed = 1 + self.witness.doubts[id_]
            assert self.copies[name] <= allowed, f"delivery {id_}: {self.copies[name]} copies"
        seen: dict[tuple[str, str], str] = {}
        for name, message in self.first.items():
            if self.witness.of_message[name] in self.bounced:
                continue
            for title in self.shown[name]:
                which = message.rcpt_tos[0], title
                assert seen.setdefault(which, name) == name, f"{which} in two digests"

    def check_pace(self) -> None:
        for domain in DOMAINS:
            pace = PACES.get(domain, USUAL)
            assert self.witness.most[domain] <= pace.connections, f"{domain}: too many at a time"
        for name, size in SIZES.items():
            assert self.witness.most[name] <= size
        taken = self.witness.taken
        strict = [when for when, _, each in taken if each.rcpt_tos[0].endswith("@strict.edu")]
        assert busiest(strict, timedelta(hours=1)) <= 3 + self.excused["strict.edu"]
        slack = self.excused.total()
        ours = {name: [when for when, by, _ in taken if by == name] for name in SIZES}
        assert busiest(ours["a"], timedelta(hours=1)) <= 12 + slack
        assert busiest(ours["c"], timedelta(days=1)) <= 40 + slack

    async def check_end(self) -> None:
        """When nothing waits any more: each has what he is owed, nobody was blamed for nothing."""
        every = await self.ledger.deliveries(DeliveryState)
        got: defaultdict[str, set[int]] = defaultdict(set)
        for name, message in self.first.items():
            if self.witness.of_message[name] not in self.bounced:
                got[message.rcpt_tos[0]] |= {int(each.split()[1]) for each in self.shown[name]}
        excused: defaultdict[str, set[int]] = defaultdict(set)
        for each in every:
            if self.may_be_lost(each):
                excused[each.address] |= {pick.paper for pick in each.digest.owed}
            if each.message_id in self.first and each.id not in self.bounced:
                excused[each.address] |= {pick.paper for pick in each.digest.left}  # it says so
        for who in await self.people.everyone():
            if who.state is not ACTIVE or who.address in self.edited:
                continue
            rules = [rule.query for rule in who.rules]
            owed = {n for n, word in self.words.items() if "*" in rules or word in rules}
            # Who reads immediately has his next digest, with what came back, when a file comes.
            kept = {int(pick.paper) for pick in who.held_over}
            missing = owed - got[who.address] - excused[who.address] - kept
            if missing:
                told = await self.told_of(who, every)
                pytest.fail(f"{who.address} never got {sorted(missing)}\n{told}")
            assert got[who.address] <= owed
            twice = kept & got[who.address]
            assert not twice, f"{who.address} has {sorted(twice)} and would get them again"
        await self.check_strikes(every)

    async def told_of(self, who: Subscriber, every: Iterable[Delivery]) -> str:
        his = [each for each in every if each.subscriber == who.id]
        attempts = [await self.record.attempts(each.id) for each in his]
        return history(who, zip(his, attempts, strict=True), self.witness.doubts, self.story)

    def may_be_lost(self, each: Delivery) -> bool:
        """Nobody is to blame if he does not get it: and each such reason is somebody else's word.

        The operator dropped it; it may have arrived; it was refused for itself, before or after a
        server took it.
        """
        id_ = each.id
        return (
            (id_ in self.dropped and each.state is DeliveryState.CANCELLED)
            or self.witness.doubts[id_] > 0
            or (each.state is DeliveryState.FAILED and self.witness.has_said(id_, *GIVES_UP))
        )

    async def check_strikes(self, every: Any) -> None:
        rows = await self.database.read(lambda c: fetch(c, select(strike)))
        answers = {each.id for each in every if each.kind is not Q}
        strikes: defaultdict[int, list[Strike]] = defaultdict(list)
        for row in rows:
            id_ = row["delivery"] if row["delivery"] not in answers else DeliveryId(0)
            blames = (*BLAMES, "dsn 5.1.1", "dsn 5.2.2", "dsn 4.4.7")
            told = self.witness.has_said(id_, *blames) or row["via"] == "expired"
            assert told, f"a strike for nothing: {dict(row)}"
            strikes[row["subscriber"]].append(
                Strike(row["at"], row["points"], row["via"], row["reply"])
            )
        for who in await self.people.everyone():
            if (
                who.state is SubscriberState.SUPPRESSED
                and who.address not in self.suppressed_by_hand
            ):
                his = strikes[who.id]
                assert any(suppresses(his, each.at) for each in his), f"{who.id}: no reason"

    async def check_attempts(self) -> None:
        """No spin: the attempts of a delivery within an hour."""
        for id_, said in self.witness.said.items():
            asked = [when for when, reply in said if not reply.startswith((".", "dsn"))]
            if id_ and id_ not in self.forced:
                assert busiest(asked, timedelta(hours=1)) <= 14 + self.deaths, f"{id_}: {asked}"


def busiest(instants: list[datetime], span: timedelta) -> int:
    """The most of them within any such span."""
    ordered = sorted(instants)
    return max((sum(one <= each < one + span for each in ordered) for one in ordered), default=0)
