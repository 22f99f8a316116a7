"""What can be looked for of a call: one row each."""

import sqlalchemy as sa
from alembic import op

from voicebot.records.columns import UtcTime

revision = "0003"
down_revision: str | None = "0002"
branch_labels = None
depends_on = None

TEXTS = ("line", "queue", "language", "stage", "assurance", "agent", "wrap_up")
INDEXES = {
    "ix_interactions_started_at": ["started_at"],
    "interactions_by_customer": ["customer", "started_at"],
    "interactions_by_identifier": ["identifier", "started_at"],
    "interactions_by_queue": ["queued_at", "queue"],
    "interactions_by_agent": ["agent", "started_at"],
    "interactions_by_end": ["ended_at", "started_at"],
}


def upgrade() -> None:
    """Calls from before have no row; they are found by their journal."""
    op.create_table(
        "interactions",
        sa.Column("call_id", sa.Text, primary_key=True),
        sa.Column("started_at", UtcTime, nullable=False),
        *(sa.Column(name, UtcTime) for name in ("queued_at", "answered_at", "ended_at")),
        sa.Column("waited", sa.Float),
        *(sa.Column(name, sa.Text, nullable=False) for name in TEXTS),
        *(sa.Column(name, sa.Text) for name in ("ending", "customer", "identifier")),
        sa.Column("sealed", sa.LargeBinary),
    )
    for name, columns in INDEXES.items():
        op.create_index(name, "interactions", columns)
