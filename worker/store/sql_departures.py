"""A ledger that is older than what is said in ``gone.log``, brought up to date, in SQL."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection, select

from worker.deliveries import Reason, Suppression
from worker.model import SubscriberState
from worker.store import departures, sql_subscribers, sql_suppressions
from worker.store.departures import GONE, Said, Word
from worker.store.engine import Database, fetch
from worker.store.schema import subscriber, suppression

_STATE = {word: state for state, word in GONE.items()}


@dataclass(frozen=True, slots=True)
class _Apart:
    """Where the ledger and the file differ, by hash: who left, and what the file does not say."""

    left: Mapping[str, Word]
    unsaid: Mapping[str, Word]


async def follow(database: Database, at: datetime) -> int:
    """Have everybody be gone whom the file calls so, and the file say it of all who are.

    Gives how many were not gone here, which means that this ledger is from a backup. What waits
    for them is cancelled. Who came back by the file's last word, but is gone here, stays gone.
    """
    if database.departures is None:
        return 0
    await asyncio.to_thread(database.departures.ensure)
    apart = await database.read(_apart)
    if not apart.left and not apart.unsaid:
        return 0
    left = await database.write(lambda connection: _followed(connection, at), must=True)
    if left:
        await database.fold()  # for those who were erased
    return left


def _followed(connection: Connection, at: datetime) -> int:
    _alone(connection)
    apart = _apart(connection)  # as it is now
    for hash_, word in apart.unsaid.items():
        departures.say(connection, hash_, word)
    for hash_, word in apart.left.items():
        _leave(connection, hash_, word, at)
    return len(apart.left)


def _alone(connection: Connection) -> None:
    """Until this is committed nobody leaves or comes back. SQLite's writers queue up anyhow."""
    if connection.dialect.name == "postgresql":
        tables = f"{subscriber.name}, {suppression.name}"
        connection.exec_driver_sql(f"LOCK TABLE {tables} IN SHARE ROW EXCLUSIVE MODE")


def _apart(connection: Connection) -> _Apart:
    said = departures.every_word(connection)
    states = _states(connection)
    listed = _listed(connection)
    left = {
        hash_: each.word
        for hash_, each in said.items()
        if hash_ in states and _is_older(each, states[hash_], is_listed=hash_ in listed)
    }
    gone = {hash_: GONE[state] for hash_, state in states.items() if state in GONE}
    gone |= {hash_: word for hash_, word in listed.items() if states.get(hash_) in {None, *GONE}}
    unsaid = {hash_: word for hash_, word in gone.items() if not _is_gone(said.get(hash_))}
    return _Apart(left, unsaid)


def _is_older(said: Said, state: SubscriberState, *, is_listed: bool) -> bool:
    """Whether a ledger that knows him in that state is from before this was said."""
    if said.word is Word.BACK:
        return False
    if said.word is Word.SUPPRESSED:
        return state is not SubscriberState.SUPPRESSED and (state not in GONE or not is_listed)
    if said.word is Word.UNSUBSCRIBED and state is SubscriberState.PENDING:
        return False  # he asked to come back, and is not back before he confirms it
    return said.word is Word.ERASED or state not in GONE


def _is_gone(said: Said | None) -> bool:
    return said is not None and said.word is not Word.BACK


def _states(connection: Connection) -> Mapping[str, SubscriberState]:
    query = select(subscriber.c.address_hash, subscriber.c.state)
    found = fetch(connection, query.where(subscriber.c.address_hash != ""))
    return {row["address_hash"]: SubscriberState(row["state"]) for row in found}


def _listed(connection: Connection) -> Mapping[str, Word]:
    found = fetch(connection, select(suppression.c.address_hash, suppression.c.address))
    return {
        row["address_hash"]: Word.SUPPRESSED if row["address"] else Word.ERASED for row in found
    }


def _leave(connection: Connection, hash_: str, word: Word, at: datetime) -> None:
    who = sql_suppressions.with_hash(connection, hash_)
    if word is Word.ERASED:
        sql_suppressions.erase(connection, hash_, at)
    elif who and word is Word.SUPPRESSED:
        since = Suppression(who.address, Reason.OPERATOR, at, sql_suppressions.SINCE_THEN)
        sql_suppressions.suppress(connection, since)
    elif who:
        sql_subscribers.written(connection, replace(who, state=_STATE[word]))
