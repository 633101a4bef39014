"""How many asks are listened to (RELIABILITY, section 6)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType
from typing import Final

from worker.asks import Ask, Asked, AskState, Limit, Limits, Scope, Traces

ALIKE: Final[Mapping[Scope, Callable[[Traces], str]]] = MappingProxyType(
    {
        Scope.ALL: lambda traces: Scope.ALL if traces.domain else "",
        Scope.NETWORK: lambda traces: traces.network,
        Scope.ADDRESS: lambda traces: traces.address,
        Scope.DOMAIN: lambda traces: traces.domain,
    }
)
"""What two asks have in common that count together, in the order in which it is looked at: who is
told that the site is closed for everybody is told nothing about himself, and who comes too often
nothing about the address. Empty: known of nobody.
"""


def exceeded(traces: Traces, at: datetime, recent: Sequence[Asked], limits: Limits) -> Scope | None:
    """Which limit one more ask at this instant would exceed.

    Asks of just after it count as well: they come in at once, and clocks are set.
    """
    for scope, trace in ALIKE.items():
        mine = trace(traces)
        alike = [asked.at for asked in recent if mine and trace(asked.traces) == mine]
        if any(_is_full(limit, alike, at) for limit in limited(limits, scope)):
            return scope
    return None


def unheard(ask: Ask, met: Scope) -> Ask | None:
    """What is noted of an ask that met a limit: only that its network asked once more.

    Noting it takes the time that any ask does, so that time does not tell who else asked for that
    address. Nothing of one whose own network, or everybody together, asked too often.
    """
    if met in (Scope.ALL, Scope.NETWORK):
        return None
    bare = Traces("", ask.traces.network, "")
    return replace(
        ask, address="", wanted=None, traces=bare, network="", mover=None, state=AskState.CLOSED
    )


def moves_too_often(at: datetime, moves: Iterable[datetime], limits: Limits) -> bool:
    """Whether one who asked to move at these instants may not do so again now.

    Each time his present address is told: whoever had his link could have it mailed for ever.
    """
    before = list(moves)
    return any(_is_full(limit, before, at) for limit in limits.mover)


def limited(limits: Limits, scope: Scope) -> tuple[Limit, ...]:
    """The limits on that."""
    return {
        Scope.ADDRESS: limits.address,
        Scope.NETWORK: limits.network,
        Scope.DOMAIN: limits.domain,
        Scope.ALL: limits.all,
    }[scope]


def only(limits: Limits, scope: Scope) -> Limits:
    """The limits on that, and no others."""
    return replace(_NONE, **{scope.value: limited(limits, scope)})


_NONE: Final = Limits((), (), (), (), ())


def _is_full(limit: Limit, instants: Iterable[datetime], at: datetime) -> bool:
    return sum(abs(at - each) < limit.within for each in instants) >= limit.many
