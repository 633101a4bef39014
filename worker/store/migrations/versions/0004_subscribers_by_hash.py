"""Whom the suppression list means is found without reading everybody."""

from __future__ import annotations

from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """An index on what a subscriber is known by there."""
    op.create_index(op.f("ix_subscriber_address_hash"), "subscriber", ["address_hash"])
