"""Papers are kept in each version that was planned: a later file may complete one."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Let the papers so far be the first versions; digests that name no version mean those."""
    op.create_table(
        "paper_as_planned",
        sa.Column("number", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("version", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("number", "version", name=op.f("pk_paper_as_planned")),
    )
    op.execute("INSERT INTO paper_as_planned SELECT number, 1, document FROM paper")
    op.drop_table("paper")
