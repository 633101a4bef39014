"""Which paper log the ledger belongs to, and what changes when that is another one.

The papers of a log that was lost keep their texts here, and digests and held-over lists go on
naming them; but the next log gives their numbers to other papers. So they get new ones first: below
0, where no log counts, in the same order.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from sqlalchemy import (
    Column,
    Connection,
    RowMapping,
    bindparam,
    func,
    insert,
    select,
    update,
)

from worker.core.plan import WAITING
from worker.deliveries import DeliveryState
from worker.model import Cursor, PaperNumber, Refused
from worker.store import rows_digests
from worker.store.engine import BATCH, fetch, many
from worker.store.schema import delivery, meta, paper, subscriber

_PAPER_LOG, _EXPECTED = "paper_log", "intake_expected"


def paper_log(connection: Connection) -> str | None:
    """The id of the paper log that the cursors belong to, None before the first."""
    return _noted(connection, _PAPER_LOG)


def expected(connection: Connection) -> int | None:
    """The number of the last intake that the log was about to write; None if never told."""
    noted = _noted(connection, _EXPECTED)
    try:
        return None if noted is None else int(noted)
    except ValueError:
        raise Refused("ledger: a row cannot be read; restore a backup") from None


def expect(connection: Connection, intake: int) -> None:
    """Remember that the log is about to write this intake."""
    _note(connection, _EXPECTED, str(intake))


def adopt(connection: Connection, log_id: str, end: Cursor | None) -> None:
    """Remember that log; with ``end``, move every cursor there and set its numbers free."""
    if end is not None:
        known = paper_log(connection)
        _set_free(connection, after=end.paper if known == log_id else PaperNumber(0))
        _move_cursors(connection, end)
        expect(connection, end.intake)
    _note(connection, _PAPER_LOG, log_id)


def skip(connection: Connection, end: Cursor) -> None:
    """Mail nothing of what came up to ``end``: not what waits, nor what is held over."""
    _move_cursors(connection, end)
    connection.execute(update(subscriber).values(held_over=rows_digests.picks_text(())))
    connection.execute(
        update(delivery)
        .where(delivery.c.state.in_(sorted(WAITING | {DeliveryState.SENDING})))
        .values(state=DeliveryState.CANCELLED, due_at=None)
    )
    expect(connection, end.intake)


def _noted(connection: Connection, key: str) -> str | None:
    found = fetch(connection, select(meta.c.value).where(meta.c.key == key))
    return str(found[0]["value"]) if found else None


def _note(connection: Connection, key: str, value: str) -> None:
    if _noted(connection, key) is None:
        connection.execute(insert(meta).values(key=key, value=value))
    else:
        connection.execute(update(meta).where(meta.c.key == key).values(value=value))


def _move_cursors(connection: Connection, end: Cursor) -> None:
    connection.execute(
        update(subscriber).values(
            cursor_paper=end.paper, cursor_intake=end.intake, version=subscriber.c.version + 1
        )
    )


def _set_free(connection: Connection, after: PaperNumber) -> None:
    """Give the papers stored beyond that number new numbers, wherever they are named."""
    lowest = connection.scalar(select(func.min(paper.c.number)))
    highest = connection.scalar(select(func.max(paper.c.number)))
    if lowest is None or highest is None or highest <= after:
        return
    shift = highest + 1 - min(lowest, 0)
    connection.execute(
        update(paper).where(paper.c.number > after).values(number=paper.c.number - shift)
    )
    for naming in _NAMING:
        _rename(connection, naming, after, shift)


@dataclass(frozen=True, slots=True)
class _Naming:
    """A column that names papers, under which name it is read, and how it is written again."""

    column: Column[str]
    name: str
    renamed: Callable[[RowMapping, Callable[[PaperNumber], PaperNumber]], str]


def _renamed_picks(row: RowMapping, number: Callable[[PaperNumber], PaperNumber]) -> str:
    return rows_digests.picks_text(
        replace(one, paper=number(one.paper)) for one in rows_digests.picks_of(row)
    )


def _renamed_mentions(row: RowMapping, number: Callable[[PaperNumber], PaperNumber]) -> str:
    return rows_digests.json_text(
        [replace(one, paper=number(one.paper)) for one in rows_digests.mentions_of(row)]
    )


_NAMING = (
    _Naming(delivery.c.picks, "picks", _renamed_picks),
    _Naming(delivery.c.rest, "picks", _renamed_picks),
    _Naming(delivery.c.removed, "picks", _renamed_picks),
    _Naming(delivery.c.mentions, "mentions", _renamed_mentions),
    _Naming(subscriber.c.held_over, "picks", _renamed_picks),
)


def _rename(connection: Connection, naming: _Naming, after: PaperNumber, shift: int) -> None:
    table, last = naming.column.table, 0
    query = (
        select(table.c.id, naming.column.label(naming.name))
        .order_by(table.c.id)
        .limit(BATCH)
        .with_for_update()
    )

    def number(old: PaperNumber) -> PaperNumber:
        return PaperNumber(old - shift * (old > after))

    while found := fetch(connection, query.where(table.c.id > last)):
        last = found[-1]["id"]
        many(
            connection,
            update(table)
            .where(table.c.id == bindparam("row"))
            .values({naming.column: bindparam("renamed")}),
            [{"row": row["id"], "renamed": naming.renamed(row, number)} for row in found],
        )
