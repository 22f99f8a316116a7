"""When scheduled reports are due."""

import sqlalchemy as sa
from alembic import op

from voicebot.records.columns import UtcTime

revision = "0017"
down_revision: str | None = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "report_runs",
        sa.Column("schedule", sa.Text, primary_key=True),
        sa.Column("due_at", UtcTime, nullable=False),
        sa.Column("ran_at", UtcTime),
        sa.Column("first", sa.Date),
        sa.Column("last", sa.Date),
        sa.Column("trouble", sa.Text, nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("owner", sa.Text),
        sa.Column("leased_until", UtcTime),
    )
