"""What happened in a storm, in order, and all that is known of one reader: what a failure tells."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from worker.deliveries import Attempt, Delivery, DeliveryId
from worker.model import Pick, Subscriber


@dataclass(frozen=True, slots=True)
class Event:
    """``about``: the address or the delivery it is about, or nothing where it is about all."""

    at: datetime
    about: str | DeliveryId
    what: str


@dataclass
class Story:
    """Everything that happened, as far as it was noted. ``now`` is the storm's own clock."""

    now: Callable[[], datetime]
    events: list[Event] = field(default_factory=list)

    def tell(self, about: str | DeliveryId, what: str) -> None:
        """It happened now."""
        self.events.append(Event(self.now(), about, what))

    def of(self, address: str, deliveries: Iterable[DeliveryId]) -> Iterator[str]:
        """What was about him, about a delivery of his, or about everybody."""
        wanted = {"", address, *deliveries}
        for number, event in enumerate(self.events):
            if event.about in wanted:
                yield f"{number:6} {event.at:%m-%d %H:%M} {event.about or 'all'}: {event.what}"


def history(
    who: Subscriber,
    his: Iterable[tuple[Delivery, Iterable[Attempt]]],
    doubts: Counter[DeliveryId],
    story: Story,
) -> str:
    """A reader, each of his deliveries with its attempts, and what happened to them, by line."""
    lines = [
        f"{who.address} {who.state}, {who.schedule}, {[rule.query for rule in who.rules]}",
        f"  read to {who.cursor}, last slot {who.last_slot}, paused until {who.paused_until}",
        f"  at most {who.max_papers}, held over {numbers(who.held_over)}",
    ]
    known = []
    for each, attempts in his:
        known.append(each.id)
        digest = each.digest
        lines.append(
            f"  {each.id} {each.kind} {digest.slot.name} {each.state}: {numbers(digest.picks)}, "
            f"waiting {numbers(digest.waiting)}, left {numbers(digest.left)}, "
            f"doubts {each.doubts} (witnessed {doubts[each.id]}), due {each.due_at}, "
            f"planned {each.planned_at:%m-%d %H:%M}, {each.reply!r}"
        )
        lines += [f"      {one.at:%m-%d %H:%M} {one.state} {one.reply!r}" for one in attempts]
    return "\n".join([*lines, *story.of(who.address, known)])


def numbers(picks: Iterable[Pick]) -> list[int]:
    """The papers of these picks."""
    return [int(pick.paper) for pick in picks]
