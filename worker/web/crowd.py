"""How many are connected at once, and who has to go when there is no room.

Whoever keeps us waiting goes first: so no number of slow or idle connections keeps others out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final, Protocol

from worker.core.host import plain


@dataclass(frozen=True, slots=True)
class Bounds:
    """Seconds until a request's ``head`` is complete, a connection ends that is ``idle``, an
    answer is ``taken`` by who asked, and one that is at its end ``lingers`` for what still comes;
    octets of a head; connections in all, and from one address.
    """

    head: float = 10.0
    idle: float = 5.0
    taken: float = 30.0
    lingers: float = 2.0
    head_octets: int = 16 * 1024
    connections: int = 200
    per_peer: int = 20


USUAL: Final = Bounds()


class Visitor(Protocol):
    """A connection, as far as the crowd is concerned."""

    waits_since: float | None
    """Since when we wait for the other side; None while the other side waits for us."""

    def leave(self) -> None:
        """Be gone at once."""


class Crowd:
    """All who are connected; ``is_trusted`` tells which addresses are proxies of ours."""

    def __init__(self, bounds: Bounds, is_trusted: Callable[[str], bool]) -> None:
        self._bounds = bounds
        self._is_trusted = is_trusted
        self._here: dict[Visitor, str] = {}

    def enter(self, visitor: Visitor, address: str) -> bool:
        """Let one in, at the cost of who keeps us waiting longest. Gives whether there is room."""
        from_there = _whose(address)
        same = [each for each, whose in self._here.items() if whose == from_there]
        is_full = len(same) >= self._bounds.per_peer and not self._is_trusted(address)
        if is_full and not self._make_room(same):
            return False
        if len(self._here) >= self._bounds.connections and not self._make_room(self._here):
            return False
        self._here[visitor] = from_there
        return True

    def leave(self, visitor: Visitor) -> None:
        """This one is gone, if he was here."""
        self._here.pop(visitor, None)

    def _make_room(self, among: Iterable[Visitor]) -> bool:
        waited_for = [each for each in among if each.waits_since is not None]
        if not waited_for:
            return False
        slowest = min(waited_for, key=lambda each: each.waits_since or 0.0)
        self.leave(slowest)
        slowest.leave()
        return True


def _whose(address: str) -> str:
    """One IPv6 reader has a whole /64 to himself."""
    found = plain(address)
    return found.exploded[:19] if found and found.version == 6 else str(found)
