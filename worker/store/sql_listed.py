"""Looking into the suppression list, in the caller's transaction."""

from __future__ import annotations

from sqlalchemy import Connection, func, select

from worker.deliveries import Suppression
from worker.model import Refused
from worker.store import rows_kept
from worker.store.address_hash import SALT, address_hash
from worker.store.engine import fetch
from worker.store.schema import meta, suppression


def hash_of(connection: Connection, address: str) -> str:
    """What that address is known by. Raises Refused if the list could not be looked into."""
    salt = connection.scalar(select(meta.c.value).where(meta.c.key == SALT))
    if not salt:  # with another one, nobody would be found on the list
        raise Refused("ledger: the salt of the suppression list is missing; restore a backup")
    return address_hash(salt, address)


def reserve(connection: Connection, hash_: str) -> None:
    """Until this is committed nobody else puts that address on the list, or on the other list.

    Else the one would not see what the other is about to write. SQLite's writers queue up anyhow.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(hash_, 0))))


def entry(connection: Connection, hash_: str) -> Suppression | None:
    """The entry under that hash."""
    query = select(suppression).where(suppression.c.address_hash == hash_)
    found = fetch(connection, query)
    return rows_kept.suppression(found[0]) if found else None
