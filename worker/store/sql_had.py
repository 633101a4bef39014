"""Who was sent what: looked for in the digests themselves, as nothing else is kept of it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import date, datetime

from sqlalchemy import ColumnElement, Connection, or_, select

from worker.deliveries import DeliveryKind, DeliveryState
from worker.model import PaperNumber, PaperVersion, SubscriberId
from worker.sightings import Had
from worker.store import rows_digests, sql_plan
from worker.store.engine import fetch
from worker.store.schema import delivery

_SENT = (DeliveryState.SENT, DeliveryState.UNCERTAIN)
_NOT_SENT = tuple(state for state in DeliveryState if state not in _SENT)
_FEW = 50
_PATTERNS = 2

Whose = tuple[SubscriberId, PaperNumber]


def had(
    connection: Connection,
    subscribers: Collection[SubscriberId],
    papers: Collection[PaperNumber],
    since: datetime,
) -> dict[Whose, Had]:
    """Which of these were sent which of these papers first, in digests planned since then."""
    firsts: dict[Whose, tuple[date, PaperVersion]] = {}
    for whose, day, which in _found(connection, subscribers, papers, since):
        firsts.setdefault(whose, (day, which))
    kept = sql_plan.stored(connection, {which for _, which in firsts.values()})
    return {whose: Had(day, kept[which]) for whose, (day, which) in firsts.items()}


def _found(
    connection: Connection,
    subscribers: Collection[SubscriberId],
    papers: Collection[PaperNumber],
    since: datetime,
) -> Iterator[tuple[Whose, date, PaperVersion]]:
    of, wanted = frozenset(subscribers), frozenset(papers)
    if not of or not wanted:
        return
    query = (
        select(delivery.c.id, delivery.c.subscriber, delivery.c.day, delivery.c.picks)
        .where(_sent_to(of), delivery.c.kind == DeliveryKind.DIGEST)
        .where(delivery.c.planned_at >= since, _naming(wanted))
        .order_by(delivery.c.id)
    )
    for row in fetch(connection, query):
        if row["subscriber"] in of:
            for pick in rows_digests.picks_of(row):
                if pick.paper in wanted:
                    yield (row["subscriber"], pick.paper), row["day"], pick.which


def _sent_to(subscribers: Collection[SubscriberId]) -> ColumnElement[bool]:
    """For a few, the database goes through all that is theirs; else, all of that time."""
    if len(subscribers) > _FEW:
        return delivery.c.state.in_(_SENT)
    return delivery.c.subscriber.in_(sorted(subscribers)) & delivery.c.state.not_in(_NOT_SENT)


def _naming(papers: Collection[PaperNumber]) -> ColumnElement[bool]:
    """Whether picks may name one of these, as ``rows_digests.picks_text`` writes them.

    Told by their text, in the database: to read the picks of all that was sent in a month takes
    five times as long. Where a rule's name has the same signs, reading them tells. What is of other
    days is passed over by as few comparisons as can be: papers that came together have numbers that
    begin alike.
    """
    near = _any_of(_alike(papers))
    return near & _any_of(map(str, sorted(papers))) if len(papers) <= _FEW else near


def _any_of(numbers: Iterable[str]) -> ColumnElement[bool]:
    return or_(*(delivery.c.picks.like(f"%[{number},[%") for number in numbers))


def _alike(papers: Collection[PaperNumber]) -> list[str]:
    """The numbers with as few last digits left open as it takes for hardly any different ones."""
    texts = [str(number) for number in papers]
    longest = max(map(len, texts))
    blurred = ({_blurred(text, digits) for text in texts} for digits in range(longest + 1))
    return sorted(next(some for some in blurred if len(some) <= _PATTERNS or some == _open(texts)))


def _blurred(text: str, digits: int) -> str:
    return text[: max(0, len(text) - digits)].ljust(len(text), "_")


def _open(texts: Iterable[str]) -> set[str]:
    return {"_" * len(text) for text in texts}
