"""How plans are committed: each whole or not at all, all in the caller's transaction."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, Insert, bindparam, insert, select, tuple_, update
from sqlalchemy.dialects import postgresql, sqlite

from worker.core.plan import SUPERSEDABLE
from worker.deliveries import DeliveryId, DeliveryKind, DeliveryState, Plan
from worker.model import Paper, PaperNumber, PaperVersion, SubscriberId, SubscriberState
from worker.store import rows
from worker.store.engine import BATCH, chunks, fetch, many
from worker.store.schema import delivery, paper, subscriber


def commit(connection: Connection, plans: Sequence[Plan], papers: Iterable[Paper]) -> list[Plan]:
    """Write those plans that still hold and give them; of the others nothing is written.

    Raises ValueError if a paper that they name is neither given nor stored.
    """
    taken: list[Plan] = []
    for batch in _batches(plans):
        standing = _standing(connection, batch)
        holding = [plan for plan in batch if standing.holds(plan)]
        _write(connection, holding, standing.domains)
        taken += holding
    _keep(connection, taken, papers)
    return taken


def stored(connection: Connection, wanted: Iterable[PaperVersion]) -> dict[PaperVersion, Paper]:
    """Those of the papers that are stored in that version."""
    found: dict[PaperVersion, Paper] = {}
    for some in chunks(sorted(wanted)):
        query = select(paper).where(tuple_(paper.c.number, paper.c.version).in_(some))
        papers = map(rows.paper, fetch(connection, query))
        found |= {paper.which: paper for paper in papers}
    return found


def versions(connection: Connection, numbers: Iterable[PaperNumber]) -> list[Paper]:
    """Every version of these papers that is stored: as first listed, then what it became."""
    found: list[Paper] = []
    for some in chunks(sorted(numbers)):
        query = select(paper).where(paper.c.number.in_(some))
        found += map(rows.paper, fetch(connection, query))
    return sorted(found, key=lambda each: (each.number, each.version != 1, each.version))


@dataclass(frozen=True, slots=True)
class _Standing:
    """What the plans of a batch meet: it stays so until the transaction ends."""

    versions: Mapping[SubscriberId, int]
    domains: Mapping[SubscriberId, str]
    slots: frozenset[tuple[SubscriberId, str]]
    waiting: frozenset[tuple[SubscriberId, DeliveryId]]

    def holds(self, plan: Plan) -> bool:
        """Whether the plan was made from what is so now."""
        return (
            self.versions.get(plan.subscriber) == plan.version
            and (plan.subscriber, plan.slot.name) not in self.slots
            and (plan.supersedes is None or (plan.subscriber, plan.supersedes) in self.waiting)
        )


def _standing(connection: Connection, batch: Sequence[Plan]) -> _Standing:
    active = (
        select(subscriber.c.id, subscriber.c.version, subscriber.c.domain)
        .where(subscriber.c.id.in_([plan.subscriber for plan in batch]))
        .where(subscriber.c.state == SubscriberState.ACTIVE)
        .order_by(subscriber.c.id)
        .with_for_update()
    )
    slot = tuple_(delivery.c.subscriber, delivery.c.slot)
    taken = select(delivery.c.subscriber, delivery.c.slot).where(
        slot.in_([(plan.subscriber, plan.slot.name) for plan in batch])
    )
    waiting = (
        select(delivery.c.subscriber, delivery.c.id)
        .where(
            delivery.c.id.in_([plan.supersedes for plan in batch if plan.supersedes is not None])
        )
        .where(delivery.c.state.in_(sorted(SUPERSEDABLE)), delivery.c.held.is_(False))
        .where(delivery.c.kind == DeliveryKind.DIGEST)
        .order_by(delivery.c.id)
        .with_for_update()
    )
    found = fetch(connection, active)
    return _Standing(
        versions={row["id"]: row["version"] for row in found},
        domains={row["id"]: row["domain"] for row in found},
        slots=frozenset((row["subscriber"], row["slot"]) for row in fetch(connection, taken)),
        waiting=frozenset((row["subscriber"], row["id"]) for row in fetch(connection, waiting)),
    )


def _write(
    connection: Connection, plans: Sequence[Plan], domains: Mapping[SubscriberId, str]
) -> None:
    many(
        connection,
        update(delivery)
        .where(delivery.c.id == bindparam("superseded"))
        .values(state=DeliveryState.SUPERSEDED, due_at=None),
        [{"superseded": plan.supersedes} for plan in plans if plan.supersedes is not None],
    )
    many(
        connection,
        insert(delivery),
        [
            rows.delivery_values(plan, plan.digest) | {"domain": domains[plan.subscriber]}
            for plan in plans
            if plan.digest
        ],
    )
    many(
        connection,
        update(subscriber).where(subscriber.c.id == bindparam("planned_for")),
        [rows.planned_values(plan) | {"planned_for": plan.subscriber} for plan in plans],
    )


def _keep(connection: Connection, plans: Iterable[Plan], papers: Iterable[Paper]) -> None:
    """Store what the plans name and is not yet stored."""
    given = {paper.which: paper for paper in papers}
    wanted = _named(plans)
    new = [rows.paper_values(given[which]) for which in sorted(wanted & given.keys())]
    many(connection, _insert_absent(connection), new)
    absent = wanted - given.keys()
    missing = absent - (stored(connection, absent)).keys()
    if missing:
        raise ValueError(f"planned, but never given: papers {sorted(missing)}")


def _batches(plans: Sequence[Plan]) -> Iterator[list[Plan]]:
    """In order, and in none of them anybody twice: so each plan meets what the last one left."""
    batch: list[Plan] = []
    met: set[SubscriberId] = set()
    for plan in plans:
        if plan.subscriber in met or len(batch) == BATCH:
            yield batch
            batch, met = [], set()
        batch.append(plan)
        met.add(plan.subscriber)
    yield batch


def _named(plans: Iterable[Plan]) -> set[PaperVersion]:
    named: set[PaperVersion] = set()
    for plan in plans:
        named |= plan.named
    return named


def _insert_absent(connection: Connection) -> Insert:
    """The one statement that the two databases have in common but SQLAlchemy does not."""
    if connection.dialect.name == "postgresql":
        return postgresql.insert(paper).on_conflict_do_nothing()
    return sqlite.insert(paper).on_conflict_do_nothing()
