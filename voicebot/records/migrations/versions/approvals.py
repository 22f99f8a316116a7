"""Approvals in customers' own apps."""

import sqlalchemy as sa
from alembic import op

from voicebot.records.columns import UtcTime

revision = "0014"
down_revision: str | None = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "approvals",
        sa.Column("call_id", sa.Text, primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("customer", sa.Text, nullable=False, unique=True),
        sa.Column("ping", sa.Text, nullable=False, index=True),
        sa.Column("effect_id", sa.BigInteger, nullable=False),
        sa.Column("at", UtcTime, nullable=False),
        sa.Column("until", UtcTime, nullable=False),
        sa.Column("pending", sa.Text, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
    )
