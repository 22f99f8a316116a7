"""Messages to people outside and what they answer; who wants none."""

import sqlalchemy as sa
from alembic import op

from voicebot.records.columns import RowId, UtcTime

revision = "0022"
down_revision: str | None = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "messages",
        sa.Column("id", RowId, primary_key=True),
        sa.Column("name", sa.Text, nullable=False, unique=True),
        sa.Column("incoming", sa.Boolean, nullable=False),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("sender", sa.Text, nullable=False),
        sa.Column("person", sa.Text),
        sa.Column("customer", sa.Text),
        sa.Column("call_id", sa.Text),
        sa.Column("news", sa.BigInteger),
        sa.Column("wrapped_key", sa.LargeBinary),
        sa.Column("sealed", sa.LargeBinary),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("at", UtcTime, nullable=False),
        sa.Column("due_at", UtcTime),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("owner", sa.Text),
        sa.Column("leased_until", UtcTime),
        sa.Column("sid", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("changed_at", UtcTime, nullable=False),
        sa.UniqueConstraint("news", "channel", name="messages_of_news"),
        sqlite_autoincrement=True,
    )
    op.create_index("messages_due", "messages", ["due_at"])
    op.create_index("messages_by_person", "messages", ["person", "id"])
    op.create_index("messages_by_customer", "messages", ["customer"])
    op.create_index("messages_by_call", "messages", ["call_id"])
    op.create_index("messages_by_state", "messages", ["state", "id"])
    op.create_table(
        "opt_outs",
        sa.Column("person", sa.Text, primary_key=True),
        sa.Column("sender", sa.Text, primary_key=True),
        sa.Column("at", UtcTime, nullable=False),
    )
