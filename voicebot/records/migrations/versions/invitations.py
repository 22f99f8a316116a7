"""Customers whom we ask for a conversation."""

import sqlalchemy as sa
from alembic import op

from voicebot.records.columns import UtcTime

revision = "0023"
down_revision: str | None = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "invitations",
        sa.Column("call_id", sa.Text, primary_key=True),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("queue", sa.Text, nullable=False),
        sa.Column("number", sa.Text),
        sa.Column("sealed", sa.LargeBinary),
        sa.Column("language", sa.Text, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("campaign", sa.Text, nullable=False),
        sa.Column("at", UtcTime, nullable=False, index=True),
        sa.Column("send_at", UtcTime, nullable=False),
        sa.Column("until", UtcTime, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
    )
    op.create_index("invitations_to_send", "invitations", ["state", "send_at"])
    op.create_index("invitations_by_number", "invitations", ["queue", "number"])
    once = sa.text("campaign <> ''")
    op.create_index(
        "invitations_of_campaign", "invitations", ["campaign", "number"], unique=True, sqlite_where=once, postgresql_where=once
    )
