"""Keys of other systems, and what their requests were answered with."""

import sqlalchemy as sa
from alembic import op

from voicebot.records.columns import UtcTime

revision = "0018"
down_revision: str | None = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "api_keys",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("hashed", sa.Text, nullable=False),
        sa.Column("scopes", sa.Text, nullable=False),
        sa.Column("made_at", UtcTime, nullable=False),
        sa.Column("made_by", sa.Text, nullable=False),
        sa.Column("used_at", UtcTime),
        sa.Column("revoked_at", UtcTime),
    )
    op.create_table(
        "answered_requests",
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("fingerprint", sa.Text, nullable=False),
        sa.Column("call_id", sa.Text, nullable=False, index=True),
        sa.Column("status", sa.Integer, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.Column("at", UtcTime, nullable=False, index=True),
    )
