"""How much a digest shows and in which order; what it tells beside its papers."""

from __future__ import annotations

from alembic import op

revision = "0006"
down_revision = "0005"

_MANNER = (
    "abstracts TEXT DEFAULT 'full' NOT NULL",
    "ordering TEXT DEFAULT 'rules' NOT NULL",
    "related TEXT DEFAULT '' NOT NULL",
)
_OF_DELIVERIES = (
    *_MANNER,
    "removed TEXT DEFAULT '[]' NOT NULL",
    "mentions TEXT DEFAULT '[]' NOT NULL",
    "told TEXT DEFAULT '{}' NOT NULL",
)


def upgrade() -> None:
    """Add the columns; what was planned before tells nothing more than it did."""
    for table, columns in (("subscriber", _MANNER), ("delivery", _OF_DELIVERIES)):
        for column in columns:
            op.execute(f"ALTER TABLE {table} ADD COLUMN {column}")
