"""Callers who left the line to be called back."""

import sqlalchemy as sa
from alembic import op

from voicebot.records.columns import UtcTime

revision = "0005"
down_revision: str | None = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "callback_wishes",
        sa.Column("call_id", sa.Text, primary_key=True),
        sa.Column("queue", sa.Text, nullable=False),
        sa.Column("since", UtcTime, nullable=False),
        sa.Column("at", UtcTime, nullable=False),
        sa.Column("sealed", sa.LargeBinary),
        sa.Column("done_at", UtcTime, index=True),
        sa.Column("done_by", sa.Text, nullable=False),
    )
