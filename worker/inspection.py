"""What is to be said of an installation at this moment, looked up in its stores."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from worker.core.agenda import agenda
from worker.core.plan import OUTSTANDING
from worker.core.standing import Standing
from worker.core.ways import SPAN, spent
from worker.deliveries import Delivery, DeliveryState
from worker.model import Intake, SubscriberState
from worker.opened import Opened
from worker.store import ballast
from worker.turns import daemon_runs
from worker.ways import ways

DAY = timedelta(days=1)
LATELY = timedelta(minutes=15)
MOST_FAILED = 3
WORTH_TELLING = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Found:
    """What was found in the stores."""

    counts: dict[str, int]
    standing: Standing
    newest: Intake | None
    failed: Sequence[Delivery]


async def inspected(opened: Opened, now: datetime) -> Found:
    """How it stands now. Raises Refused if a store cannot be read."""
    settings = opened.settings
    end = await opened.papers.end()
    everyone = await opened.subscribers.everyone()
    active = sum(who.state is SubscriberState.ACTIVE for who in everyone)
    counts = {"papers": int(end.paper), "files": end.intake}
    counts |= {"subscribers": len(everyone), "active": active}
    counts |= await opened.ledger.counts()
    intakes = await opened.papers.intakes(max(0, end.intake - 1))
    outstanding = await opened.ledger.deliveries(OUTSTANDING)
    failed = await opened.ledger.deliveries([DeliveryState.FAILED], since=now - WORTH_TELLING)
    handed_over = await opened.record.handed_over(now - SPAN)
    newest = intakes[-1] if intakes else None
    came = newest.at if newest else None
    inbox, data = settings.inbox, settings.data
    standing = Standing(
        now=now,
        agenda=agenda(everyone, {one.subscriber for one in outstanding}, end, came, now),
        newest=came,
        outstanding=tuple(outstanding),
        breakers=tuple(await opened.holds.breakers()),
        running=daemon_runs(data),
        refused=tuple(one for one in failed if one.planned_at > now - DAY),
        taken=sum(one.count for one in handed_over),
        reached=spent(ways(settings), handed_over, now),
        moving=any(one.at > now - LATELY for one in handed_over),
        missing="" if inbox.is_dir() else str(inbox),
        full=str(data) if shutil.disk_usage(data).free < ballast.SIZE else "",
    )
    return Found(counts, standing, newest, failed[-MOST_FAILED:])
