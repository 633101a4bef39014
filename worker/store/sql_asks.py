"""What becomes of somebody's asks when he leaves, moves or is forgotten, in SQL."""

from __future__ import annotations

from typing import Final

from sqlalchemy import ColumnElement, Connection, or_, select, update

from worker.asks import AskState
from worker.model import Subscriber
from worker.store.engine import fetch
from worker.store.rows import address_key
from worker.store.schema import ask
from worker.store.sql_listed import hash_of

OPEN = (AskState.NEW, AskState.MAILED)

_BARE: Final = {
    "state": AskState.CLOSED,
    "confirmed_at": None,
    "address": "",
    "wanted": "",
    "domain": "",
    "network": "",
    "subscriber": None,
    "mover": None,
}
"""All but the hashes that the limits count by: else whoever has himself erased could begin again to
have strangers mailed. They are gone in two days, as those of all that was not confirmed.
"""


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


def end_links(connection: Connection, who: Subscriber) -> None:
    """No confirmation that was mailed leads anywhere; what was confirmed stays so."""
    mailed = ask.c.state.in_((*OPEN, AskState.CONFIRMED))
    connection.execute(update(ask).where(_names(who), mailed).values(state=AskState.CLOSED))


def forget(connection: Connection, who: Subscriber) -> None:
    """Nothing is left of what he asked for but that somebody asked."""
    connection.execute(update(ask).where(_names(who)).values(_BARE))


def forget_address(connection: Connection, hash_: str) -> bool:
    """Nothing is left of what was asked for the address of that hash. False if nothing was."""
    query = select(ask.c.number, ask.c.address).where(ask.c.address != "")
    found = fetch(connection, query)
    its = [row["number"] for row in found if hash_of(connection, row["address"]) == hash_]
    connection.execute(update(ask).where(ask.c.number.in_(its)).values(_BARE))
    return bool(its)


def _names(who: Subscriber) -> ColumnElement[bool]:
    return or_(ask.c.subscriber == who.id, ask.c.mover == who.uid)
