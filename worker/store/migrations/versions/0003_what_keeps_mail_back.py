"""Attempts, strikes, the suppression list and breakers; what each subscriber is known by there."""

from __future__ import annotations

import secrets

import sqlalchemy as sa
from alembic import op

from worker.store.address_hash import SALT, address_hash

revision = "0003"
down_revision = "0002"

number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
instant = sa.DateTime(timezone=True)

_COLUMNS = (
    "subscriber ADD COLUMN domain TEXT DEFAULT '' NOT NULL",
    "subscriber ADD COLUMN address_hash TEXT DEFAULT '' NOT NULL",
    (
        "delivery ADD COLUMN kind TEXT DEFAULT 'digest' NOT NULL"
        " CONSTRAINT ck_delivery_kind CHECK (kind IN ('digest', 'answer'))"
    ),
    "delivery ADD COLUMN held BOOLEAN DEFAULT {no} NOT NULL",
    "delivery ADD COLUMN small BOOLEAN DEFAULT {no} NOT NULL",
    "delivery ADD COLUMN answers TEXT DEFAULT '' NOT NULL",
)


def upgrade() -> None:
    """Make the tables, and note of everybody what the new columns say."""
    no = "0" if op.get_bind().dialect.name == "sqlite" else "false"
    for column in _COLUMNS:
        op.execute(f"ALTER TABLE {column.format(no=no)}")
    op.add_column("delivery", sa.Column("waiting_since", instant))
    _attempt()
    _strike()
    _suppression()
    _breaker()
    _know_everybody()


def _know_everybody() -> None:
    connection = op.get_bind()
    salt = secrets.token_hex(16)
    note = sa.text("INSERT INTO meta (key, value) VALUES (:key, :value)")
    connection.execute(note, {"key": SALT, "value": salt})
    found = connection.execute(sa.text("SELECT id, address, state, created_at FROM subscriber"))
    for who, address, state, _ in found.all():
        known = sa.text(
            "UPDATE subscriber SET domain = :domain, address_hash = :hash WHERE id = :id"
        )
        domain, hash_ = address.rpartition("@")[2].lower(), address_hash(salt, address)
        connection.execute(known, {"domain": domain, "hash": hash_, "id": who})
        if state == "suppressed":
            listed = sa.text(
                "INSERT INTO suppression (address_hash, address, reason, at, note)"
                " SELECT address_hash, address, 'operator', created_at, 'before there was a list'"
                " FROM subscriber WHERE id = :id"
            )
            connection.execute(listed, {"id": who})


def _attempt() -> None:
    op.create_table(
        "attempt",
        sa.Column("id", number, nullable=False),
        sa.Column("delivery", sa.BigInteger(), nullable=False),
        sa.Column("at", instant, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("server", sa.Text(), nullable=False),
        sa.Column("reply", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attempt")),
        sa.ForeignKeyConstraint(["delivery"], ["delivery.id"], name=op.f("fk_attempt_delivery")),
    )
    op.create_index(op.f("ix_attempt_delivery"), "attempt", ["delivery"])
    op.create_index(op.f("ix_attempt_at"), "attempt", ["at"])


def _strike() -> None:
    op.create_table(
        "strike",
        sa.Column("delivery", sa.BigInteger(), nullable=False),
        sa.Column("via", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("subscriber", sa.BigInteger(), nullable=False),
        sa.Column("at", instant, nullable=False),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.Column("reply", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("delivery", "via", "day", name=op.f("pk_strike")),
        sa.ForeignKeyConstraint(["delivery"], ["delivery.id"], name=op.f("fk_strike_delivery")),
        sa.ForeignKeyConstraint(
            ["subscriber"], ["subscriber.id"], name=op.f("fk_strike_subscriber")
        ),
    )
    op.create_index(op.f("ix_strike_subscriber"), "strike", ["subscriber"])


def _suppression() -> None:
    op.create_table(
        "suppression",
        sa.Column("address_hash", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", instant, nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("address_hash", name=op.f("pk_suppression")),
        sa.CheckConstraint(
            "reason IN ('bounces', 'complaint', 'operator', 'erased')",
            name=op.f("ck_suppression_reason"),
        ),
    )


def _breaker() -> None:
    op.create_table(
        "breaker",
        sa.Column("brake", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("since", instant, nullable=False),
        sa.Column("until", instant),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("reply", sa.Text(), nullable=False),
        sa.Column("ours", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("brake", "name", name=op.f("pk_breaker")),
        sa.CheckConstraint("brake IN ('queue', 'server', 'domain')", name=op.f("ck_breaker_brake")),
    )
