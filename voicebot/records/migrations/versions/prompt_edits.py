"""Prompts that were changed on their page."""

import sqlalchemy as sa
from alembic import op

from voicebot.records.columns import UtcTime

revision = "0009"
down_revision: str | None = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "prompt_edits",
        sa.Column("language", sa.Text, primary_key=True),
        sa.Column("prompt_id", sa.Text, primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("at", UtcTime, nullable=False),
        sa.Column("content", sa.Text, nullable=False),
    )
