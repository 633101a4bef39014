"""Subscribers, deliveries, their papers, and the paper log they belong to."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
instant = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the first tables."""
    _subscriber()
    _delivery()
    op.create_table(
        "paper",
        sa.Column("number", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_paper")),
    )
    op.create_table(
        "meta",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_meta")),
    )


def _subscriber() -> None:
    op.create_table(
        "subscriber",
        sa.Column("id", number, nullable=False),
        sa.Column("uid", sa.BigInteger(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("address_key", sa.Text(), nullable=False),
        sa.Column("schedule", sa.Text(), nullable=False),
        sa.Column("timezone", sa.Text(), nullable=False),
        sa.Column("rules", sa.Text(), nullable=False),
        sa.Column("created_at", instant, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("paused_until", sa.Date()),
        sa.Column("when_empty", sa.Text(), nullable=False),
        sa.Column("max_papers", sa.Integer(), nullable=False),
        sa.Column("cursor_paper", sa.BigInteger(), nullable=False),
        sa.Column("cursor_intake", sa.BigInteger(), nullable=False),
        sa.Column("held_over", sa.Text(), nullable=False),
        sa.Column("last_slot", sa.Date()),
        sa.Column("from_file", sa.Boolean(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subscriber")),
        sa.CheckConstraint(
            "state IN ('pending', 'active', 'unlisted', 'removed', 'unsubscribed', 'suppressed')",
            name=op.f("ck_subscriber_state"),
        ),
        sa.CheckConstraint(
            "when_empty IN ('skip', 'say so')", name=op.f("ck_subscriber_when_empty")
        ),
        sa.UniqueConstraint("uid", name=op.f("uq_subscriber_uid")),
        sa.UniqueConstraint("address_key", name=op.f("uq_subscriber_address_key")),
        sqlite_autoincrement=True,
    )


def _delivery() -> None:
    op.create_table(
        "delivery",
        sa.Column("id", number, nullable=False),
        sa.Column("subscriber", sa.BigInteger(), nullable=False),
        sa.Column("slot", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("picks", sa.Text(), nullable=False),
        sa.Column("receipt", sa.Text(), nullable=False),
        sa.Column("notes", sa.Text(), nullable=False),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("planned_at", instant, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("due_at", instant),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("doubts", sa.Integer(), nullable=False),
        sa.Column("reply", sa.Text(), nullable=False),
        sa.Column("settled_at", instant),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery")),
        sa.UniqueConstraint("subscriber", "slot", name=op.f("uq_delivery_subscriber_slot")),
        sa.CheckConstraint(
            "state IN ('planned', 'sending', 'sent', 'deferred', 'failed', 'uncertain', "
            "'superseded', 'expired', 'cancelled')",
            name=op.f("ck_delivery_state"),
        ),
        sa.ForeignKeyConstraint(
            ["subscriber"], ["subscriber.id"], name=op.f("fk_delivery_subscriber")
        ),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_delivery_state"), "delivery", ["state"])
    op.create_index(
        op.f("ix_delivery_due_at"),
        "delivery",
        ["due_at"],
        sqlite_where=sa.text("due_at IS NOT NULL"),
        postgresql_where=sa.text("due_at IS NOT NULL"),
    )
