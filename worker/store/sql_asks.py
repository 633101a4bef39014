"""What becomes of somebody's asks when he leaves, moves or is forgotten, in SQL."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Connection, delete, or_, select, update

from worker.asks import AskState
from worker.model import Subscriber
from worker.store.engine import fetch
from worker.store.rows import address_key
from worker.store.schema import ask
from worker.store.sql_listed import hash_of

OPEN = (AskState.NEW, AskState.MAILED)


def close(connection: Connection, who: Subscriber) -> None:
    """Nothing comes any more of what he asked for, or somebody asked for his address.

    Of the latter only those are looked for that nobody acted on yet: others name him.
    """
    his = _names(who)
    query = select(ask.c.number, ask.c.address, his.label("his"))
    waits, mailed = ask.c.state == AskState.NEW, ask.c.state == AskState.MAILED
    found = fetch(connection, query.where(waits | (mailed & his)))
    key = address_key(who.address)  # databases do not compare case as we do
    numbers = [row["number"] for row in found if row["his"] or address_key(row["address"]) == key]
    its = ask.c.number.in_(numbers)
    connection.execute(update(ask).where(its).values(state=AskState.CLOSED))


def close_moves(connection: Connection, who: Subscriber) -> None:
    """He moves nowhere: whoever had his link, and asked for it, has it no more."""
    his = (ask.c.mover == who.uid) & ask.c.state.in_(OPEN)
    connection.execute(update(ask).where(his).values(state=AskState.CLOSED))


def forget(connection: Connection, who: Subscriber) -> None:
    """As if he had never asked."""
    connection.execute(delete(ask).where(_names(who)))


def forget_address(connection: Connection, hash_: str) -> bool:
    """As if nobody had ever asked for the address of that hash. False if nobody did."""
    query = select(ask.c.number, ask.c.address).where(ask.c.address != "")
    found = fetch(connection, query)
    its = [row["number"] for row in found if hash_of(connection, row["address"]) == hash_]
    connection.execute(delete(ask).where(ask.c.number.in_(its)))
    return bool(its)


def _names(who: Subscriber) -> ColumnElement[bool]:
    return or_(ask.c.subscriber == who.id, ask.c.mover == who.uid)
