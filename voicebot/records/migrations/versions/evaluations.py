"""Judgements of conversations."""

import sqlalchemy as sa
from alembic import op

from voicebot.records.columns import UtcTime

revision = "0007"
down_revision: str | None = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "evaluations",
        sa.Column("call_id", sa.Text, primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("agent", sa.Text, nullable=False, index=True),
        sa.Column("evaluator", sa.Text, nullable=False),
        sa.Column("at", UtcTime, nullable=False, index=True),
        sa.Column("score", sa.Integer),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.Column("seen_at", UtcTime),
        sa.Column("reply", sa.LargeBinary),
    )
