"""What is asked for on the site; how mail is written, which links hold, what a cap kept out."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

instant = sa.DateTime(timezone=True)

_MANNER = (
    "language TEXT DEFAULT 'en' NOT NULL",
    "plain BOOLEAN DEFAULT {no} NOT NULL",
    "epoch INTEGER DEFAULT '0' NOT NULL",
)
_OF_DELIVERIES = (*_MANNER, "ask BIGINT", "rest TEXT DEFAULT '[]' NOT NULL")
_KINDS_BEFORE = "kind IN ('digest', 'answer')"
_KINDS = "kind IN ('digest', 'answer', 'confirm', 'notice')"
_KIND = "ck_delivery_kind"


def upgrade() -> None:
    """Add the columns, let deliveries be of the new kinds, and make the table of asks."""
    sqlite = op.get_bind().dialect.name == "sqlite"
    for table, columns in (("subscriber", _MANNER), ("delivery", _OF_DELIVERIES)):
        for column in columns:
            no = "0" if sqlite else "false"
            op.execute(f"ALTER TABLE {table} ADD COLUMN {column.format(no=no)}")
    if sqlite:
        _allow_kinds()
    else:
        op.drop_constraint(op.f(_KIND), "delivery")
        op.create_check_constraint(op.f(_KIND), "delivery", _KINDS)
    op.drop_index(op.f("ix_delivery_state"), "delivery")
    counted = ["state", "kind", "planned_at"]  # so that what is old is not read for the figures
    op.create_index(op.f("ix_delivery_state_kind_planned_at"), "delivery", counted)
    _ask()


def _allow_kinds() -> None:
    """SQLite alters no constraint, but lets its text be changed where no row is touched by that.

    It is done so, as its page on ALTER TABLE says (the shorter way, for constraints), since the
    other way writes every delivery there ever was anew.
    """
    connection = op.get_bind()
    version = connection.scalar(sa.text("PRAGMA schema_version"))
    connection.execute(sa.text("PRAGMA writable_schema = ON"))
    changed = connection.execute(
        sa.text(
            "UPDATE sqlite_master SET sql = replace(sql, :before, :after)"
            " WHERE type = 'table' AND name = 'delivery' AND instr(sql, :before) > 0"
        ),
        {"before": _KINDS_BEFORE, "after": _KINDS},
    )
    if changed.rowcount != 1:
        raise RuntimeError("the constraint on the kinds of deliveries is not as it was made")
    connection.execute(sa.text(f"PRAGMA schema_version = {version + 1:d}"))
    connection.execute(sa.text("PRAGMA writable_schema = OFF"))


def _ask() -> None:
    op.create_table(
        "ask",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("at", instant, nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("wanted", sa.Text(), nullable=False),
        sa.Column("address_trace", sa.Text(), nullable=False),
        sa.Column("network_trace", sa.Text(), nullable=False),
        sa.Column("domain", sa.Text(), nullable=False),
        sa.Column("network", sa.Text(), nullable=False),
        sa.Column("form", sa.BigInteger(), nullable=False),
        sa.Column("mover", sa.BigInteger()),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("subscriber", sa.BigInteger()),
        sa.Column("confirmed_at", instant),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_ask")),
        sa.CheckConstraint("kind IN ('subscribe', 'link', 'move')", name=op.f("ck_ask_kind")),
        sa.CheckConstraint(
            "state IN ('new', 'mailed', 'confirmed', 'closed')", name=op.f("ck_ask_state")
        ),
        sa.UniqueConstraint("form", name=op.f("uq_ask_form")),
        sa.ForeignKeyConstraint(["subscriber"], ["subscriber.id"], name=op.f("fk_ask_subscriber")),
    )
    for column in ("at", "state", "subscriber", "address_trace", "network_trace"):
        op.create_index(op.f(f"ix_ask_{column}"), "ask", [column])
