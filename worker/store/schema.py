"""The tables of the subscribers and of the ledger, in the SQL that SQLite and PostgreSQL share."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    false,
)

from worker.asks import AskKind, AskState
from worker.deliveries import Brake, DeliveryKind, DeliveryState, Reason
from worker.model import SubscriberState, WhenEmpty

REVISION = "0006"
"""The newest migration: what ``metadata`` says is what they all make together."""

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)

Number = BigInteger().with_variant(Integer, "sqlite")  # only INTEGER is SQLite's own row id


class UtcDateTime(TypeDecorator[datetime]):
    """An instant: aware in, aware UTC out. A naive one is refused with ValueError."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant without a time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def _one_of(column: str, values: Iterable[str]) -> CheckConstraint:
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=column)


subscriber = Table(
    "subscriber",
    metadata,
    Column("id", Number, primary_key=True),
    Column("uid", BigInteger, nullable=False, unique=True),
    Column("address", Text, nullable=False),
    Column("address_key", Text, nullable=False, unique=True),
    Column("schedule", Text, nullable=False),
    Column("timezone", Text, nullable=False),
    Column("rules", Text, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("state", Text, nullable=False),
    Column("paused_until", Date),
    Column("when_empty", Text, nullable=False),
    Column("max_papers", Integer, nullable=False),
    Column("cursor_paper", BigInteger, nullable=False),
    Column("cursor_intake", BigInteger, nullable=False),
    Column("held_over", Text, nullable=False),
    Column("last_slot", Date),
    Column("from_file", Boolean, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("domain", Text, nullable=False, server_default=""),  # whose server takes his mail
    Column("address_hash", Text, nullable=False, server_default=""),  # as on the suppression list
    Column("language", Text, nullable=False, server_default="en"),
    Column("plain", Boolean, nullable=False, server_default=false()),
    Column("epoch", Integer, nullable=False, server_default="0"),
    Column("abstracts", Text, nullable=False, server_default="full"),
    Column("ordering", Text, nullable=False, server_default="rules"),
    Column("related", Text, nullable=False, server_default=""),
    _one_of("state", SubscriberState),
    _one_of("when_empty", WhenEmpty),
    sqlite_autoincrement=True,
)

Index(None, subscriber.c.address_hash)

delivery = Table(
    "delivery",
    metadata,
    Column("id", Number, primary_key=True),
    Column("subscriber", BigInteger, ForeignKey("subscriber.id"), nullable=False),
    Column("slot", Text, nullable=False),
    Column("day", Date, nullable=False),
    Column("picks", Text, nullable=False),
    Column("receipt", Text, nullable=False),
    Column("notes", Text, nullable=False),
    Column("message_id", Text, nullable=False),
    Column("planned_at", UtcDateTime, nullable=False),
    Column("state", Text, nullable=False),
    Column("due_at", UtcDateTime),
    Column("attempts", Integer, nullable=False),
    Column("doubts", Integer, nullable=False),
    Column("reply", Text, nullable=False),
    Column("settled_at", UtcDateTime),
    Column("kind", Text, _one_of("kind", DeliveryKind), nullable=False, server_default="digest"),
    Column("held", Boolean, nullable=False, server_default=false()),
    Column("small", Boolean, nullable=False, server_default=false()),
    Column("answers", Text, nullable=False, server_default=""),
    Column("waiting_since", UtcDateTime),
    Column("domain", Text, nullable=False, server_default=""),  # its subscriber's
    Column("language", Text, nullable=False, server_default="en"),
    Column("plain", Boolean, nullable=False, server_default=false()),
    Column("epoch", Integer, nullable=False, server_default="0"),
    Column("ask", BigInteger),
    Column("rest", Text, nullable=False, server_default="[]"),
    Column("abstracts", Text, nullable=False, server_default="full"),
    Column("ordering", Text, nullable=False, server_default="rules"),
    Column("related", Text, nullable=False, server_default=""),
    Column("removed", Text, nullable=False, server_default="[]"),
    Column("mentions", Text, nullable=False, server_default="[]"),
    Column("told", Text, nullable=False, server_default="{}"),  # of rules: trends, and the week
    UniqueConstraint("subscriber", "slot"),
    _one_of("state", DeliveryState),
    sqlite_autoincrement=True,
)

Index(None, delivery.c.state, delivery.c.kind, delivery.c.planned_at)  # what figures count
Index(
    None,
    delivery.c.due_at,  # of what waits only: all that was ever sent has no place in it
    delivery.c.id,
    delivery.c.domain,  # so that what is avoided is passed over without being read
    sqlite_where=delivery.c.due_at.is_not(None),
    postgresql_where=delivery.c.due_at.is_not(None),
)

paper = Table(
    "paper_as_planned",
    metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("document", Text, nullable=False),
)

attempt = Table(
    "attempt",  # every try at a delivery, for good
    metadata,
    Column("id", Number, primary_key=True),
    Column("delivery", BigInteger, ForeignKey("delivery.id"), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("state", Text, nullable=False),
    Column("server", Text, nullable=False),
    Column("reply", Text, nullable=False),
)

Index(None, attempt.c.delivery)
Index(None, attempt.c.at)

strike = Table(
    "strike",
    metadata,
    Column("delivery", BigInteger, ForeignKey("delivery.id"), primary_key=True),
    Column("via", Text, primary_key=True),
    Column("day", Date, primary_key=True),  # a mailbox that stays full counts once a day
    Column("subscriber", BigInteger, ForeignKey("subscriber.id"), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("points", Integer, nullable=False),
    Column("reply", Text, nullable=False),
)

Index(None, strike.c.subscriber)

suppression = Table(
    "suppression",
    metadata,
    Column("address_hash", Text, primary_key=True),
    Column("address", Text, nullable=False),  # empty once it was erased
    Column("reason", Text, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("note", Text, nullable=False),
    _one_of("reason", Reason),
)

breaker = Table(
    "breaker",
    metadata,
    Column("brake", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("since", UtcDateTime, nullable=False),
    Column("until", UtcDateTime),
    Column("failures", Integer, nullable=False),
    Column("reply", Text, nullable=False),
    Column("ours", Boolean, nullable=False),
    _one_of("brake", Brake),
)

ask = Table(
    "ask",
    metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("kind", Text, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("address", Text, nullable=False),
    Column("wanted", Text, nullable=False),  # the preferences as JSON, empty where there are none
    Column("address_trace", Text, nullable=False),
    Column("network_trace", Text, nullable=False),
    Column("domain", Text, nullable=False),
    Column("network", Text, nullable=False),  # cut short; empty once it is no longer kept
    Column("form", BigInteger, nullable=False, unique=True),
    Column("mover", BigInteger),  # the uid of a subscriber
    Column("state", Text, nullable=False),
    Column("subscriber", BigInteger, ForeignKey("subscriber.id")),
    Column("confirmed_at", UtcDateTime),
    _one_of("kind", AskKind),
    _one_of("state", AskState),
)

Index(None, ask.c.at)
Index(None, ask.c.state)
Index(None, ask.c.subscriber)
Index(None, ask.c.address_trace)  # or each of a flood of them would have a day's asks read
Index(None, ask.c.network_trace)

meta = Table(
    "meta",
    metadata,
    Column("key", Text, primary_key=True),
    Column("value", Text, nullable=False),
)
