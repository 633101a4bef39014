"""Which paper log the ledger belongs to, and what changes when that is another one.

The papers of a log that was lost keep their texts here, and digests and held-over lists go on
naming them; but the next log gives their numbers to other papers. So they get new ones first: below
0, where no log counts, in the same order.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import Column, Connection, bindparam, func, insert, select, update

from worker.model import Cursor, PaperNumber, Pick
from worker.store import rows
from worker.store.engine import BATCH, fetch, many
from worker.store.schema import delivery, meta, paper, subscriber

_PAPER_LOG = "paper_log"


def paper_log(connection: Connection) -> str | None:
    """The id of the paper log that the cursors belong to, None before the first."""
    found = fetch(connection, select(meta.c.value).where(meta.c.key == _PAPER_LOG))
    return str(found[0]["value"]) if found else None


def adopt(connection: Connection, log_id: str, end: Cursor | None) -> None:
    """Remember that log; with ``end``, move every cursor there and set its numbers free."""
    known = paper_log(connection)
    if end is not None:
        _set_free(connection, after=end.paper if known == log_id else PaperNumber(0))
        _move_cursors(connection, end)
    if known is None:
        connection.execute(insert(meta).values(key=_PAPER_LOG, value=log_id))
    else:
        connection.execute(update(meta).where(meta.c.key == _PAPER_LOG).values(value=log_id))


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
    for names_papers in (delivery.c.picks, subscriber.c.held_over):
        _rename(connection, names_papers, after, shift)


def _rename(connection: Connection, column: Column[str], after: PaperNumber, shift: int) -> None:
    table, last = column.table, 0
    query = (
        select(table.c.id, column.label("picks"))
        .order_by(table.c.id)
        .limit(BATCH)
        .with_for_update()
    )
    while found := fetch(connection, query.where(table.c.id > last)):
        last = found[-1]["id"]
        renamed = [(row["id"], _renamed(rows.picks_of(row), after, shift)) for row in found]
        many(
            connection,
            update(table)
            .where(table.c.id == bindparam("row"))
            .values({column: bindparam("picks")}),
            [{"row": row, "picks": rows.picks_text(picks)} for row, picks in renamed],
        )


def _renamed(picks: Sequence[Pick], after: PaperNumber, shift: int) -> list[Pick]:
    return [
        replace(pick, paper=PaperNumber(pick.paper - shift * (pick.paper > after)))
        for pick in picks
    ]
