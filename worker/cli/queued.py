"""The queue as people and programs read it: a line for each delivery, or all there is of one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from itertools import chain
from typing import Any, assert_never

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from worker.core.moments import moment, span
from worker.core.plan import OUTSTANDING
from worker.core.waiting import braked, next_try, wait
from worker.core.ways import Ways, in_the_way
from worker.deliveries import (
    Attempt,
    Brake,
    Breaker,
    Delivery,
    DeliveryKind,
    DeliveryState,
)

HEAD = ("id", "subscriber", "digest", "state", "age", "tries", "next try")
REPLY = "the server's words"
GAP = "  "
_ADDRESS, _SHORTEST = HEAD.index("subscriber"), 16
_PAPERS_SHOWN = 10
_NUMBERS = frozenset({"id", "age", "tries"})
_MOST = (Brake.QUEUE, Brake.SERVER, Brake.DOMAIN)
_SHOWN = {DeliveryState.UNCERTAIN: "in doubt", DeliveryState.SENDING: "being sent"}


def state(one: Delivery) -> str:
    """Its state in words: what the operator holds back is held, whatever else it is."""
    if one.held and one.state in OUTSTANDING:
        return "held"
    return _SHOWN.get(one.state, one.state.value)


def what(one: Delivery) -> str:
    """The slot of a digest; an answer is one of many to a mail each."""
    return "answer" if one.kind is DeliveryKind.ANSWER else one.digest.slot.name


def show_all(
    console: Console,
    found: Sequence[Delivery],
    breakers: Sequence[Breaker],
    ways: Ways,
    now: datetime,
) -> None:
    """What keeps mail back, a line for each delivery, and how many there are of each state.

    The server's words stand below on a terminal, which is narrow, and beside in a pipe.
    """
    for breaker in in_order(breakers):
        console.print(Text(braked(breaker, now), style="bold"))
    narrow = console.is_terminal
    stopping = in_the_way(breakers, ways, now)
    rows = [HEAD, *(_cells(one, stopping, now) for one in found)]
    head, *lines = _aligned(rows, console.width)
    if found:
        console.print(Text(head.rstrip() if narrow else f"{head}  {REPLY}", style="dim"))
    for line, one in zip(lines, found, strict=True):
        console.print(Text((line if narrow else f"{line}  {one.reply}").rstrip()))
        if narrow and one.reply:
            words = Text(one.reply, style="dim")
            console.print(Padding(words, (0, 0, 0, head.index(HEAD[1])), expand=False))
    console.print(Text(summary(found)))


def in_order(breakers: Sequence[Breaker]) -> list[Breaker]:
    """What stops most comes first."""
    return sorted(breakers, key=lambda each: _MOST.index(each.brake))


def summary(found: Sequence[Delivery]) -> str:
    """How many there are, by state."""
    if not found:
        return "Nothing waits."
    waiting = all(one.state in OUTSTANDING for one in found)
    counts = Counter(map(state, found))
    by_state = " · ".join(f"{number} {name}" for name, number in counts.items())
    return f"{len(found)} {_noun(len(found), waiting=waiting)}: {by_state}"


def told(
    one: Delivery, attempts: Sequence[Attempt], breakers: Sequence[Breaker], now: datetime
) -> str:
    """All there is of one delivery."""
    lines = [
        f"delivery {one.id}: {one.kind.value} {one.digest.slot.name} to {one.address}",
        f"  state       {state(one)}",
        f"  planned     {moment(one.planned_at, now)}, {span(now - one.planned_at)} ago",
        f"  Message-ID  {one.message_id}",
    ]
    if one.state in OUTSTANDING:
        waits = wait(one, breakers, now)
        lines.insert(2, f"  next try    {next_try(waits, now)}")
        if waits.reply and waits.reply != one.reply:
            lines.insert(3, f"  waits for   {waits.name}: {waits.reply}")
    if one.doubts:
        lines.append(f"  in doubt    {one.doubts}× it may have arrived")
    if one.small:
        lines.append("  size        a server found it too large, so it goes out small")
    lines += _tried(one, attempts)
    lines += _carried(one)
    return "\n".join(lines)


def dropped(one: Delivery) -> str:
    """What became of a delivery that was dropped, and of its papers."""
    count = len(one.digest.picks)
    papers = "paper comes" if count == 1 else "papers come"
    lost = f"; its {count} {papers} in no other mail" if count else ""
    return f"cancelled{lost}"


def ended(one: Delivery, *, comes_back: bool = False) -> str:
    """Why nothing is to be done about a delivery that does not wait."""
    papers = "; its papers come with his next digest" if comes_back else ""
    match one.state:
        case DeliveryState.SENT:
            return "sent already, and it goes out once only"
        case DeliveryState.SENDING:
            return "being sent at this very moment"
        case DeliveryState.FAILED:
            return f"failed for good{papers}"
        case DeliveryState.EXPIRED:
            return f"given up after its lifetime{papers}"
        case DeliveryState.SUPERSEDED:
            return "its papers went into a later digest of his"
        case DeliveryState.CANCELLED:
            return f"cancelled{papers}"
        case DeliveryState.PLANNED | DeliveryState.DEFERRED | DeliveryState.UNCERTAIN:
            return "changed at this very moment; look again"
        case _:
            assert_never(one.state)


def as_json(one: Delivery) -> dict[str, Any]:
    """The stable form of a delivery in ``queue list --json``."""
    return {
        "id": one.id,
        "subscriber": one.address,
        "kind": one.kind.value,
        "slot": one.digest.slot.name,
        "state": one.state.value,
        "held": one.held,
        "planned_at": one.planned_at.isoformat(),
        "due_at": one.due_at.isoformat() if one.due_at else None,
        "attempts": one.attempts,
        "doubts": one.doubts,
        "reply": one.reply,
        "message_id": one.message_id,
        "papers": [pick.paper for pick in one.digest.picks],
    }


def breaker_json(one: Breaker) -> dict[str, Any]:
    """The stable form of what keeps mail back."""
    return {
        "brake": one.brake.value,
        "name": one.name,
        "since": one.since.isoformat(),
        "until": one.until.isoformat() if one.until else None,
        "failures": one.failures,
        "ours": one.ours,
        "reply": one.reply,
    }


def list_json(found: Sequence[Delivery], breakers: Sequence[Breaker]) -> dict[str, Any]:
    """The stable form of ``queue list --json``."""
    held = [one.since.isoformat() for one in breakers if one.brake is Brake.QUEUE]
    return {
        "held_since": held[0] if held else None,
        "breakers": [breaker_json(one) for one in breakers if one.brake is not Brake.QUEUE],
        "deliveries": [as_json(one) for one in found],
    }


def attempt_json(one: Attempt) -> dict[str, Any]:
    """The stable form of an attempt in ``queue show --json``."""
    return {
        "at": one.at.isoformat(),
        "server": one.server,
        "state": one.state.value,
        "reply": one.reply,
    }


def _cells(one: Delivery, breakers: Sequence[Breaker], now: datetime) -> tuple[str, ...]:
    tried = next_try(wait(one, breakers, now), now) if one.state in OUTSTANDING else ""
    age = span(now - one.planned_at)
    return str(one.id), one.address, what(one), state(one), age, str(one.attempts), tried


def _aligned(rows: Sequence[Sequence[str]], width: int) -> list[str]:
    """The rows as lines, their columns below each other, numbers to the right.

    Addresses are cut where the line would be too long else; ``queue show`` has them whole.
    """
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    over = sum(widths) + len(GAP) * (len(widths) - 1) - width
    widths[_ADDRESS] = max(widths[_ADDRESS] - max(over, 0), _SHORTEST)
    return [GAP.join(map(_cell, HEAD, row, widths)) for row in rows]


def _cell(name: str, text: str, width: int) -> str:
    whole = text if len(text) <= width else f"{text[: width - 1]}…"
    return whole.rjust(width) if name in _NUMBERS else whole.ljust(width)


def _noun(count: int, *, waiting: bool) -> str:
    if waiting:
        return "waits" if count == 1 else "wait"
    return "delivery" if count == 1 else "deliveries"


def _carried(one: Delivery) -> list[str]:
    if one.kind is DeliveryKind.ANSWER:
        return ["  says", *(f"    {line}" for line in one.digest.notes)]
    papers = [f"    {paper.number:>6}  {paper.title}" for paper in one.papers[:_PAPERS_SHOWN]]
    more = len(one.papers) - len(papers)
    return [
        f"  papers      {len(one.papers)}",
        *papers,
        *([f"            {more} more"] * bool(more)),
    ]


def _tried(one: Delivery, attempts: Sequence[Attempt]) -> list[str]:
    if not attempts:
        return ["  attempts    none yet" if not one.attempts else "  attempts    not on record"]
    lines = ((_attempt(each), f"      {each.reply}") for each in attempts)
    return [f"  attempts    {len(attempts)}", *chain.from_iterable(lines)]


def _attempt(one: Attempt) -> str:
    server = f" by {one.server}" if one.server else ""
    return f"    {one.at:%Y-%m-%d %H:%M:%S} UTC{server}: {_SHOWN.get(one.state, one.state.value)}"
