"""Recordings of conversations."""

import sqlalchemy as sa
from alembic import op

from voicebot.records.columns import UtcTime

revision = "0006"
down_revision: str | None = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "call_recordings",
        sa.Column("sid", sa.Text, primary_key=True),
        sa.Column("call_id", sa.Text, nullable=False, index=True),
        sa.Column("started_at", UtcTime, nullable=False),
        sa.Column("delete_at", UtcTime, nullable=False),
        sa.Column("seconds", sa.Integer),
        sa.Column("deleted_at", UtcTime),
    )
