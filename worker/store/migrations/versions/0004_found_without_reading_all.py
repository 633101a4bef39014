"""What is avoided is passed over, and whom the suppression list means is found, unread."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

_DUE = sa.text("due_at IS NOT NULL")


def upgrade() -> None:
    """Note the domain of every delivery, in an index too; and index what subscribers hash to."""
    op.execute("ALTER TABLE delivery ADD COLUMN domain TEXT DEFAULT '' NOT NULL")
    op.execute(
        "UPDATE delivery SET domain ="
        " (SELECT domain FROM subscriber WHERE subscriber.id = delivery.subscriber)"
    )
    op.drop_index(op.f("ix_delivery_due_at"), "delivery")
    op.create_index(
        op.f("ix_delivery_due_at_id_domain"),
        "delivery",
        ["due_at", "id", "domain"],
        sqlite_where=_DUE,
        postgresql_where=_DUE,
    )
    op.create_index(op.f("ix_subscriber_address_hash"), "subscriber", ["address_hash"])
