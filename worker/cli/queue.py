"""``queue``: what waits, why, and what the operator makes of it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import click

from worker import opening
from worker.cli import queued
from worker.cli.place import Place, placed, say_json, terminal
from worker.clock import SystemClock
from worker.core.moments import moment
from worker.core.plan import OUTSTANDING, WAITING
from worker.core.waiting import Why, braked, next_try, wait
from worker.core.ways import in_the_way
from worker.deliveries import Brake, Breaker, Delivery, DeliveryId, DeliveryState
from worker.model import Refused
from worker.opened import Opened
from worker.turns import daemon_runs
from worker.ways import ways

HELD = "held"
BY_OPERATOR = "held by the operator"

Lines = tuple[list[str], list[str]]
"""What was done, and what was not and why."""

_ids = click.argument("ids", nargs=-1, type=click.IntRange(1, 2**63 - 1), metavar="ID…")
_some_ids = click.argument(
    "ids", nargs=-1, required=True, type=click.IntRange(1, 2**63 - 1), metavar="ID…"
)


@click.group()
@placed
@click.pass_context
def queue(context: click.Context, place: Place) -> None:
    """See what waits and why; try it again, hold it back, or drop it."""
    context.obj = place


@queue.command("list")
@click.option("--all", "all_", is_flag=True, help="Also what is settled: sent, failed and so on.")
@click.option(
    "--state",
    type=click.Choice([HELD, *(each.value for each in DeliveryState)]),
    help="Only these; `uncertain` is in doubt, `sending` is being sent.",
)
@click.option("--json", is_flag=True, help="Print as JSON.")
@placed
def list_(place: Place, all_: bool, state: str | None, json: bool) -> None:
    """What waits, oldest first: for whom, since when, its next try, the server's own words."""

    async def look(opened: Opened) -> tuple[Sequence[Delivery], Sequence[Breaker]]:
        found = await opened.ledger.deliveries(_wanted(state, all_=all_))
        chosen = [one for one in found if one.held] if state == HELD else found
        return chosen, await opened.holds.breakers()

    found, breakers = _beside(place, look)
    if json:
        say_json(queued.list_json(found, breakers))
        return
    now = SystemClock().now()
    queued.show_all(terminal(), found, breakers, ways(place.settings), now)


def _wanted(state: str | None, *, all_: bool) -> Iterable[DeliveryState]:
    if state is None or state == HELD:
        return DeliveryState if all_ else OUTSTANDING
    return [DeliveryState(state)]


@queue.command()
@click.argument("id_", type=click.IntRange(1, 2**63 - 1), metavar="ID")
@click.option("--json", is_flag=True, help="Print as JSON.")
@placed
def show(place: Place, id_: int, json: bool) -> None:
    """All there is of one delivery: its papers, its Message-ID, every attempt."""

    async def look(opened: Opened) -> tuple[Any, ...]:
        (one,) = await _named(opened, [id_])
        return one, await opened.record.attempts(one.id), await _stopping(opened)

    one, attempts, breakers = _beside(place, look)
    if json:
        tried = [queued.attempt_json(each) for each in attempts]
        say_json(queued.as_json(one) | {"tried": tried})
        return
    click.echo(queued.told(one, attempts, breakers, SystemClock().now()))


@queue.command()
@_ids
@click.option("--all", "all_", is_flag=True, help="All that waits; servers left alone are asked.")
@placed
def retry(place: Place, ids: tuple[int, ...], all_: bool) -> None:
    """Let them be due now, also those in doubt, which may so arrive twice."""
    if bool(ids) is all_:
        raise click.UsageError("say either which (ID…) or --all")
    _act(place, _retry_all if all_ else lambda opened: _retry(opened, ids))


@queue.command()
@_some_ids
@placed
def drop(place: Place, ids: tuple[int, ...]) -> None:
    """Cancel them, without asking. Their papers come in no other mail."""

    async def dropped(opened: Opened) -> Lines:
        named = await _named(opened, ids)
        done = await opened.holds.drop([one.id for one in named], SystemClock().now())
        return _sorted(named, done, queued.dropped, queued.ended)

    _act(place, dropped, wakes=False)


@queue.command()
@_ids
@placed
def hold(place: Place, ids: tuple[int, ...]) -> None:
    """Keep them back until they are released; without ID, the whole queue."""

    async def held(opened: Opened) -> Lines:
        if not ids:
            return await _hold_queue(opened)
        named = await _named(opened, ids)
        done = await opened.holds.hold([one.id for one in named])
        return _sorted(named, done, _held_back, _held)

    _act(place, held, wakes=False)


@queue.command()
@_ids
@placed
def release(place: Place, ids: tuple[int, ...]) -> None:
    """Keep them back no longer; without ID, the whole queue."""

    async def released(opened: Opened) -> Lines:
        if not ids:
            return await _release_queue(opened)
        named = await _named(opened, ids)
        done = await opened.holds.release([one.id for one in named])
        return _sorted(named, done, lambda _: "released", _free)

    _act(place, released)


def _beside(place: Place, look: Callable[[Opened], Awaitable[Any]]) -> Any:
    """What somebody finds who looks, whether the daemon runs or not."""

    async def looked() -> Any:
        async with opening.beside(place.settings) as opened:
            return await look(opened)

    return asyncio.run(looked())


def _act(place: Place, act: Callable[[Opened], Awaitable[Lines]], *, wakes: bool = True) -> None:
    """Say what was done; Refused at the end if anything was not, with the reason for each."""
    done, refused = _beside(place, act)
    for line in done:
        click.echo(line)
    if done and wakes:
        runs = daemon_runs(place.settings.data)
        click.echo(
            "The daemon sees it within a minute."
            if runs
            else "No daemon runs here: `paperround send` delivers what is due."
        )
    for line in refused[:-1]:
        click.echo(f"paperround: {line}", err=True)
    if refused:
        raise Refused(refused[-1])


async def _stopping(opened: Opened) -> Sequence[Breaker]:
    known = await opened.holds.breakers()
    return in_the_way(known, ways(opened.settings), SystemClock().now())


async def _named(opened: Opened, ids: Iterable[int]) -> list[Delivery]:
    """The deliveries of these numbers, each once. Raises Refused if one is not there."""
    found = []
    for id_ in dict.fromkeys(ids):
        one = await opened.returns.delivery(DeliveryId(id_))
        if one is None:
            raise Refused(f"{id_}: no such delivery; see `paperround queue list --all`")
        found.append(one)
    return found


def _sorted(
    named: Sequence[Delivery],
    done: Iterable[DeliveryId],
    what: Callable[[Delivery], str],
    why_not: Callable[[Delivery], str],
) -> Lines:
    changed = set(done)
    return (
        [f"{one.id}: {what(one)}" for one in named if one.id in changed],
        [f"{one.id}: {why_not(one)}" for one in named if one.id not in changed],
    )


# --- retry


async def _retry(opened: Opened, ids: Iterable[int]) -> Lines:
    now = SystemClock().now()
    named = await _named(opened, ids)
    done = await opened.holds.retry([one.id for one in named], now)
    breakers = await _stopping(opened)
    back = {one.id for one in named if await _comes_back(opened, one)}

    def why_not(one: Delivery) -> str:
        held = one.held and one.state in WAITING
        first = f"held by you: `paperround queue release {one.id}` first"
        return first if held else queued.ended(one, comes_back=one.id in back)

    return _sorted(named, done, lambda one: _due(one, breakers, now), why_not)


async def _retry_all(opened: Opened) -> Lines:
    """Whoever was left alone is asked again too; a running daemon decides that for itself."""
    lines = []
    runs = daemon_runs(opened.settings.data)
    for breaker in await opened.holds.breakers():
        if breaker.brake is Brake.QUEUE:
            lines.append("the queue is held all the same: `paperround queue release`")
        elif runs:
            lines.append(braked(breaker, SystemClock().now()))
        elif await opened.holds.close(breaker.brake, breaker.name):
            lines.append(f"{breaker.name}: asked again")
    waiting = await opened.ledger.deliveries(WAITING)
    done = await opened.holds.retry([one.id for one in waiting], SystemClock().now())
    lines.append(f"{len(done)} due now")
    if held := sum(one.held for one in waiting):
        lines.append(f"{held} held by you, and left so")
    return lines, []


def _due(one: Delivery, breakers: Sequence[Breaker], now: datetime) -> str:
    waits = wait(replace(one, due_at=now), breakers, now)
    if waits.why is Why.QUEUE:
        return "due now, but the queue is held: `paperround queue release`"
    if waits.why in (Why.SERVER, Why.DOMAIN):
        return f"due now, but {waits.name} is not asked again until {next_try(waits, now)}"
    return "due now"


async def _comes_back(opened: Opened, one: Delivery) -> bool:
    """Whether papers of this delivery are held over for its subscriber."""
    who = await opened.returns.subscriber(one.uid)
    over = {pick.paper for pick in who.held_over} if who else set()
    return any(pick.paper in over for pick in one.digest.picks)


# --- hold and release


def _held_back(one: Delivery) -> str:
    return f"held until `paperround queue release {one.id}`"


def _held(one: Delivery) -> str:
    return "held already" if one.held and one.state in WAITING else queued.ended(one)


def _free(one: Delivery) -> str:
    return "is not held" if one.state in WAITING else queued.ended(one)


async def _hold_queue(opened: Opened) -> Lines:
    now = SystemClock().now()
    for breaker in await opened.holds.breakers():
        if breaker.brake is Brake.QUEUE:
            return [f"the queue is held already, since {moment(breaker.since, now)}"], []
    await opened.holds.open(Breaker(Brake.QUEUE, "", now, None, 0, BY_OPERATOR))
    return ["the queue is held: nothing goes out until `paperround queue release`"], []


async def _release_queue(opened: Opened) -> Lines:
    if not await opened.holds.close(Brake.QUEUE, ""):
        return [], ["the queue is not held"]
    waiting = await opened.ledger.deliveries(WAITING)
    lines = ["the queue is released"]
    if held := sum(one.held for one in waiting):
        lines.append(f"{held} held one by one, and left so: see `paperround queue list`")
    return lines, []
